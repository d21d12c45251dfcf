//! Under a limit, tasks and items follow a list schedule: whenever a place is free, the first ready one takes it, in
//! declaration order and then in item order.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::time::Duration;

use conjoin::auto;
use tokio::time::{Instant, sleep, timeout};

use super::random::Random;

/// A task: the ones that it waits for, and its items.
struct Spec {
    needs: &'static [usize],
    /// How long each takes. A task without `for` is one item.
    items: Vec<u64>,
    /// How many of them run at a time.
    limit: usize,
}

struct Trial {
    limit: usize,
    tasks: Vec<Spec>,
    began: Instant,
    /// When which item of which task started.
    starts: RefCell<Vec<(u64, usize, usize)>>,
    running: Cell<usize>,
}

impl Trial {
    /// Times differ, so that no two items end in one poll.
    fn new(shape: &[(&'static [usize], bool)], random: &mut Random) -> Self {
        let mut spec = |&(needs, is_for): &(&'static [usize], bool)| {
            let count = if is_for { random.below(6) } else { 1 };
            let mut time = || 1 + random.below(1 << 20) as u64;
            Spec {
                needs,
                items: (0..count).map(|_| time()).collect(),
                limit: if random.chance(50) {
                    1 + random.below(4)
                } else {
                    usize::MAX
                },
            }
        };
        let tasks = shape.iter().map(&mut spec).collect();
        Trial {
            tasks,
            limit: 1 + random.below(10),
            began: Instant::now(),
            starts: RefCell::default(),
            running: Cell::new(0),
        }
    }

    fn count(&self, task: usize) -> usize {
        self.tasks[task].items.len()
    }

    async fn run(&self, task: usize, item: usize) {
        let at = u64::try_from(self.began.elapsed().as_millis()).expect("small");
        self.starts.borrow_mut().push((at, task, item));
        self.running.set(self.running.get() + 1);
        assert!(self.running.get() <= self.limit);
        sleep(Duration::from_millis(self.tasks[task].items[item])).await;
        self.running.set(self.running.get() - 1);
    }

    /// The starts, found by stepping from end to end.
    fn expected(&self) -> Vec<(u64, usize, usize)> {
        let count = self.tasks.len();
        let (mut now, mut starts) = (0, Vec::new());
        let mut running: Vec<(u64, usize)> = Vec::new();
        // How many items have started and ended, and whether the task has.
        let (mut started, mut ended) = (vec![0; count], vec![0; count]);
        let mut is_over = vec![false; count];
        loop {
            let could_start = |task: &usize| {
                let spec = &self.tasks[*task];
                let runs = started[*task] - ended[*task];
                !is_over[*task]
                    && spec.needs.iter().all(|&need| is_over[need])
                    && (spec.items.is_empty() || started[*task] < spec.items.len())
                    && runs < spec.limit
            };
            let next = (0..count).find(could_start);
            if let Some(task) = next.filter(|_| running.len() < self.limit) {
                if self.tasks[task].items.is_empty() {
                    is_over[task] = true;
                    continue;
                }
                starts.push((now, task, started[task]));
                running.push((now + self.tasks[task].items[started[task]], task));
                started[task] += 1;
                continue;
            }
            let Some(first) = running.iter().min().copied() else {
                assert!(is_over.iter().all(|it| *it));
                return starts;
            };
            running.retain(|it| *it != first);
            let (end, task) = first;
            now = end;
            ended[task] += 1;
            is_over[task] = ended[task] == self.count(task);
        }
    }

    fn check(&self, seed: u64) {
        assert_eq!(*self.starts.borrow(), self.expected(), "seed {seed}");
        assert_eq!(self.running.get(), 0);
    }
}

const SEED: u64 = 14;

async fn side_by_side(trial: &Trial) {
    auto! {
        #![limit(trial.limit)]
        a => trial.run(0, 0).await,
        #[limit(trial.tasks[1].limit)]
        b for item in 0..trial.count(1) => trial.run(1, item).await,
        #[limit(trial.tasks[2].limit)]
        c for item in 0..trial.count(2) => trial.run(2, item).await,
        d => trial.run(3, 0).await,
        #[limit(trial.tasks[4].limit)]
        e for item in 0..trial.count(4) => trial.run(4, item).await,
    }
    .await;
}

/// Wide, with an N in it, and a series at its end.
async fn crossing(trial: &Trial) {
    auto! {
        #![limit(trial.limit)]
        #[limit(trial.tasks[0].limit)]
        a for item in 0..trial.count(0) => trial.run(0, item).await,
        b => trial.run(1, 0).await,
        #[limit(trial.tasks[2].limit)]
        c: [a as _] for item in 0..trial.count(2) => trial.run(2, item).await,
        #[limit(trial.tasks[3].limit)]
        d: [a as _, b as _] for item in 0..trial.count(3) => trial.run(3, item).await,
        e => trial.run(4, 0).await,
        f => trial.run(5, 0).await,
        g => trial.run(6, 0).await,
        #[limit(trial.tasks[7].limit)]
        h for item in 0..trial.count(7) => trial.run(7, item).await,
        i => trial.run(8, 0).await,
        j => trial.run(9, 0).await,
        k: [c as _, d as _] => trial.run(10, 0).await,
        #[limit(trial.tasks[11].limit)]
        l: [k as _, e as _, f as _, g as _, h as _, i as _, j as _] for item in 0..trial.count(11) => {
            trial.run(11, item).await;
        },
    }
    .await;
}

#[tokio::test(start_paused = true)]
async fn items_and_tasks_follow_the_list_schedule() {
    let mut random = Random::new(SEED);
    for _ in 0..500 {
        let trial = Trial::new(
            &[
                (&[], false),
                (&[], true),
                (&[], true),
                (&[], false),
                (&[], true),
            ],
            &mut random,
        );
        side_by_side(&trial).await;
        trial.check(SEED);
        let trial = Trial::new(
            &[
                (&[], true),
                (&[], false),
                (&[0], true),
                (&[0, 1], true),
                (&[], false),
                (&[], false),
                (&[], false),
                (&[], true),
                (&[], false),
                (&[], false),
                (&[2, 3], false),
                (&[10, 4, 5, 6, 7, 8, 9], true),
            ],
            &mut random,
        );
        crossing(&trial).await;
        trial.check(SEED);
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_holds_while_items_never_end() {
    let started = Cell::new(0);
    let graph = auto! {
        #![limit(3)]
        items for _ in 0..10 => {
            started.set(started.get() + 1);
            pending::<()>().await;
        },
        other => started.set(100),
    };
    timeout(Duration::from_millis(1), graph)
        .await
        .map(drop)
        .expect_err("it never ends");
    assert_eq!(started.get(), 3);
}
