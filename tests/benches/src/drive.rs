//! Executors for a graph's future, which also trigger the events that its tasks wait for.

use std::hint::black_box;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use crate::tasks::{EVENTS, Event, Needs, Outcome, expected};

/// Runs a graph so many times, at least once, and says how long that took.
pub(crate) type Run = Box<dyn Fn(u64) -> Duration>;

/// All of them panic when the graph comes to other values than it should, or when a wake is lost.
pub(crate) trait Drive: Copy {
    /// For futures that spawn their tasks on a runtime.
    fn spawned<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Run
    where
        F: Future<Output = Outcome<N>> + Send + 'static;

    /// For those that need nothing but being polled.
    fn polled<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Run
    where
        F: Future<Output = Outcome<N>> + Send + 'static,
    {
        self.spawned(needs, start)
    }

    /// For those that must stay on one thread.
    fn local<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Option<Run>
    where
        F: Future<Output = Outcome<N>> + 'static;
}

/// One thread. What needs no runtime gets none, but is polled when it was woken; else it is a current-thread runtime.
///
/// When all wait, so many events come before anything is polled again.
#[derive(Clone, Copy)]
pub(crate) struct Alone {
    pub(crate) events: usize,
}

impl Drive for Alone {
    fn spawned<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Run
    where
        F: Future<Output = Outcome<N>> + Send + 'static,
    {
        let runtime = Builder::new_current_thread()
            .build()
            .expect("a runtime without I/O");
        let once = async move || match self.events {
            0 => start().await,
            events => beside_events(start, events).await,
        };
        on_runtime(runtime, needs, once)
    }

    fn polled<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Run
    where
        F: Future<Output = Outcome<N>> + Send + 'static,
    {
        self.local(needs, start).expect("one thread is enough")
    }

    fn local<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Option<Run>
    where
        F: Future<Output = Outcome<N>> + 'static,
    {
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&woken));
        let expected = expected(needs);
        Some(Box::new(move |runs| {
            let started = Instant::now();
            let mut outcome = None;
            for _ in 0..runs {
                let future = pin!(start());
                outcome = Some(black_box(poll_to_end(future, &woken, &waker, self.events)));
            }
            let duration = started.elapsed();
            check(outcome, expected);
            duration
        }))
    }
}

/// A graph as a task of a runtime with two threads. Another task triggers the events in sequence.
#[derive(Clone, Copy)]
pub(crate) struct Threads {
    pub(crate) has_events: bool,
}

impl Drive for Threads {
    fn spawned<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Run
    where
        F: Future<Output = Outcome<N>> + Send + 'static,
    {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .expect("a runtime without I/O");
        let once = async move || {
            let graph = tokio::spawn(start());
            if self.has_events {
                let events = tokio::spawn(async { EVENTS[..N].iter().for_each(Event::come) });
                events.await.expect("a wake does not panic");
            }
            graph.await.expect("a graph does not panic")
        };
        on_runtime(runtime, needs, once)
    }

    fn local<const N: usize, F>(self, _: &'static Needs<N>, _: fn() -> F) -> Option<Run>
    where
        F: Future<Output = Outcome<N>> + 'static,
    {
        None
    }
}

/// On a clock that stands still while anything can be done: what it shows in the end is the makespan.
#[derive(Clone, Copy)]
pub(crate) struct Paused;

impl Drive for Paused {
    fn spawned<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Run
    where
        F: Future<Output = Outcome<N>> + Send + 'static,
    {
        self.local(needs, start).expect("one thread is enough")
    }

    fn local<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Option<Run>
    where
        F: Future<Output = Outcome<N>> + 'static,
    {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        Some(on_runtime(
            runtime.expect("a runtime without I/O"),
            needs,
            async move || start().await,
        ))
    }
}

/// Tokio's clock is the real one, unless it is paused.
fn on_runtime<const N: usize>(
    runtime: Runtime,
    needs: &'static Needs<N>,
    once: impl AsyncFn() -> Outcome<N> + 'static,
) -> Run {
    let expected = expected(needs);
    Box::new(move |runs| {
        runtime.block_on(async {
            let started = tokio::time::Instant::now();
            let mut outcome = None;
            for _ in 0..runs {
                outcome = Some(black_box(once().await));
            }
            let duration = started.elapsed();
            check(outcome, expected);
            duration
        })
    })
}

fn check<const N: usize>(outcome: Option<Outcome<N>>, expected: [u64; N]) {
    let values = outcome
        .expect("a graph runs at least once")
        .expect("no task fails");
    assert_eq!(values, expected);
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn poll_to_end<F: Future>(
    mut future: Pin<&mut F>,
    woken: &Woken,
    waker: &Waker,
    at_a_time: usize,
) -> F::Output {
    let mut cx = Context::from_waker(waker);
    let mut events = EVENTS.iter();
    loop {
        woken.0.store(false, Ordering::Relaxed);
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        if !woken.0.load(Ordering::Relaxed) {
            events.by_ref().take(at_a_time).for_each(Event::come);
            assert!(
                woken.0.load(Ordering::Relaxed),
                "nothing will ever wake this future"
            );
        }
    }
}

/// The graph as a task of its own, and the events that it waits for.
async fn beside_events<const N: usize, F>(start: fn() -> F, at_a_time: usize) -> Outcome<N>
where
    F: Future<Output = Outcome<N>> + Send + 'static,
{
    let graph = tokio::spawn(start());
    for events in EVENTS[..N].chunks(at_a_time) {
        while !events.iter().all(Event::is_awaited) {
            tokio::task::yield_now().await;
        }
        events.iter().for_each(Event::come);
    }
    graph.await.expect("a graph does not panic")
}
