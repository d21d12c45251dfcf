//! Values that are taken and changed by tasks that fail or are skipped.

use std::cell::Cell;

use conjoin::Settled::{Done, Failed, Skipped};
use conjoin::{Settled, auto};
use tokio::task::yield_now;

#[derive(Debug)]
struct Token<'t>(&'t Cell<u32>);

impl Drop for Token<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[tokio::test]
async fn taken_value_is_done_without_a_value() {
    let done = auto! {
        #![settle]
        list => vec![1],
        taken: [move list] => { yield_now().await; list },
        bad => Err::<Vec<i32>, _>("no")?,
        skipped: [move bad] => bad,
    }
    .await;
    let list: Settled<(), _> = done.list;
    let bad: Settled<(), _> = done.bad;
    assert_eq!((list, done.taken), (Done(()), Done(vec![1])));
    assert_eq!((bad, done.skipped), (Failed("no"), Skipped("bad")));
}

#[tokio::test]
async fn a_value_whose_taker_fails_is_gone() {
    let drops = Cell::new(0);
    let done = auto! {
        #![settle]
        token => Token(&drops),
        taker: [move token] => { yield_now().await; drop(token); Err::<(), _>("no")? },
    }
    .await;
    assert_eq!(drops.get(), 1);
    assert!(done.token.is_done());
    assert_eq!(done.taker, Failed("no"));
}

#[tokio::test]
async fn value_of_a_skipped_taker_drops_with_the_graph() {
    let drops = Cell::new(0);
    let done = auto! {
        #![settle]
        token => Token(&drops),
        bad => { yield_now().await; Err::<(), _>("no")? },
        taker: [move token, bad as _] => drop(token),
        after: [taker as _] => (),
        beside: [bad as _] => (),
    }
    .await;
    assert_eq!(drops.get(), 1);
    assert!(done.token == Done(()) && done.taker == Skipped("bad") && done.after == Skipped("bad"));
    assert_eq!(done.beside, Skipped("bad"));
}

#[tokio::test]
async fn failed_change_keeps_the_value() {
    let series = auto! {
        #![settle]
        list => vec![1],
        first: [mut list] => list.push(2),
        second: [mut list, first as _] => {
            list.push(3);
            yield_now().await;
            if list.len() == 3 { Err("full")? }
            list.push(4);
            Err::<(), _>("never")?
        },
        third: [mut list, second as _] => list.push(5),
    };
    let done = series.await;
    assert_eq!(done.list, Done(vec![1, 2, 3]));
    assert_eq!(
        (done.first, done.second, done.third),
        (Done(()), Failed("full"), Skipped("second"))
    );
}

#[tokio::test]
async fn failed_change_behind_gates_keeps_the_value() {
    let done = auto! {
        #![settle]
        outside => vec![0],
        list: [outside as _] => vec![1],
        south_1: [outside as _] => yield_now().await,
        first: [mut list, mut outside] => {
            list.push(2);
            outside.push(1);
            yield_now().await;
            Err::<(), _>("no")?
        },
        south_2: [south_1 as _] => yield_now().await,
        second: [mut list, mut outside, first as _, south_2 as _] => { list.push(3); outside.push(2) },
        south_3: [south_2 as _] => yield_now().await,
    }
    .await;
    assert_eq!(
        (done.list, done.outside),
        (Done(vec![1, 2]), Done(vec![0, 1]))
    );
    assert_eq!(
        (done.first, done.second, done.south_3),
        (Failed("no"), Skipped("first"), Done(()))
    );
}

#[tokio::test]
async fn failed_user_of_a_value_skips_its_taker() {
    let drops = Cell::new(0);
    let done = auto! {
        #![settle]
        token => Token(&drops),
        uses: [mut token] => { yield_now().await; _ = &*token; Err::<(), _>("no")? },
        reads: [token, uses as _] => token.0.get(),
        taker: [move token, reads as _] => drop(token),
    }
    .await;
    assert_eq!((done.reads, done.taker), (Skipped("uses"), Skipped("uses")));
    assert!(done.token.is_done());
    assert_eq!(drops.get(), 1);
}

/// Whether a task is done is recorded apart from its value.
#[tokio::test]
async fn task_may_follow_one_whose_value_is_in_use() {
    let done = auto! {
        #![settle]
        list => vec![1],
        changes: [mut list] => { yield_now().await; yield_now().await; list.push(2) },
        waits: [list as _] => { yield_now().await; 1 },
        waits_too: [mut list as _, waits as _] => { yield_now().await; 2 },
        south_1 => yield_now().await,
        south_2: [south_1 as _, list as _] => yield_now().await,
        takes: [move list, changes as _] => { yield_now().await; list },
        waits_for_taken: [list as _, south_2 as _] => { yield_now().await; 3 },
    }
    .await;
    assert_eq!(
        (done.waits, done.waits_too, done.waits_for_taken),
        (Done(1), Done(2), Done(3))
    );
    assert_eq!((done.list, done.takes), (Done(()), Done(vec![1, 2])));
}

#[tokio::test]
async fn a_condition_decides_over_a_taken_value() {
    let drops = Cell::new(0);
    let done = auto! {
        #![settle]
        token if true => Token(&drops),
        taker: [move token] if let Some(token) = token => { drop(token); drops.get() },
        other => Token(&drops),
        no: [move other] if { _ = &other; false } => drop(other),
        after: [no as _] => drops.get(),
    }
    .await;
    assert_eq!(
        (done.taker.ok().flatten(), done.no, done.after.ok()),
        (Some(1), Done(None), Some(2))
    );
    assert_eq!((done.token, done.other), (Done(()), Done(())));
}

#[tokio::test]
async fn patterns_take_values_apart() {
    let done = auto! {
        #![settle]
        pair => (vec![1], String::from("a")),
        changes: [mut pair as (list, _)] => list.push(2),
        reads: [pair as (_, text), changes as _] => text.len(),
        takes: [move pair as (mut list, _), reads as _] => { list.push(3); list },
        dropped => vec![1],
        drops: [move dropped as _] => (),
    }
    .await;
    assert_eq!(
        (done.reads, done.takes, done.pair),
        (Done(1), Done(vec![1, 2, 3]), Done(()))
    );
    assert_eq!((done.dropped, done.drops), (Done(()), Done(())));
}

#[tokio::test]
async fn a_final_arm_sees_what_is_left_of_a_taken_value() {
    let list = auto! {
        #![settle]
        list => vec![1],
        takes: [move list] => list,
        => { let () = list.ok().expect("it was made"); takes.ok() }
    };
    assert_eq!(list.await, Some(vec![1]));
}
