//! When taken and changed values drop.

use std::cell::{Cell, RefCell};

use conjoin::auto;
use futures::FutureExt;
use tokio::task::yield_now;

/// Neither `Clone` nor `Copy`, and counts its drops.
pub(super) struct Token<'t>(pub(super) &'t Cell<u32>);

impl Drop for Token<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

/// Records its name when it drops.
struct Named<'l>(&'static str, &'l RefCell<Vec<&'static str>>);

impl Drop for Named<'_> {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

#[test]
fn unpolled_graph_drops_what_it_owns() {
    let drops = Cell::new(0);
    let token = Token(&drops);
    let graph = auto! {
        token => token,
        taker: [move token] => drop(token),
    };
    drop(graph);
    assert_eq!(drops.get(), 1);
}

#[test]
fn failed_series_drops_values_in_reverse() {
    let dropped = RefCell::default();
    let graph = auto! {
        first => Named("first", &dropped),
        second: [first as _] => Named("second", &dropped),
        third: [mut first, second as _] => { first.0 = "first, changed"; Named("third", &dropped) },
        taker: [move second as _second, third as _] => Err::<(), _>("no")?,
    };
    assert_eq!(
        graph.now_or_never().expect("nothing waits").err(),
        Some("no")
    );
    assert_eq!(*dropped.borrow(), ["second", "third", "first, changed"]);
}

#[tokio::test]
async fn a_taken_value_is_gone_before_the_next_task_starts() {
    let drops = Cell::new(0);
    auto! {
        token => Token(&drops),
        taker: [move token] => { yield_now().await; drop(token) },
        next: [taker as _] => assert_eq!(drops.get(), 1),
    }
    .await;
}

#[tokio::test]
async fn a_value_that_a_taker_hands_back_lives_on() {
    let drops = Cell::new(0);
    let done = auto! {
        token => Token(&drops),
        taker: [move token] => { yield_now().await; token },
        next: [taker] => { _ = taker; assert_eq!(drops.get(), 0) },
    }
    .await;
    assert_eq!(drops.get(), 0);
    drop(done);
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_taker_that_fails_drops_the_value() {
    let drops = Cell::new(0);
    let graph = auto! {
        token => Token(&drops),
        taker: [move token] => { _ = &token; Err::<(), _>("no")? },
    };
    assert_eq!(
        graph.now_or_never().expect("nothing waits").err(),
        Some("no")
    );
    assert_eq!(drops.get(), 1);
}

#[tokio::test]
async fn a_value_that_is_replaced_is_dropped_at_once() {
    let drops = Cell::new(0);
    let done = auto! {
        token => Token(&drops),
        changes: [mut token] => { *token = Token(&drops); assert_eq!(drops.get(), 1); yield_now().await },
    }
    .await;
    assert_eq!(drops.get(), 1);
    drop(done);
    assert_eq!(drops.get(), 2);
}
