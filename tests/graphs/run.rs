//! One run of a graph. Its tasks report here, and the record is compared with the expected behaviour.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::generated::SEED;
use crate::oracle::{Expected, Failure, Task};

#[derive(Debug)]
pub(crate) struct Run {
    tasks: Vec<Task>,
    began: Instant,
    events: RefCell<Vec<Event>>,
    running: Cell<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Started { task: usize, at: u64 },
    Ended { task: usize, at: u64 },
}

/// Counts a task as running for as long as it exists.
struct Running<'r>(&'r Cell<usize>);

/// The value of a `for` task, which is that of its first item. The others follow in their order.
pub(crate) fn value_of_items(items: &[u64]) -> u64 {
    for (item, value) in (0..).zip(items) {
        assert_eq!(
            *value,
            items[0].wrapping_add(item),
            "the items are in order"
        );
    }
    items[0]
}

impl Run {
    pub(crate) fn new(tasks: Vec<Task>) -> Self {
        Run {
            tasks,
            began: Instant::now(),
            events: RefCell::default(),
            running: Cell::new(0),
        }
    }

    /// The body of a task that cannot fail, for the whole or for an item. The first item is the one that counts: the others
    /// end with it or before it.
    pub(crate) async fn work(&self, task: usize, item: Option<u64>, inputs: &[&u64]) -> u64 {
        let value = Task::value(task, inputs.iter().map(|input| **input));
        if let Some(item @ 1..) = item {
            let _running = Running::new(&self.running);
            sleep(Duration::from_millis(
                self.tasks[task].millis.saturating_sub(item),
            ))
            .await;
            return value.wrapping_add(item);
        }
        self.events.borrow_mut().push(Event::Started {
            task,
            at: self.now(),
        });
        let _running = Running::new(&self.running);
        let millis = self.tasks[task].millis;
        if millis > 0 {
            sleep(Duration::from_millis(millis)).await;
        }
        self.events.borrow_mut().push(Event::Ended {
            task,
            at: self.now(),
        });
        value
    }

    /// The body of a task that can fail, with its own place as the error.
    pub(crate) async fn attempt(
        &self,
        task: usize,
        item: Option<u64>,
        inputs: &[&u64],
    ) -> Result<u64, usize> {
        let value = self.work(task, item, inputs).await;
        if self.tasks[task].fails && item.unwrap_or(0) == 0 {
            Err(task)
        } else {
            Ok(value)
        }
    }

    /// Runs the graph, which yields all values in declaration order.
    pub(crate) async fn check<const COUNT: usize>(
        &self,
        graph: impl Future<Output = Result<[u64; COUNT], usize>>,
    ) {
        // The future outlives the outcome: what it has not dropped by then is still there.
        let mut graph = pin!(graph);
        let outcome = timeout(Duration::from_secs(60), graph.as_mut()).await;
        let outcome = outcome.unwrap_or_else(|_| panic!("the graph hangs, {self}"));
        assert_eq!(self.running.get(), 0, "tasks still run, seed {SEED}");
        let expected = Expected::of(&self.tasks);
        let starts = self.starts();
        for (task, start) in starts.iter().enumerate() {
            let expected = expected.starts[task];
            assert!(
                start.is_none_or(|start| start == expected),
                "{task} started at {start:?}, not {expected}, {self}"
            );
        }
        match (outcome, expected.failure(&self.tasks)) {
            (Ok(values), None) => {
                assert_eq!(values[..], expected.values, "{self}");
                assert_eq!(self.now(), expected.end_of_all(&self.tasks), "{self}");
            }
            (Err(task), Some(failure)) => self.check_failure(task, &failure, &expected, &starts),
            (outcome, failure) => panic!("{failure:?} became {outcome:?}, {self}"),
        }
    }

    fn check_failure(
        &self,
        task: usize,
        failure: &Failure,
        expected: &Expected,
        starts: &[Option<u64>],
    ) {
        assert!(
            failure.tasks.contains(&task),
            "{task} failed, not one of {failure:?}, {self}"
        );
        assert_eq!(self.now(), failure.time, "{self}");
        let last = self.events.borrow().last().copied();
        assert_eq!(
            last,
            Some(Event::Ended {
                task,
                at: failure.time
            }),
            "something happened after it, {self}"
        );
        for (task, start) in starts.iter().enumerate() {
            let must_have = expected.starts[task] < failure.time;
            assert!(
                start.is_some() || !must_have,
                "{task} has not started, {self}"
            );
        }
    }

    fn starts(&self) -> Vec<Option<u64>> {
        let mut starts = vec![None; self.tasks.len()];
        for event in self.events.borrow().iter() {
            if let Event::Started { task, at } = *event {
                assert_eq!(
                    starts[task].replace(at),
                    None,
                    "{task} started twice, {self}"
                );
            }
        }
        starts
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).expect("the clock is at its start")
    }
}

/// For messages: what it takes to look into a failure.
impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "seed {SEED}, {:#?}, {:#?}",
            self.tasks,
            self.events.borrow()
        )
    }
}

impl<'r> Running<'r> {
    fn new(count: &'r Cell<usize>) -> Self {
        count.set(count.get() + 1);
        Running(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}
