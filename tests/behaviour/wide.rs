//! Wide parts, in which each task has a waker of its own.
#![allow(
    clippy::many_single_char_names,
    clippy::waker_clone_wake,
    reason = "tasks are many here, and wakers of two kinds"
)]

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use conjoin::auto;
use conjoin_tests::{Flag, poll};
use futures::FutureExt;
use tokio::time::timeout;

/// A graph of this many parallel tasks.
macro_rules! side_by_side {
    (8, $($body:tt)*) => { side_by_side!(@ [a b c d e f g h] $($body)*) };
    (80, $($body:tt)*) => { side_by_side!(@ [
        a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 c0 c1 c2 c3 c4 c5 c6 c7 c8 c9 d0 d1 d2 d3 d4 d5 d6
        d7 d8 d9 e0 e1 e2 e3 e4 e5 e6 e7 e8 e9 f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 g0 g1 g2 g3 g4 g5 g6 g7 g8 g9 h0 h1 h2 h3
        h4 h5 h6 h7 h8 h9
    ] $($body)*) };
    (@ [$($task:ident)*] $place:ident => $body:expr) => {
        auto! { $($task => { let $place = const { place(stringify!($task)) }; $body },)* => [$($task),*] }
    };
}

/// Of `a`, `b`, …, or of `a0`, `a1`, … `b0`, …
const fn place(task: &str) -> usize {
    let letter = (task.as_bytes()[0] - b'a') as usize;
    if task.len() == 1 {
        letter
    } else {
        letter * 10 + (task.as_bytes()[1] - b'0') as usize
    }
}

/// An event, and the polls of the task that waits for it.
#[derive(Default)]
struct Event {
    has_happened: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    polls: Cell<usize>,
}

impl Event {
    async fn wait(&self) {
        poll_fn(|cx| {
            self.polls.set(self.polls.get() + 1);
            if self.has_happened.get() {
                return Poll::Ready(());
            }
            *self.waker.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn happen(&self) {
        self.has_happened.set(true);
        self.waker.take().expect("a waker").wake();
    }
}

fn events<const COUNT: usize>() -> [Event; COUNT] {
    std::array::from_fn(|_| Event::default())
}

#[test]
fn wake_polls_only_its_task() {
    let events = events::<80>();
    let flag = Flag::new();
    let mut graph = pin!(side_by_side!(80, place => { events[place].wait().await; place }));
    assert!(poll(graph.as_mut(), &flag).is_pending());
    for (place, event) in events.iter().enumerate() {
        assert_eq!(event.polls.get(), 1, "{place}");
        assert!(!flag.take());
        event.happen();
        assert!(flag.take());
        let polled = poll(graph.as_mut(), &flag);
        assert_eq!(event.polls.get(), 2, "{place}");
        assert_eq!(
            polled,
            if place == 79 {
                Poll::Ready(std::array::from_fn(|at| at))
            } else {
                Poll::Pending
            }
        );
    }
}

#[test]
fn wakes_between_polls_wake_the_graph_once() {
    let events = events::<8>();
    let flag = Flag::new();
    let mut graph = pin!(side_by_side!(8, place => events[place].wait().await));
    assert!(poll(graph.as_mut(), &flag).is_pending());
    events[5].happen();
    assert!(flag.take());
    events[..5]
        .iter()
        .chain(&events[6..])
        .for_each(Event::happen);
    assert!(!flag.take());
    assert!(poll(graph.as_mut(), &flag).is_ready());
    assert_eq!(events.each_ref().map(|event| event.polls.get()), [2; 8]);
}

#[test]
fn spurious_poll_polls_no_task() {
    let events = events::<8>();
    let flag = Flag::new();
    let mut graph = pin!(side_by_side!(8, place => events[place].wait().await));
    for _ in 0..3 {
        assert!(poll(graph.as_mut(), &flag).is_pending());
    }
    assert_eq!(events.each_ref().map(|event| event.polls.get()), [1; 8]);
}

#[test]
fn the_newest_waker_of_the_graph_is_woken() {
    let events = events::<8>();
    let [first, second] = [Flag::new(), Flag::new()];
    let mut graph = pin!(side_by_side!(8, place => events[place].wait().await));
    assert!(poll(graph.as_mut(), &first).is_pending());
    assert!(poll(graph.as_mut(), &second).is_pending());
    events[3].happen();
    assert!(!first.take() && second.take());
    assert!(poll(graph.as_mut(), &first).is_pending());
    events[4].happen();
    assert!(first.take() && !second.take());
    assert!(poll(graph.as_mut(), &first).is_pending());
    assert_eq!([events[3].polls.get(), events[4].polls.get()], [3, 4]);
}

#[test]
fn a_wake_within_the_poll_is_for_the_next_one() {
    let polls = Cell::new(0);
    let flag = Flag::new();
    let mut graph = pin!(side_by_side!(8, place => {
        let mut left = place;
        poll_fn(|cx| {
            polls.set(polls.get() + 1);
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            // Both kinds of waking, by a waker and by a clone of it.
            if left % 2 == 0 { cx.waker().wake_by_ref() } else { cx.waker().clone().wake() }
            Poll::Pending
        })
        .await;
    }));
    for round in 1..=7 {
        polls.set(0);
        assert!(poll(graph.as_mut(), &flag).is_pending());
        assert!(flag.take());
        // Completed tasks are not polled again: 8 at first, then 7, …
        assert_eq!(polls.get(), 9 - round);
    }
    assert!(poll(graph.as_mut(), &flag).is_ready());
}

#[test]
fn a_wake_after_the_end_does_no_harm() {
    let wakers = RefCell::new(Vec::new());
    let flag = Flag::new();
    let remember = |polls: usize| {
        let (wakers, mut left) = (&wakers, polls);
        poll_fn(move |cx| {
            wakers.borrow_mut().push(cx.waker().clone());
            left -= 1;
            if left == 0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
    };
    let mut graph = Box::pin(side_by_side!(8, place => remember(place / 4 + 1).await));
    assert!(poll(graph.as_mut(), &flag).is_pending());
    // Those of the four that have ended: the graph may be woken, they are not polled.
    wakers.borrow().iter().take(4).for_each(Waker::wake_by_ref);
    assert!(poll(graph.as_mut(), &flag).is_pending());
    assert_eq!(wakers.borrow().len(), 8);
    drop(graph);
    wakers.take().into_iter().for_each(Waker::wake);
}

#[test]
fn waker_works_from_threads_during_a_poll() {
    let woken = AtomicUsize::new(0);
    let flag = Flag::new();
    let mut graph = pin!(side_by_side!(8, _place => {
        let mut was_polled = false;
        poll_fn(|cx: &mut Context<'_>| {
            if was_polled {
                return Poll::Ready(());
            }
            was_polled = true;
            let waker = cx.waker();
            thread::scope(|scope| {
                for by_clone in [true, false, true] {
                    let woken = &woken;
                    scope.spawn(move || {
                        if by_clone { waker.clone().wake() } else { waker.wake_by_ref() }
                        woken.fetch_add(1, Ordering::Relaxed);
                    });
                }
            });
            Poll::Pending
        })
        .await;
    }));
    assert!(poll(graph.as_mut(), &flag).is_pending());
    assert!(flag.take());
    assert!(poll(graph.as_mut(), &flag).is_ready());
    assert_eq!(woken.load(Ordering::Relaxed), 24);
}

#[test]
fn nested_wide_part_polls_only_woken_tasks() {
    let inner = events::<8>();
    let outer = events::<8>();
    let flag = Flag::new();
    let nested = Cell::new(Some(side_by_side!(8, place => inner[place].wait().await)));
    let mut graph = pin!(side_by_side!(8, place => {
        if let Some(nested) = nested.take() { nested.await; }
        outer[place].wait().await;
    }));
    assert!(poll(graph.as_mut(), &flag).is_pending());
    for event in &inner {
        event.happen();
        assert!(flag.take());
        assert!(poll(graph.as_mut(), &flag).is_pending());
        assert_eq!(event.polls.get(), 2);
    }
    assert_eq!(outer.each_ref().map(|event| event.polls.get()), [1; 8]);
    outer.iter().for_each(Event::happen);
    assert!(poll(graph.as_mut(), &flag).is_ready());
    assert_eq!(outer.each_ref().map(|event| event.polls.get()), [2; 8]);
}

#[test]
fn gated_tasks_are_polled_on_start_and_wake() {
    let events = events::<10>();
    let [a, b, c, d, e, f, g, h, after_a, after_ab] = &events;
    let flag = Flag::new();
    let mut graph = pin!(auto! {
        a => a.wait().await,
        b => b.wait().await,
        c => c.wait().await,
        d => d.wait().await,
        e => e.wait().await,
        f => f.wait().await,
        g => g.wait().await,
        h: [b as _] => h.wait().await,
        after_a: [a as _] => after_a.wait().await,
        after_ab: [a as _, b as _] => after_ab.wait().await,
        last: [c as _, d as _, e as _, f as _, g as _, after_a as _] => (),
        other: [g as _, after_ab as _, h as _] => (),
    });
    assert!(poll(graph.as_mut(), &flag).is_pending());
    a.happen();
    assert!(poll(graph.as_mut(), &flag).is_pending());
    assert_eq!(
        events.each_ref().map(|event| event.polls.get()),
        [2, 1, 1, 1, 1, 1, 1, 0, 1, 0]
    );
    after_a.happen();
    b.happen();
    assert!(poll(graph.as_mut(), &flag).is_pending());
    assert_eq!(
        events.each_ref().map(|event| event.polls.get()),
        [2, 2, 1, 1, 1, 1, 1, 1, 2, 1]
    );
    [c, d, e, f, g, h, after_ab]
        .into_iter()
        .for_each(Event::happen);
    assert!(poll(graph.as_mut(), &flag).is_ready());
    assert_eq!(events.each_ref().map(|event| event.polls.get()), [2; 10]);
}

#[test]
fn an_error_ends_a_wide_part_at_once() {
    let graph = auto! {
        a => pending::<Result<(), u8>>().await?,
        b => pending::<()>().await,
        c => pending::<()>().await,
        d => Err::<(), _>(4)?,
        e => panic!("it is polled after the one that fails"),
        f => pending::<()>().await,
        g => pending::<()>().await,
        h => pending::<()>().await,
    };
    assert_eq!(graph.now_or_never().expect("an error").map(|_| ()), Err(4));
}

/// Wakes from another thread, some time after it is polled.
struct Elsewhere {
    waker: std::sync::mpsc::Sender<Waker>,
    polls_left: usize,
}

impl Future for Elsewhere {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.polls_left == 0 {
            return Poll::Ready(());
        }
        self.polls_left -= 1;
        self.waker.send(cx.waker().clone()).expect("the thread");
        Poll::Pending
    }
}

/// If a single one of these 800,000 wakes were lost, its graph would never end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_wake_is_lost_between_threads() {
    const ROUNDS: usize = 1000;
    let wakers: Arc<[_]> = (0..2)
        .map(|_| {
            let (sender, wakers) = std::sync::mpsc::channel::<Waker>();
            thread::spawn(move || wakers.into_iter().for_each(Waker::wake));
            sender
        })
        .collect();
    let graphs = (0..5).map(|graph| {
        let wakers = Arc::clone(&wakers);
        tokio::spawn(async move {
            let elsewhere = |place: usize| Elsewhere {
                waker: wakers[(place + graph) % 2].clone(),
                polls_left: ROUNDS * 2,
            };
            side_by_side!(80, place => elsewhere(place).await).await;
        })
    });
    for graph in graphs.collect::<Vec<_>>() {
        timeout(Duration::from_secs(60), graph)
            .await
            .expect("all wakes")
            .expect("a graph that ends");
    }
}
