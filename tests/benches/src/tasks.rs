//! The bodies of the tasks. They do almost nothing, so the joins dominate.

use std::future::poll_fn;
use std::hint::black_box;
use std::mem::ManuallyDrop;
use std::time::Duration;

use counted::{Event, yield_once};

#[derive(Clone, Debug)]
pub(crate) struct Error;

/// The value of each task of a graph.
pub(crate) type Outcome<const N: usize> = Result<[u64; N], Error>;

/// For each task of a graph, its dependencies, which come before it.
pub(crate) type Needs<const N: usize> = [&'static [usize]; N];

/// Without a `self`, so that the future of a graph has nothing to borrow or to carry.
pub(crate) trait Tasks: 'static {
    fn run(task: usize, input: u64) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// The values that a graph must resolve to.
pub(crate) fn expected<const N: usize>(needs: &Needs<N>) -> [u64; N] {
    let mut values = [0; N];
    for (task, needs) in needs.iter().enumerate() {
        values[task] = value(task, needs.iter().map(|&need| values[need]).sum());
    }
    values
}

fn value(task: usize, input: u64) -> u64 {
    input + task as u64 + 1
}

#[inline(never)]
fn work(task: usize, input: u64) -> Result<u64, Error> {
    black_box(Ok(value(task, input)))
}

/// Ready at its first poll.
pub(crate) struct Ready;

impl Tasks for Ready {
    async fn run(task: usize, input: u64) -> Result<u64, Error> {
        work(task, input)
    }
}

/// Wakes itself this often, each time within its poll.
pub(crate) struct Yields<const TIMES: usize>;

impl<const TIMES: usize> Tasks for Yields<TIMES> {
    async fn run(task: usize, input: u64) -> Result<u64, Error> {
        for _ in 0..TIMES {
            yield_once().await;
        }
        work(task, input)
    }
}

/// Waits for the event of its number, which the drive triggers.
pub(crate) struct Waits;

impl Tasks for Waits {
    async fn run(task: usize, input: u64) -> Result<u64, Error> {
        poll_fn(|cx| EVENTS.with(|events| events[task].poll(cx))).await;
        work(task, input)
    }
}

thread_local! {
    /// Nothing drops them, so that an access checks nothing.
    pub(crate) static EVENTS: ManuallyDrop<[Event; 256]> =
        const { ManuallyDrop::new([const { Event::new() }; 256]) };
}

/// Sleeps as long as [`length`] says.
pub(crate) struct Sleeps;

impl Tasks for Sleeps {
    async fn run(task: usize, input: u64) -> Result<u64, Error> {
        tokio::time::sleep(length(task)).await;
        work(task, input)
    }
}

/// How long a task sleeps. `tests/peers/graphs.mjs` has the same.
pub(crate) fn length(task: usize) -> Duration {
    const UNITS: [u64; 7] = [1, 4, 3, 1, 5, 2, 9];
    Duration::from_millis(UNITS[task % UNITS.len()] * 20)
}

/// How long the critical path of a graph takes whose tasks sleep.
pub(crate) fn critical_path<const N: usize>(needs: &Needs<N>) -> Duration {
    let mut ends = [Duration::ZERO; N];
    for (task, needs) in needs.iter().enumerate() {
        ends[task] = length(task)
            + needs
                .iter()
                .map(|&need| ends[need])
                .max()
                .unwrap_or_default();
    }
    ends.into_iter().max().unwrap_or_default()
}
