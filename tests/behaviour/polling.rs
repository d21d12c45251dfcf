//! The graph as a future: its polls, and which waker is woken.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn, ready};
use std::pin::pin;
use std::task::{Poll, Waker};

use conjoin::auto;
use conjoin_tests::{Flag, poll};
use futures::FutureExt;
use tokio::sync::oneshot;

/// Is pending for `times` polls, each of which wakes it again, and counts its polls.
async fn yields(times: u32, polls: &Cell<u32>) {
    poll_fn(|cx| {
        polls.set(polls.get() + 1);
        if polls.get() > times {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[test]
fn nothing_runs_before_the_first_poll() {
    let mut ran = false;
    let graph = auto! { task => ran = true };
    drop(graph);
    assert!(!ran);
}

#[test]
fn one_poll_is_enough_when_all_is_ready() {
    let series_and_parallel = auto! {
        root => ready(1).await,
        left: [root] => ready(root + 1).await,
        right: [root] => ready(root + 2).await,
        tip: [left, right] => ready(left + right).await,
        => tip
    };
    assert_eq!(series_and_parallel.now_or_never(), Some(5));

    let n = auto! {
        page: [user, settings] => ready(user + settings).await,
        posts: [user] => ready(user + 1).await,
        settings => ready(2).await,
        user => ready(1).await,
        => page + posts
    };
    assert_eq!(n.now_or_never(), Some(5));

    let gated = auto! {
        south_3: [south_2, north_1] => ready(south_2 + north_1).await,
        north_3: [north_2] => ready(north_2 + 1).await,
        south_2: [south_1] => ready(south_1 + 1).await,
        north_2: [north_1] => ready(north_1 + 1).await,
        south_1 => ready(1).await,
        north_1 => ready(1).await,
        => north_3 + south_3
    };
    assert_eq!(gated.now_or_never(), Some(6));
}

#[test]
fn task_starts_in_the_poll_of_its_dependency() {
    let (send, receive) = oneshot::channel();
    let started = Cell::new(false);
    let flag = Flag::new();
    let mut graph = pin!(auto! {
        first => receive.await,
        second: [first as _] => { started.set(true); pending::<()>().await },
        third => pending::<()>().await,
    });
    assert!(poll(graph.as_mut(), &flag).is_pending());
    assert!(!started.get());
    send.send(()).expect("the graph listens");
    assert!(poll(graph.as_mut(), &flag).is_pending());
    assert!(started.get());
}

#[test]
fn a_poll_polls_each_running_task_once() {
    let polls = [const { Cell::new(0) }; 4];
    let [user, settings, posts, page] = &polls;
    let flag = Flag::new();
    let mut graph = pin!(auto! {
        user => yields(1, user).await,
        settings => yields(3, settings).await,
        posts: [user as _] => yields(3, posts).await,
        page: [user as _, settings as _] => yields(0, page).await,
    });
    for expected in [[1, 1, 0, 0], [2, 2, 1, 0], [2, 3, 2, 0], [2, 4, 3, 1]] {
        assert!(poll(graph.as_mut(), &flag).is_pending());
        assert_eq!(polls.each_ref().map(Cell::get), expected);
    }
    assert!(poll(graph.as_mut(), &flag).is_ready());
}

#[test]
fn poll_polls_each_gated_task_once() {
    let polls = [const { Cell::new(0) }; 6];
    let [north_1, north_2, north_3, south_1, south_2, south_3] = &polls;
    let flag = Flag::new();
    let mut graph = pin!(auto! {
        north_1 => yields(0, north_1).await,
        north_2: [north_1 as _] => yields(2, north_2).await,
        north_3: [north_2 as _] => yields(0, north_3).await,
        south_1 => yields(1, south_1).await,
        south_2: [south_1 as _] => yields(1, south_2).await,
        south_3: [south_2 as _, north_1 as _] => yields(1, south_3).await,
    });
    for expected in [[1, 1, 0, 1, 0, 0], [1, 2, 0, 2, 1, 0], [1, 3, 1, 2, 2, 1]] {
        assert!(poll(graph.as_mut(), &flag).is_pending());
        assert_eq!(polls.each_ref().map(Cell::get), expected);
    }
    assert!(poll(graph.as_mut(), &flag).is_ready());
}

#[test]
fn a_task_that_wakes_itself_is_polled_again() {
    let polls = Cell::new(0);
    let flag = Flag::new();
    let mut graph = pin!(auto! { busy => yields(100, &polls).await, idle => ready(()).await });
    while poll(graph.as_mut(), &flag).is_pending() {
        assert!(flag.take(), "the wake of its task reaches the graph");
    }
    assert_eq!(polls.get(), 101);
}

#[test]
fn waker_of_the_last_poll_is_woken() {
    let ((left, left_ready), (right, right_ready)) = (oneshot::channel(), oneshot::channel());
    let (old, new) = (Flag::new(), Flag::new());
    let mut graph = pin!(auto! {
        left => left_ready.await,
        right => right_ready.await,
        both: [left as _, right as _] => (),
    });
    assert!(poll(graph.as_mut(), &old).is_pending());
    assert!(poll(graph.as_mut(), &new).is_pending());
    left.send(()).expect("the graph listens");
    assert_eq!((old.take(), new.take()), (false, true));
    assert!(poll(graph.as_mut(), &old).is_pending());
    right.send(()).expect("the graph listens");
    assert_eq!((old.take(), new.take()), (true, false));
    assert!(poll(graph.as_mut(), &old).is_ready());
}

#[test]
fn a_waker_may_be_woken_after_the_graph_has_ended() {
    let kept = RefCell::new(None::<Waker>);
    let flag = Flag::new();
    {
        let keep = || {
            poll_fn(|cx| match kept.replace(Some(cx.waker().clone())) {
                None => Poll::Pending,
                Some(_) => Poll::Ready(()),
            })
        };
        let mut graph = pin!(auto! { keeps => keep().await, other => ready(()).await });
        assert!(poll(graph.as_mut(), &flag).is_pending());
        assert!(poll(graph.as_mut(), &flag).is_ready());
    }
    kept.take().expect("a waker was kept").wake();
}

#[test]
fn a_waker_may_be_woken_after_the_graph_was_dropped() {
    let kept = RefCell::new(None::<Waker>);
    let keep = poll_fn(|cx| {
        kept.replace(Some(cx.waker().clone()));
        Poll::<()>::Pending
    });
    assert!(
        auto! { keeps => keep.await, other => pending::<()>().await }
            .now_or_never()
            .is_none()
    );
    kept.take().expect("a waker was kept").wake();
}

#[test]
fn a_wake_from_another_thread_reaches_the_graph() {
    let (send, received) = oneshot::channel();
    let graph = auto! { number => received.await, next: [number] => number.as_ref().map(|number| number + 1).ok() };
    let sender = std::thread::spawn(move || send.send(1));
    assert_eq!(futures::executor::block_on(graph).next, Some(2));
    assert_eq!(sender.join().expect("the thread ends"), Ok(()));
}
