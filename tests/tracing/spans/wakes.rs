//! Events for the wakes of tasks, at the level `TRACE`.

use std::pin::pin;
use std::sync::Mutex;
use std::task::{Poll, Waker};
use std::thread;

use conjoin::auto;
use conjoin_tests::{Flag, poll};
use conjoin_tests_tracing::Recorder;
use tracing::dispatcher::with_default;
use tracing::level_filters::LevelFilter;

use super::later;

/// The wakers that a task was polled with.
#[derive(Default)]
struct Wakers(Mutex<Vec<Waker>>);

impl Wakers {
    /// Keeps the waker of each of the polls, but the last.
    async fn keep(&self, mut polls: usize) {
        std::future::poll_fn(|cx| {
            if polls == 0 {
                return Poll::Ready(());
            }
            polls -= 1;
            self.0.lock().unwrap().push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn last(&self) -> Waker {
        self.0
            .lock()
            .unwrap()
            .last()
            .expect("it was polled")
            .clone()
    }
}

fn wakes(recorder: &Recorder) -> Vec<String> {
    recorder
        .story()
        .log
        .iter()
        .filter(|line| line.starts_with('!'))
        .cloned()
        .collect()
}

#[test]
fn wake_from_any_thread_is_in_its_tasks_span() {
    let recorder = Recorder::default();
    let (left, right, flag) = (Wakers::default(), Wakers::default(), Flag::new());
    let mut graph = pin!(auto! {
        first => left.keep(1).await,
        second: [first as _] => left.keep(1).await,
        beside => right.keep(2).await,
    });
    with_default(&recorder.subscriber(LevelFilter::TRACE), || {
        assert!(poll(graph.as_mut(), &flag).is_pending());
    });
    assert_eq!(wakes(&recorder), [""; 0]);
    let waker = left.last();
    thread::spawn(move || waker.wake()).join().unwrap();
    assert!(flag.take());
    right.last().wake_by_ref();
    assert_eq!(wakes(&recorder), ["!first woken", "!beside woken"]);

    assert!(poll(graph.as_mut(), &flag).is_pending());
    left.last().wake();
    assert_eq!(
        wakes(&recorder),
        ["!first woken", "!beside woken", "!second woken"]
    );
    assert!(poll(graph.as_mut(), &flag).is_ready());
    assert!(flag.take());

    // A late wake reaches no task, but it still wakes the graph.
    left.last().wake();
    assert_eq!(wakes(&recorder).len(), 3);
    assert!(flag.take());
    // Wakers that are still there keep no span open.
    assert!(recorder.story().spans.iter().all(|span| span.is_closed));
}

#[test]
fn wake_after_its_task_is_not_recorded() {
    let recorder = Recorder::default();
    let (early, late, flag) = (Wakers::default(), Wakers::default(), Flag::new());
    let mut graph = pin!(auto! {
        first => early.keep(1).await,
        left: [first as _] => late.keep(2).await,
        right: [first as _] => late.keep(2).await,
    });
    with_default(&recorder.subscriber(LevelFilter::TRACE), || {
        assert!(poll(graph.as_mut(), &flag).is_pending());
        assert!(poll(graph.as_mut(), &flag).is_pending());
        early.last().wake();
        assert!(flag.take());
    });
    assert_eq!(wakes(&recorder), [""; 0]);
}

#[test]
fn wake_in_a_nested_graph_counts_for_both_tasks() {
    let recorder = Recorder::default();
    let run =
        || futures::executor::block_on(auto! { outer => auto! { inner => later(1).await }.await });
    with_default(&recorder.subscriber(LevelFilter::TRACE), run);
    assert_eq!(wakes(&recorder), ["!inner woken", "!outer woken"]);
}

#[test]
fn wide_part_records_each_tasks_own_wakes() {
    let recorder = Recorder::default();
    let (wakers, flag) = ([const { Wakers(Mutex::new(Vec::new())) }; 9], Flag::new());
    let mut graph = pin!(auto! {
        a => wakers[0].keep(1).await, b => wakers[1].keep(1).await, c => wakers[2].keep(1).await,
        d => wakers[3].keep(1).await, e => wakers[4].keep(1).await, f => wakers[5].keep(1).await,
        g => wakers[6].keep(1).await, h => wakers[7].keep(1).await, i => wakers[8].keep(2).await,
    });
    with_default(&recorder.subscriber(LevelFilter::TRACE), || {
        assert!(poll(graph.as_mut(), &flag).is_pending());
    });
    wakers[8].last().wake();
    assert_eq!(wakes(&recorder), ["!i woken"]);
    recorder.story().log.clear();
    assert!(poll(graph.as_mut(), &flag).is_pending());
    // Only the one that was woken has been polled.
    assert_eq!(recorder.story().log, [">auto", ">i", "<i", "<auto"]);
    for wakers in &wakers {
        wakers.last().wake();
    }
    assert!(poll(graph.as_mut(), &flag).is_ready());
    assert_eq!(wakes(&recorder).len(), 9);
}

#[test]
fn a_task_keeps_its_waker_as_long_as_the_graph_does() {
    let recorder = Recorder::default();
    let (wakers, flag) = (Wakers::default(), Flag::new());
    let mut graph = pin!(auto! { user => wakers.keep(4).await, beside => later(1).await });
    with_default(&recorder.subscriber(LevelFilter::TRACE), || {
        assert!(poll(graph.as_mut(), &flag).is_pending());
        assert!(poll(graph.as_mut(), &flag).is_pending());
        assert!(poll(graph.as_mut(), &Flag::new()).is_pending());
    });
    let known = wakers.0.lock().unwrap();
    assert!(known[0].will_wake(&known[1]));
    assert!(!known[1].will_wake(&known[2]));
    drop(known);
    recorder.story().log.clear();
    // The newest one wakes who polls now; an older one is told of, too.
    flag.take();
    wakers.last().wake();
    assert!(!flag.take());
    let oldest = wakers.0.lock().unwrap()[0].clone();
    oldest.wake();
    assert!(flag.take());
    assert_eq!(wakes(&recorder), ["!user woken"; 2]);
}
