//! A graph is `Send` exactly when its bodies are, and requires `Sync` only of values that concurrent tasks share.

use std::cell::Cell;
use std::rc::Rc;

use conjoin::auto;
use tokio::task::yield_now;

/// Tells whether a type is `Send`: the inherent method has priority if it exists.
pub(super) struct Probe<T>(pub(super) T);

pub(super) trait Otherwise {
    fn is_send(&self) -> bool {
        false
    }
}

impl<T> Otherwise for &Probe<T> {}

#[expect(clippy::unused_self, reason = "a call picks it by its receiver")]
impl<T: Send> Probe<T> {
    pub(super) fn is_send(&self) -> bool {
        true
    }
}

fn bodies_that_are() -> impl Future {
    auto! {
        root => { yield_now().await; String::from("root") },
        left: [root] => { yield_now().await; root.len() },
        right: [root] => { yield_now().await; root.len() },
        side => yield_now().await,
        tip: [left, side as _] => { yield_now().await; *left },
    }
}

fn a_body_that_is_not() -> impl Future {
    auto! {
        local => { let local = Rc::new(1); yield_now().await; *local },
        other => yield_now().await,
    }
}

fn a_value_that_is_not() -> impl Future {
    auto! { shared => Rc::new(1), other => yield_now().await }
}

fn a_cell_that_nobody_depends_on() -> impl Future {
    auto! {
        root => yield_now().await,
        cell: [root as _] => { yield_now().await; Cell::new(1) },
        other: [root as _] => { yield_now().await; Cell::new(2) },
    }
}

fn a_cell_that_nobody_depends_on_in_an_n() -> impl Future {
    auto! {
        user => yield_now().await,
        settings => yield_now().await,
        posts: [user as _] => { yield_now().await; Cell::new(1) },
        page: [user as _, settings as _] => { yield_now().await; Cell::new(2) },
    }
}

fn a_cell_that_nobody_depends_on_behind_gates() -> impl Future {
    auto! {
        north_1 => yield_now().await,
        north_2: [north_1 as _] => yield_now().await,
        north_3: [north_2 as _] => { yield_now().await; Cell::new(1) },
        south_1 => yield_now().await,
        south_2: [south_1 as _] => yield_now().await,
        south_3: [south_2 as _, north_1 as _] => { yield_now().await; Cell::new(2) },
    }
}

fn a_cell_that_tasks_wait_for() -> impl Future {
    auto! {
        north_1 => { yield_now().await; Cell::new(1) },
        north_2: [north_1 as _] => yield_now().await,
        south_1 => { yield_now().await; Cell::new(2) },
        south_2: [south_1 as _] => yield_now().await,
        south_3: [south_2 as _, north_1 as _] => yield_now().await,
        north_3: [north_2 as _] => yield_now().await,
    }
}

fn a_cell_that_one_task_reads_at_once() -> impl Future {
    auto! { cell => { yield_now().await; Cell::new(1) }, number: [cell] => cell.get() }
}

fn a_cell_that_tasks_share() -> impl Future {
    auto! {
        cell => Cell::new(1),
        left: [cell] => { yield_now().await; cell.get() },
        right: [cell] => { yield_now().await; cell.get() },
    }
}

#[test]
fn graph_is_send_when_its_bodies_are() {
    assert!(Probe(bodies_that_are()).is_send());
}

#[test]
fn graph_is_not_send_when_a_body_is_not() {
    assert!(!(&Probe(a_body_that_is_not())).is_send());
}

#[test]
fn graph_is_not_send_when_a_value_is_not() {
    assert!(!(&Probe(a_value_that_is_not())).is_send());
}

#[test]
fn unused_value_need_not_be_sync() {
    assert!(Probe(a_cell_that_nobody_depends_on()).is_send());
    assert!(Probe(a_cell_that_nobody_depends_on_in_an_n()).is_send());
    assert!(Probe(a_cell_that_nobody_depends_on_behind_gates()).is_send());
    assert!(Probe(a_cell_that_tasks_wait_for()).is_send());
}

#[test]
fn value_read_without_await_need_not_be_sync() {
    assert!(Probe(a_cell_that_one_task_reads_at_once()).is_send());
}

#[test]
fn shared_value_must_be_sync() {
    assert!(!(&Probe(a_cell_that_tasks_share())).is_send());
}

#[tokio::test]
async fn a_graph_can_be_spawned() {
    let graph =
        async { auto! { one => 1, two: [one] => { yield_now().await; one + 1 }, => two }.await };
    assert_eq!(tokio::spawn(graph).await.expect("it ends"), 2);
}
