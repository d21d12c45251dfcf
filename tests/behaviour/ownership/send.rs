//! A graph with taken and changed values is `Send` when its bodies are. A value that only one task uses at once need
//! not be `Sync`.

use std::cell::Cell;
use std::rc::Rc;

use conjoin::auto;
use futures::executor::block_on;
use tokio::task::yield_now;

use crate::send::{Otherwise, Probe};

fn is_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn series_passes_cells_and_is_send() {
    let done = block_on(is_send(auto! {
        cell => { yield_now().await; Cell::new(1) },
        changed: [mut cell] => { yield_now().await; *cell.get_mut() += 1 },
        taken: [move cell, changed as _] => { yield_now().await; cell.get() },
    }));
    assert_eq!(done.taken, 2);
}

#[test]
fn parallel_part_passes_cells_and_is_send() {
    let done = block_on(is_send(auto! {
        changed => Cell::new(1),
        taken => Cell::new(2),
        changes: [mut changed, taken as _] => { yield_now().await; *changed.get_mut() += 1 },
        takes: [move taken, changed as _] => { yield_now().await; taken.get() },
        made: [changed as _, taken as _] => Cell::new(3),
        inside: [move made] => { yield_now().await; made.get() },
    }));
    assert_eq!((done.changed.get(), done.takes, done.inside), (2, 2, 3));
}

#[test]
fn n_passes_cells_and_is_send() {
    let done = block_on(is_send(auto! {
        user => Cell::new(1),
        settings => { yield_now().await; Cell::new(2) },
        posts: [mut user] => { yield_now().await; *user.get_mut() += 1 },
        page: [user as _, move settings] => { yield_now().await; settings.get() },
    }));
    assert_eq!((done.user.get(), done.page), (2, 2));
}

#[test]
fn gated_part_passes_cells_and_is_send() {
    let done = block_on(is_send(auto! {
        outside => Cell::new(0),
        north_1: [outside as _] => { yield_now().await; Cell::new(1) },
        south_1: [mut outside] => { yield_now().await; *outside.get_mut() += 1; Cell::new(2) },
        north_2: [mut north_1] => { yield_now().await; *north_1.get_mut() += 1 },
        south_2: [mut south_1, mut outside] => { yield_now().await; *outside.get_mut() += 1; *south_1.get_mut() += 1 },
        north_3: [move north_1, north_2 as _, south_2 as _] => { yield_now().await; north_1.get() },
        south_3: [mut south_1, south_2 as _] => { yield_now().await; *south_1.get_mut() += 1 },
    }));
    assert_eq!(
        (done.outside.get(), done.north_3, done.south_1.get()),
        (2, 2, 4)
    );
}

#[test]
fn gated_readers_share_a_sync_value() {
    let done = block_on(is_send(auto! {
        list => vec![1],
        south_1 => yield_now().await,
        north_2: [mut list] => { yield_now().await; list.push(2) },
        south_2: [south_1 as _] => yield_now().await,
        reads: [list, north_2 as _] => { yield_now().await; list.len() },
        reads_too: [list, north_2 as _, south_2 as _] => { yield_now().await; list.len() },
        south_3: [south_2 as _] => (),
        taken: [move list, reads as _, reads_too as _] => { yield_now().await; list },
    }));
    assert_eq!((done.reads, done.taken), (2, vec![1, 2]));
}

#[test]
fn every_option_passes_cells_and_is_send() {
    let done = block_on(is_send(auto! {
        #![settle]
        #![limit(2)]
        #![name_errors]
        #![error(String)]
        north_1 => Cell::new(1),
        south_1 => { yield_now().await; Cell::new(2) },
        north_2: [mut north_1] => { yield_now().await; *north_1.get_mut() += 1; Ok::<_, String>(())? },
        south_2: [mut south_1] if south_1.get() == 2 => { yield_now().await; *south_1.get_mut() += 1 },
        north_3: [move north_1, north_2 as _, south_2 as _] => { yield_now().await; north_1.get() },
        south_3: [move south_1, south_2 as _] if { yield_now().await; true } => south_1.get(),
    }));
    assert_eq!(
        (done.north_3.ok(), done.south_3.ok()),
        (Some(2), Some(Some(3)))
    );
}

#[tokio::test]
async fn a_graph_that_hands_values_over_can_be_spawned() {
    let graph = async {
        auto! {
            cell => Cell::new(1),
            changed: [mut cell] => { yield_now().await; cell.set(2) },
            beside => yield_now().await,
            taken: [move cell, changed as _] => { yield_now().await; cell.get() },
            => taken
        }
        .await
    };
    assert_eq!(tokio::spawn(graph).await.expect("it ends"), 2);
}

fn a_value_that_is_not() -> impl Future {
    auto! {
        local => { yield_now().await; Rc::new(1) },
        taken: [move local] => { yield_now().await; *local },
    }
}

fn a_value_that_is_not_behind_gates() -> impl Future {
    auto! {
        local => Rc::new(1),
        south_1 => yield_now().await,
        changed: [mut local] => { yield_now().await; _ = Rc::get_mut(local) },
        south_2: [south_1 as _] => yield_now().await,
        taken: [move local, changed as _, south_1 as _] => { yield_now().await; *local },
    }
}

#[test]
fn moved_value_that_is_not_send_makes_graph_not_send() {
    assert!(!(&Probe(a_value_that_is_not())).is_send());
    assert!(!(&Probe(a_value_that_is_not_behind_gates())).is_send());
}
