//! `as PATTERN` behind `move` and `mut`.

use std::cell::Cell;

use conjoin::auto;
use tokio::task::yield_now;

use super::drops::Token;

#[tokio::test]
async fn a_taken_value_can_be_bound_as_mutable() {
    let done = auto! {
        list => vec![1],
        longer: [move list as mut longer] => { longer.push(2); longer },
    }
    .await;
    assert_eq!(done.longer, [1, 2]);
}

#[tokio::test]
async fn a_taken_value_can_be_taken_apart() {
    let done = auto! {
        pair => (String::from("a"), vec![1]),
        swapped: [move pair as (text, mut list)] => { list.push(2); yield_now().await; (list, text) },
    }
    .await;
    assert_eq!(done.swapped, (vec![1, 2], "a".to_owned()));
}

struct Parts<'t> {
    wanted: Token<'t>,
    rest: Token<'t>,
}

#[tokio::test]
async fn unbound_parts_drop_before_the_body() {
    let drops = Cell::new(0);
    let series = auto! {
        parts => Parts { wanted: Token(&drops), rest: Token(&drops) },
        taker: [move parts as Parts { wanted, .. }] => {
            assert_eq!(drops.get(), 1);
            yield_now().await;
            wanted
        },
    };
    let done = series.await;
    assert_eq!(drops.get(), 1);
    drop(done);
    assert_eq!(drops.get(), 2);
}

#[tokio::test]
async fn unbound_parts_drop_first_in_every_plan() {
    let drops = Cell::new(0);
    auto! {
        start => (),
        parts: [start as _] => Parts { wanted: Token(&drops), rest: Token(&drops) },
        taker: [move parts as Parts { rest, .. }] => {
            assert_eq!(drops.get(), 1);
            yield_now().await;
            drop(rest);
        },
        beside: [start as _] => yield_now().await,
    }
    .await;
    assert_eq!(drops.replace(0), 2);
    auto! {
        north_1 => Parts { wanted: Token(&drops), rest: Token(&drops) },
        south_1 => yield_now().await,
        north_2: [north_1] => { yield_now().await; _ = &north_1.wanted },
        south_2: [south_1 as _] => yield_now().await,
        taker: [move north_1 as Parts { wanted: _, rest }, north_2 as _, south_1 as _] => {
            assert_eq!(drops.get(), 1);
            yield_now().await;
            drop(rest);
        },
    }
    .await;
    assert_eq!(drops.get(), 2);
}

#[tokio::test]
async fn value_taken_as_underscore_drops_before_the_body() {
    let drops = Cell::new(0);
    auto! {
        token => Token(&drops),
        taker: [move token as _] => { assert_eq!(drops.get(), 1); yield_now().await },
    }
    .await;
    drops.set(0);
    auto! {
        north_1 => Token(&drops),
        south_1 => yield_now().await,
        north_2: [move north_1 as _] => { assert_eq!(drops.get(), 1); yield_now().await },
        south_2: [south_1 as _] => yield_now().await,
        both: [north_2 as _, south_2 as _] => (),
        south_3: [south_2 as _] => (),
    }
    .await;
    assert_eq!(drops.get(), 1);
}

#[tokio::test]
#[allow(unused_must_use, reason = "the task does not use what it takes")]
async fn taken_value_is_dropped_with_its_task() {
    let drops = Cell::new(0);
    auto! {
        token => Token(&drops),
        taker: [move token] => { assert_eq!(drops.get(), 0); yield_now().await; assert_eq!(drops.get(), 0) },
        after: [taker as _] => assert_eq!(drops.get(), 1),
    }
    .await;
    drops.set(0);
    auto! {
        token => Token(&drops),
        south_1 => yield_now().await,
        taker: [move token as _unused] => { yield_now().await; assert_eq!(drops.get(), 0) },
        south_2: [south_1 as _] => yield_now().await,
        after: [taker as _, south_2 as _] => assert_eq!(drops.get(), 1),
        south_3: [south_2 as _] => (),
    }
    .await;
}

#[tokio::test]
async fn a_changed_value_can_be_taken_apart_into_references() {
    let done = auto! {
        pair => (1, String::from("a")),
        changes: [mut pair as (number, text)] => { *number += 1; yield_now().await; text.push('b') },
        again: [mut pair as (_, text), changes as _] => text.push('c'),
    }
    .await;
    assert_eq!(done.pair, (2, "abc".to_owned()));
}

#[tokio::test]
async fn a_changed_value_can_have_another_name() {
    let done = auto! { count => 1, changes: [mut count as counter] => { *counter += 1; yield_now().await } }.await;
    assert_eq!(done.count, 2);
}

/// It only orders, so another task may use the value meanwhile.
#[tokio::test]
async fn mut_as_underscore_only_orders() {
    let done = auto! {
        count => 1,
        changes: [mut count] => { yield_now().await; *count += 1 },
        waits: [mut count as _] => yield_now().await,
        reads_nothing: [count as _] => yield_now().await,
    }
    .await;
    assert_eq!(done.count, 2);
}

#[tokio::test]
async fn a_changed_value_can_be_replaced_as_a_whole() {
    let done = auto! {
        list => vec![1],
        old: [mut list] => { yield_now().await; std::mem::replace(list, vec![2, 3]) },
    }
    .await;
    assert_eq!(done.into_tuple(), (vec![2, 3], vec![1]));
}

#[tokio::test]
async fn raw_names_are_taken_and_changed() {
    let done = auto! {
        r#type => vec![1],
        r#fn: [mut r#type] => r#type.push(2),
        r#loop: [move r#type as list, r#fn as _] => list,
    }
    .await;
    assert_eq!(done.r#loop, [1, 2]);
}
