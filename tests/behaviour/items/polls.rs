//! Only woken items are polled.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Waker};
use std::thread;

use conjoin::auto;
use conjoin_tests::{Flag, poll};
use futures::FutureExt;
use tokio::task::coop::consume_budget;
use tokio::task::yield_now;

/// An event, and the polls of the item that waits for it.
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

fn events(count: usize) -> Vec<Event> {
    (0..count).map(|_| Event::default()).collect()
}

#[test]
fn each_of_2000_items_is_polled_once_and_when_woken() {
    let events = events(2000);
    let flag = Flag::new();
    let mut graph = pin!(auto! {
        items for (place, event) in events.iter().enumerate() => { event.wait().await; place },
        => items
    });
    assert!(poll(graph.as_mut(), &flag).is_pending());
    assert!(!flag.take());
    let polls = || events.iter().map(|event| event.polls.get()).sum::<usize>();
    assert_eq!(polls(), 2000);
    // In an order of their own.
    for step in 0..1999 {
        let event = &events[step * 7 % 2000];
        event.happen();
        assert!(flag.take());
        assert!(poll(graph.as_mut(), &flag).is_pending());
        assert_eq!((event.polls.get(), polls()), (2, 2001 + step));
    }
    // No item was woken.
    assert!(poll(graph.as_mut(), &flag).is_pending());
    assert_eq!(polls(), 3999);
    events[1999 * 7 % 2000].happen();
    let Poll::Ready(items) = poll(graph.as_mut(), &flag) else {
        panic!("all have happened");
    };
    assert_eq!(items, (0..2000).collect::<Vec<_>>());
}

#[test]
fn many_wakes_between_two_polls_wake_the_graph_once() {
    struct Counter(AtomicUsize);

    impl std::task::Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    let events = events(100);
    let counter = Arc::new(Counter(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&counter));
    let mut cx = std::task::Context::from_waker(&waker);
    let mut graph = pin!(auto! {
        items for event in &events => event.wait().await,
        => items.len()
    });
    assert!(graph.as_mut().poll(&mut cx).is_pending());
    events.iter().for_each(Event::happen);
    assert_eq!(counter.0.load(Ordering::Relaxed), 1);
    assert_eq!(graph.as_mut().poll(&mut cx), Poll::Ready(100));
    assert!(events.iter().all(|event| event.polls.get() == 2));
}

#[test]
fn a_wake_reaches_the_waker_of_the_last_poll() {
    let events = events(3);
    let flags = [Flag::new(), Flag::new()];
    let mut graph =
        pin!(auto! { items for event in &events => event.wait().await, => items.len() });
    assert!(poll(graph.as_mut(), &flags[0]).is_pending());
    assert!(poll(graph.as_mut(), &flags[1]).is_pending());
    events[1].happen();
    assert!(!flags[0].take() && flags[1].take());
    // Only the woken item, though the graph has another waker.
    assert!(poll(graph.as_mut(), &flags[0]).is_pending());
    assert_eq!(
        events.iter().map(|it| it.polls.get()).collect::<Vec<_>>(),
        [1, 2, 1]
    );
}

#[test]
fn item_that_wakes_itself_is_polled_next_time() {
    let polls = Cell::new(0);
    let flag = Flag::new();
    let mut graph = pin!(auto! {
        items for _ in 0..3 => {
            poll_fn(|cx| {
                polls.set(polls.get() + 1);
                cx.waker().wake_by_ref();
                Poll::<()>::Pending
            })
            .await;
        },
    });
    for round in 1..4 {
        assert!(poll(graph.as_mut(), &flag).is_pending());
        assert!(flag.take());
        assert_eq!(polls.get(), 3 * round);
    }
}

#[test]
fn wakes_after_the_end_or_the_drop_do_nothing() {
    let wakers = RefCell::new(Vec::<Waker>::new());
    let flag = Flag::new();
    let keep = || {
        poll_fn(|cx| {
            wakers.borrow_mut().push(cx.waker().clone());
            Poll::Ready(())
        })
    };
    let items = auto! { items for _ in 0..3 => keep().await, => items.len() };
    assert_eq!(items.now_or_never(), Some(3));
    let mut graph = Box::pin(auto! {
        items for item in 0..3 => {
            keep().await;
            if item > 0 { std::future::pending::<()>().await; }
        },
    });
    assert!(poll(graph.as_mut(), &flag).is_pending());
    wakers.borrow()[3].wake_by_ref();
    assert!(flag.take());
    assert!(poll(graph.as_mut(), &flag).is_pending());
    drop(graph);
    for waker in wakers.take() {
        thread::spawn(move || {
            waker.wake_by_ref();
            let clone = waker.clone();
            drop(waker);
            clone.wake();
        })
        .join()
        .expect("no panic");
    }
    assert!(!flag.take());
}

#[tokio::test]
async fn a_hundred_thousand_items() {
    let page = auto! {
        ready for item in 0..100_000_u32 => item,
        yielded for item in 0..100_000_u32 => { yield_now().await; item },
        spawned for item in 0..1_000_u32 => tokio::spawn(async move { item }).await.expect("no panic"),
    }
    .await;
    assert!(page.ready.iter().copied().eq(0..100_000));
    assert!(page.yielded.iter().copied().eq(0..100_000));
    assert!(page.spawned.iter().copied().eq(0..1_000));
}

const BUSY_STEPS: usize = 500_000;
const MODEST_STEPS: usize = 300;

async fn step(is_modest: bool, modest_has_ended: &Cell<bool>) -> bool {
    for _ in 0..if is_modest { MODEST_STEPS } else { BUSY_STEPS } {
        if modest_has_ended.get() {
            return true;
        }
        consume_budget().await;
    }
    if is_modest {
        modest_has_ended.set(true);
    }
    is_modest
}

#[tokio::test]
async fn busy_items_starve_no_item() {
    for place in 0..5 {
        let ended = Cell::new(false);
        let graph = auto! { items for item in 0..5 => step(item == place, &ended).await, => items };
        assert_eq!(graph.await, [true; 5], "at {place}");
    }
}

#[tokio::test]
async fn busy_items_and_tasks_starve_no_item() {
    for place in 0..2 {
        let ended = Cell::new(false);
        let graph = auto! {
            before => step(false, &ended).await,
            items for item in 0..2 => step(item == place, &ended).await,
            after => step(false, &ended).await,
            => before && after && items == [true; 2]
        };
        assert!(graph.await, "at {place}");
    }
}

#[tokio::test]
async fn busy_items_starve_no_task() {
    let ended = Cell::new(false);
    let graph = auto! {
        items for _ in 0..5 => step(false, &ended).await,
        modest => step(true, &ended).await,
        => modest && items == [true; 5]
    };
    assert!(graph.await);
}
