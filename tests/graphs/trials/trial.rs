//! One run of a graph: its tasks report here.

use std::any::Any as Payload;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::fields::{Even, Odd};
use super::ledger::{Input, Ledger, Seen, Token, Value};
use super::scenario::{Answer, Scenario, Turn};

#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) kind: Kind,
    pub(crate) task: usize,
    pub(crate) at: u64,
    /// Of the graph, from 1 on.
    pub(crate) poll: usize,
    /// The dependencies whose values the task has in scope.
    pub(crate) seen: Vec<Option<Seen>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The condition was asked for.
    Asked,
    Started,
    /// With a value, or about to fail or to panic.
    Ended,
}

/// How the graph's future came to its end.
#[derive(Debug)]
pub(crate) enum Close {
    /// It resolved.
    Resolved {
        /// What had been dropped then, the future itself being there still.
        dropped: Vec<usize>,
        /// The bodies that were there still.
        running: usize,
    },
    /// It was dropped before.
    GivenUp,
    /// A task has panicked.
    Panicked(usize),
}

pub(crate) struct Trial {
    pub(crate) scenario: Scenario,
    pub(crate) ledger: Arc<Ledger>,
    began: Instant,
    polls: AtomicUsize,
    running: AtomicUsize,
    events: Mutex<Vec<Event>>,
    close: Mutex<Option<Close>>,
}

/// The panic of a task, on purpose.
struct Planned(usize);

/// Counts a body as running for as long as it exists.
struct Running<'t>(&'t AtomicUsize);

impl Trial {
    pub(crate) fn new(scenario: Scenario) -> Self {
        Trial {
            ledger: Ledger::new(scenario.draws.len()),
            scenario,
            began: Instant::now(),
            polls: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            events: Mutex::default(),
            close: Mutex::default(),
        }
    }

    /// What `#![limit(…)]` computes.
    pub(crate) fn limit(&self) -> usize {
        self.scenario.limit
    }

    /// What `#![around(…)]` calls.
    pub(crate) async fn task<T>(&self, _: &'static str, body: impl Future<Output = T>) -> T {
        body.await
    }

    /// The condition of a task.
    pub(crate) fn asks(&self, task: usize, values: &[&dyn Value]) -> bool {
        let seen = values.iter().map(|value| value.token().map(Token::seen));
        self.record(Kind::Asked, task, seen.collect());
        self.scenario.draws[task].answer == Answer::Yes
    }

    /// The conditions of those that can fail.
    pub(crate) fn odd_asks(&self, task: usize, values: &[&dyn Value]) -> Result<bool, Odd> {
        let holds = self.asks(task, values);
        if self.scenario.draws[task].answer == Answer::Error {
            Err(Odd(task))
        } else {
            Ok(holds)
        }
    }

    pub(crate) fn even_asks(&self, task: usize, values: &[&dyn Value]) -> Result<bool, Even> {
        self.odd_asks(task, values).map_err(|Odd(task)| Even(task))
    }

    /// The body of a task that cannot fail.
    pub(crate) async fn work(&self, task: usize, inputs: Vec<Input<'_>>) -> Token {
        self.run(task, inputs).await;
        Token::new(task, &self.ledger)
    }

    /// The bodies of those that can.
    pub(crate) async fn odd(&self, task: usize, inputs: Vec<Input<'_>>) -> Result<Token, Odd> {
        self.run(task, inputs).await;
        if self.scenario.draws[task].turn == Turn::Error {
            Err(Odd(task))
        } else {
            Ok(Token::new(task, &self.ledger))
        }
    }

    pub(crate) async fn even(&self, task: usize, inputs: Vec<Input<'_>>) -> Result<Token, Even> {
        self.odd(task, inputs).await.map_err(|Odd(task)| Even(task))
    }

    async fn run(&self, task: usize, mut inputs: Vec<Input<'_>>) {
        self.record(
            Kind::Started,
            task,
            inputs.iter().map(Input::seen).collect(),
        );
        let _running = Running::new(&self.running);
        for input in &mut inputs {
            input.apply(task);
        }
        let draw = &self.scenario.draws[task];
        for _ in 0..draw.yields {
            once_more().await;
        }
        if draw.millis > 0 {
            sleep(Duration::from_millis(draw.millis)).await;
        }
        self.record(Kind::Ended, task, inputs.iter().map(Input::seen).collect());
        if draw.turn == Turn::Panic {
            // Without the message that a panic of its own would print.
            resume_unwind(Box::new(Planned(task)));
        }
    }

    /// Polls the graph to its end, or for as long as there is patience with it. Its future must be `Send`.
    pub(crate) async fn resolve<T>(&self, graph: impl Future<Output = T> + Send) -> Option<T> {
        let mut graph = Box::pin(graph);
        let outcome = poll_fn(|cx| {
            if self.polls.load(Relaxed) == self.scenario.patience {
                return Poll::Ready(Err(Close::GivenUp));
            }
            self.polls.fetch_add(1, Relaxed);
            match catch_unwind(AssertUnwindSafe(|| graph.as_mut().poll(cx))) {
                Ok(poll) => poll.map(Ok),
                Err(payload) => Poll::Ready(Err(Close::panicked(payload))),
            }
        });
        let outcome = outcome.await;
        let running = self.running.load(Relaxed);
        let close = Close::Resolved {
            dropped: self.ledger.dropped(),
            running,
        };
        drop(graph);
        let (value, close) = match outcome {
            Ok(value) => (Some(value), close),
            Err(close) => (None, close),
        };
        *self.close.lock().expect("it is set once") = Some(close);
        value
    }

    pub(crate) fn polls(&self) -> usize {
        self.polls.load(Relaxed)
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(Relaxed)
    }

    pub(crate) fn take_events(&self) -> Vec<Event> {
        std::mem::take(&mut *self.events.lock().expect("nothing panics with it"))
    }

    pub(crate) fn take_close(&self) -> Option<Close> {
        self.close.lock().expect("it is set once").take()
    }

    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).expect("the clock is at its start")
    }

    fn record(&self, kind: Kind, task: usize, seen: Vec<Option<Seen>>) {
        let event = Event {
            kind,
            task,
            at: self.now(),
            poll: self.polls(),
            seen,
        };
        self.events
            .lock()
            .expect("nothing panics with it")
            .push(event);
    }
}

impl Close {
    fn panicked(payload: Box<dyn Payload + Send>) -> Self {
        match payload.downcast::<Planned>() {
            Ok(planned) => Close::Panicked(planned.0),
            Err(payload) => resume_unwind(payload),
        }
    }
}

/// Pending once, and woken at once.
async fn once_more() {
    let mut polled = false;
    poll_fn(|cx| {
        if polled {
            return Poll::Ready(());
        }
        polled = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl<'t> Running<'t> {
    fn new(count: &'t AtomicUsize) -> Self {
        count.fetch_add(1, Relaxed);
        Running(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
