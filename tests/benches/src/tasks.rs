//! The bodies of the tasks. They do almost nothing, so that the benchmark measures the joining.

use std::hint::black_box;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::task::AtomicWaker;

#[derive(Clone, Debug)]
pub(crate) struct Error;

/// The value of each task of a graph.
pub(crate) type Outcome<const N: usize> = Result<[u64; N], Error>;

/// For each task of a graph, its dependencies, which come before it.
pub(crate) type Needs<const N: usize> = [&'static [usize]; N];

/// Without a `self`, so that a graph's future has nothing to borrow or to carry.
pub(crate) trait Tasks: 'static {
    fn run(task: usize, input: u64) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// The values that a graph must come to.
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

/// Wakes itself so many times, each time within its poll.
pub(crate) struct Yields<const TIMES: usize>;

impl<const TIMES: usize> Tasks for Yields<TIMES> {
    async fn run(task: usize, input: u64) -> Result<u64, Error> {
        for _ in 0..TIMES {
            Yield { has_yielded: false }.await;
        }
        work(task, input)
    }
}

struct Yield {
    has_yielded: bool,
}

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.has_yielded {
            return Poll::Ready(());
        }
        self.has_yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Waits for the event of its number, which the drive brings.
pub(crate) struct Waits;

impl Tasks for Waits {
    async fn run(task: usize, input: u64) -> Result<u64, Error> {
        EVENTS[task].wait().await;
        work(task, input)
    }
}

pub(crate) struct Event {
    has_come: AtomicBool,
    is_awaited: AtomicBool,
    waiting: AtomicWaker,
}

pub(crate) static EVENTS: [Event; 256] = [const { Event::new() }; 256];

impl Event {
    const fn new() -> Self {
        Event {
            has_come: AtomicBool::new(false),
            is_awaited: AtomicBool::new(false),
            waiting: AtomicWaker::new(),
        }
    }

    /// Leaves the event as it was before it came, for the next run.
    async fn wait(&self) {
        std::future::poll_fn(|cx| {
            self.waiting.register(cx.waker());
            self.is_awaited.store(true, Ordering::Relaxed);
            if self.has_come.swap(false, Ordering::AcqRel) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        self.is_awaited.store(false, Ordering::Relaxed);
    }

    pub(crate) fn is_awaited(&self) -> bool {
        self.is_awaited.load(Ordering::Relaxed)
    }

    pub(crate) fn come(&self) {
        self.has_come.store(true, Ordering::Release);
        self.waiting.wake();
    }
}

/// Sleeps as long as [`length`] says.
pub(crate) struct Sleeps;

impl Tasks for Sleeps {
    async fn run(task: usize, input: u64) -> Result<u64, Error> {
        tokio::time::sleep(length(task)).await;
        work(task, input)
    }
}

/// How long a task takes that sleeps; `tests/peers/graphs.mjs` has the same.
pub(crate) fn length(task: usize) -> Duration {
    const UNITS: [u64; 7] = [1, 4, 3, 1, 5, 2, 9];
    Duration::from_millis(UNITS[task % UNITS.len()] * 20)
}

/// How long the longest way through a graph takes whose tasks sleep.
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
