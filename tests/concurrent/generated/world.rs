//! Functions that random blocks call, and the oracle that computes when each line may start.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::{Instant, sleep};

/// Neighbouring lines, or a statement between them.
pub(super) enum Item {
    Run(&'static [Line]),
    Block(&'static [Self]),
}

/// A line, the lines of its run that it needs, and what it does before its own step.
pub(super) struct Line {
    pub(super) step: usize,
    pub(super) needs: &'static [usize],
    pub(super) within: &'static [Item],
}

/// What happens to the steps of a block.
pub(super) struct World {
    began: Instant,
    times: Vec<u64>,
    failing: Option<usize>,
    started: RefCell<BTreeMap<usize, u64>>,
    ended: RefCell<BTreeMap<usize, u64>>,
    dropped: RefCell<Vec<usize>>,
    is_over: Cell<bool>,
}

/// A value that tells when it is dropped after the block's last statement.
pub(super) struct Noisy<'w> {
    step: usize,
    n: u32,
    world: &'w World,
}

pub(super) struct Pair<'w> {
    pub(super) first: Noisy<'w>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left(pub(super) u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Small(u32);

impl From<Small> for Left {
    fn from(small: Small) -> Self {
        Self(small.0 + 1_000)
    }
}

type Outcome = Result<u32, Left>;
type Block = fn(&World) -> Pin<Box<dyn Future<Output = Outcome> + '_>>;

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        if self.world.is_over.get() {
            self.world.dropped.borrow_mut().push(self.step);
        }
    }
}

impl fmt::Display for Noisy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.n)
    }
}

impl Noisy<'_> {
    pub(super) const fn to_number(&self) -> u32 {
        self.n
    }
}

pub(super) const fn look(seen: &Noisy<'_>) -> u32 {
    seen.n
}

#[allow(clippy::needless_pass_by_value)]
pub(super) fn eat(eaten: Noisy<'_>) -> u32 {
    eaten.n
}

pub(super) fn count_of(text: &str) -> u32 {
    text.parse().unwrap_or(0) % 100
}

impl World {
    async fn run(&self, step: usize, n: u32) -> Noisy<'_> {
        let now = || u64::try_from(self.began.elapsed().as_millis()).unwrap_or(0);
        let before = self.started.borrow_mut().insert(step, now());
        assert_eq!(before, None, "step {step} starts once");
        if self.times[step] > 0 {
            sleep(Duration::from_millis(self.times[step])).await;
        }
        self.ended.borrow_mut().insert(step, now());
        let n = (n * 31 + u32::try_from(step).unwrap_or(0)) % 1_000;
        Noisy {
            step,
            n,
            world: self,
        }
    }

    pub(super) async fn plain(&self, step: usize, n: u32) -> Noisy<'_> {
        self.run(step, n).await
    }

    pub(super) async fn step(&self, step: usize, n: u32) -> Result<Noisy<'_>, Left> {
        let made = self.run(step, n).await;
        if self.failing == Some(step) {
            Err(Left(made.n))
        } else {
            Ok(made)
        }
    }

    pub(super) async fn small(&self, step: usize, n: u32) -> Result<Noisy<'_>, Small> {
        self.step(step, n).await.map_err(|left| Small(left.0))
    }

    pub(super) async fn pair(&self, step: usize, n: u32) -> Result<Pair<'_>, Left> {
        let first = self.step(step, n).await?;
        Ok(Pair { first })
    }

    pub(super) async fn counted(
        &self,
        step: usize,
        count: &mut u32,
        n: u32,
    ) -> Result<Noisy<'_>, Left> {
        *count += 1;
        let before = *count;
        let made = self.step(step, n + before).await?;
        assert_eq!(*count, before);
        Ok(made)
    }

    pub(super) fn is_on(&self) -> bool {
        !self.is_over.get()
    }

    pub(super) fn note(&self) {
        assert!(self.is_on());
    }

    /// The block's last statement.
    pub(super) fn mark(&self) {
        self.is_over.set(true);
    }
}

/// When a block that begins at `start` ends, if nothing leaves it; and when its steps start.
fn earliest(items: &[Item], start: u64, times: &[u64], starts: &mut BTreeMap<usize, u64>) -> u64 {
    items.iter().fold(start, |start, item| match item {
        Item::Block(items) => earliest(items, start, times, starts),
        Item::Run(lines) => {
            let mut ends = Vec::new();
            for line in *lines {
                let needs = line.needs.iter().map(|&need| ends[need]);
                let begins: u64 = needs.max().unwrap_or(0).max(start);
                let own = earliest(line.within, begins, times, starts);
                starts.insert(line.step, own);
                ends.push(own + times[line.step]);
            }
            ends.into_iter().max().unwrap_or(start)
        }
    })
}

struct Seen {
    outcome: Outcome,
    started: BTreeMap<usize, u64>,
    ended: BTreeMap<usize, u64>,
    dropped: Vec<usize>,
}

fn run(block: Block, times: &[u64], failing: Option<usize>) -> Seen {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let world = Rc::new(World {
            began: Instant::now(),
            times: times.to_vec(),
            failing,
            started: RefCell::default(),
            ended: RefCell::default(),
            dropped: RefCell::default(),
            is_over: Cell::new(false),
        });
        let outcome = block(&world).await;
        Seen {
            outcome,
            started: world.started.take(),
            ended: world.ended.take(),
            dropped: world.dropped.take(),
        }
    })
}

/// Runs a block in sequence and concurrently, for each step that can leave it.
pub(super) fn check(
    seed: u64,
    case: usize,
    steps: usize,
    can_exit: &[bool],
    items: &[Item],
    sequential: Block,
    concurrent: Block,
) {
    let mut random = super::random::Random::new(seed ^ case as u64);
    for round in 0..4 {
        let times: Vec<u64> = (0..steps)
            .map(|_| match round {
                0 => 0,
                1 => 1,
                _ => random.below(12) as u64,
            })
            .collect();
        let failing = (0..steps).filter(|&it| can_exit[it]).map(Some);
        for failing in failing.chain([None]) {
            let by_hand = run(sequential, &times, failing);
            let seen = run(concurrent, &times, failing);
            let place =
                format!("block {case} of seed {seed}, failing {failing:?}, times {times:?}");
            assert_eq!(seen.outcome, by_hand.outcome, "{place}");
            let mut starts = BTreeMap::new();
            earliest(items, 0, &times, &mut starts);
            for (step, at) in &by_hand.started {
                let own = seen.started.get(step);
                assert!(own.is_some_and(|own| own <= at), "{place}: {step} is late");
            }
            for (step, at) in &seen.started {
                assert_eq!(starts.get(step), Some(at), "{place}: step {step}");
            }
            for step in by_hand.ended.keys() {
                assert!(seen.ended.contains_key(step), "{place}: {step} ends");
            }
            if failing.is_none() {
                assert_eq!(seen.dropped, by_hand.dropped, "{place}");
            }
        }
    }
}
