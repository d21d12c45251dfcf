//! What runs the future of a graph: to count instructions, or on a paused clock.

use std::hint::black_box;
use std::time::Duration;

use counted::{Case, Event, run, run_with_events};
use tokio::runtime::Builder;
use tokio::time::Instant;

use crate::tasks::{EVENTS, Needs, Outcome, expected};

/// All panic when the graph resolves to other values than it should, or when a wake is lost.
pub(crate) trait Drive: Copy {
    type Run;

    /// For futures that spawn their tasks on a runtime.
    fn spawned<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Self::Run
    where
        F: Future<Output = Outcome<N>> + Send + 'static;

    /// For futures that need nothing but to be polled.
    fn polled<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Self::Run
    where
        F: Future<Output = Outcome<N>> + 'static;
}

/// Instructions on one thread. Spawned tasks get a current-thread runtime, other futures none.
///
/// When all tasks wait, this many events come before the next poll.
#[derive(Clone, Copy)]
pub(crate) struct Alone {
    pub(crate) events: usize,
}

impl Drive for Alone {
    type Run = Case;

    fn spawned<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Case
    where
        F: Future<Output = Outcome<N>> + Send + 'static,
    {
        let runtime = Builder::new_current_thread()
            .build()
            .expect("a runtime without I/O");
        Box::new(move |runs| {
            runtime.block_on(async {
                let mut outcome = None;
                for _ in 0..runs {
                    outcome = Some(black_box(match self.events {
                        0 => start().await,
                        events => beside_events(start, events).await,
                    }));
                }
                check(outcome, needs);
            });
        })
    }

    fn polled<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Case
    where
        F: Future<Output = Outcome<N>> + 'static,
    {
        Box::new(move |runs| {
            let mut outcome = None;
            for _ in 0..runs {
                outcome = Some(black_box(match self.events {
                    0 => run(start()),
                    at_a_time => {
                        EVENTS.with(|events| run_with_events(&events[..N], at_a_time, start()))
                    }
                }));
            }
            check(outcome, needs);
        })
    }
}

/// The makespan, on a clock that moves only when nothing can run.
#[derive(Clone, Copy)]
pub(crate) struct Paused;

impl Drive for Paused {
    type Run = Duration;

    fn spawned<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Duration
    where
        F: Future<Output = Outcome<N>> + Send + 'static,
    {
        self.polled(needs, start)
    }

    fn polled<const N: usize, F>(self, needs: &'static Needs<N>, start: fn() -> F) -> Duration
    where
        F: Future<Output = Outcome<N>> + 'static,
    {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        runtime.expect("a runtime without I/O").block_on(async {
            let started = Instant::now();
            check(Some(start().await), needs);
            started.elapsed()
        })
    }
}

fn check<const N: usize>(outcome: Option<Outcome<N>>, needs: &Needs<N>) {
    let values = outcome
        .expect("a graph runs at least once")
        .expect("no task fails");
    assert_eq!(values, expected(needs));
}

/// The graph as a task of its own, and the events that it waits for.
async fn beside_events<const N: usize, F>(start: fn() -> F, at_a_time: usize) -> Outcome<N>
where
    F: Future<Output = Outcome<N>> + Send + 'static,
{
    let graph = tokio::spawn(start());
    for first in (0..N).step_by(at_a_time) {
        let all = |check: fn(&Event) -> bool| {
            EVENTS.with(|events| events[first..N.min(first + at_a_time)].iter().all(check))
        };
        while !all(Event::is_awaited) {
            tokio::task::yield_now().await;
        }
        all(|event| {
            event.come();
            true
        });
    }
    graph.await.expect("a graph does not panic")
}
