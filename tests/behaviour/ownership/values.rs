//! Kinds of values to take and change: values that cannot be shared, copied or named.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::AddAssign;
use std::pin::Pin;
use std::rc::Rc;

use conjoin::auto;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, yield_now};

#[tokio::test]
async fn boxed_future_can_be_taken() {
    let done = auto! {
        future => Box::pin(async { yield_now().await; 7 }) as Pin<Box<dyn Future<Output = i32>>>,
        answer: [move future] => future.await,
        beside => yield_now().await,
    }
    .await;
    assert_eq!(done.answer, 7);
}

#[tokio::test]
async fn boxed_future_passes_between_tasks() {
    let done = auto! {
        future => Box::pin(async { yield_now().await; yield_now().await; 7 }) as Pin<Box<dyn Future<Output = i32>>>,
        waits => yield_now().await,
        first: [mut future] => futures::poll!(future).is_pending(),
        second: [waits as _] => (),
        answer: [move future, first as _, waits as _] => future.await,
    }
    .await;
    assert_eq!((done.first, done.answer), (true, 7));
}

#[tokio::test]
async fn handle_of_a_spawned_task_can_be_taken() {
    let done = auto! {
        handle => tokio::spawn(async { yield_now().await; 7 }),
        started: [handle] => !handle.is_finished(),
        answer: [move handle, started as _] => handle.await?,
    };
    let done: Result<_, tokio::task::JoinError> = done.await;
    assert_eq!(done.expect("it ends").answer, 7);
}

#[tokio::test]
async fn handle_can_be_awaited_by_reference() {
    let done = auto! {
        handle => tokio::spawn(async { yield_now().await; 7 }),
        answer: [mut handle] => handle.await.expect("it ends"),
    }
    .await;
    let handle: JoinHandle<i32> = done.handle;
    assert_eq!((done.answer, handle.is_finished()), (7, true));
}

#[tokio::test]
async fn tasks_take_one_half_of_a_channel_each() {
    let done = auto! {
        channel => oneshot::channel::<u32>(),
        ends: [move channel as (sender, receiver)] => (sender, Some(receiver)),
        receiver: [mut ends as (_, receiver)] => receiver.take().expect("it is there"),
        sent: [move ends as (sender, _), receiver as _] => { yield_now().await; sender.send(7) },
        received: [move receiver] => receiver.await,
    }
    .await;
    assert_eq!((done.sent, done.received), (Ok(()), Ok(7)));
}

#[tokio::test]
async fn tasks_read_from_a_receiver_in_turn() {
    let (sender, receiver) = mpsc::channel(1);
    let done = auto! {
        receiver => receiver,
        first: [mut receiver] => receiver.recv().await,
        second: [mut receiver, first as _] => receiver.recv().await,
        sends => { for number in 1..=3 { sender.send(number).await.expect("the receiver lives"); } drop(sender) },
        rest: [move receiver as mut receiver, second as _] => {
            let mut rest = Vec::new();
            while let Some(number) = receiver.recv().await {
                rest.push(number);
            }
            rest
        },
    }
    .await;
    assert_eq!(
        (done.first, done.second, done.rest),
        (Some(1), Some(2), vec![3])
    );
}

#[tokio::test]
async fn trait_objects_can_be_changed_and_taken() {
    let done = auto! {
        things => vec![Box::new(1) as Box<dyn Display>],
        more: [mut things] => { yield_now().await; things.push(Box::new("two")) },
        text: [move things, more as _] => things.iter().map(ToString::to_string).collect::<Vec<_>>(),
    }
    .await;
    assert_eq!(done.text, ["1", "two"]);
}

#[tokio::test]
async fn closure_can_be_called_once() {
    let text = String::from("once");
    let done = auto! {
        once => (move || text),
        called: [move once] => once(),
        counter => { let mut count = 0; (move || { count += 1; count }) },
        counted: [mut counter] => (counter(), counter()),
    }
    .await;
    assert_eq!((done.called.as_str(), done.counted), ("once", (1, 2)));
}

#[tokio::test]
async fn unsendable_values_pass_between_tasks() {
    let done = auto! {
        north_1 => Rc::new(RefCell::new(1)),
        south_1 => Cell::new(1),
        north_2: [mut north_1] => { yield_now().await; *Rc::get_mut(north_1).expect("it is alone").get_mut() += 1 },
        south_2: [mut south_1] => { yield_now().await; *south_1.get_mut() += 1 },
        both: [move north_1, north_2 as _, south_2 as _] => Rc::try_unwrap(north_1).expect("it is alone").into_inner(),
        south_3: [south_1, south_2 as _] => { yield_now().await; south_1.get() },
    }
    .await;
    assert_eq!((done.both, done.south_3), (2, 2));
}

#[tokio::test]
async fn reference_to_an_outer_variable_can_be_taken() {
    let text = String::from("a b");
    let mut count = 0;
    let mut other = 0;
    let done = auto! {
        counter => &mut count,
        words => text.split(' ').collect::<Vec<_>>(),
        counted: [mut counter, words] => { yield_now().await; **counter += words.len() },
        first: [move words, counted as _] => words[0],
        given: [move counter, counted as _] => { *counter += 1; counter },
        unshared => { other += 1; &mut other },
        beside: [move unshared] => *unshared += 1,
    }
    .await;
    assert_eq!((done.first, *done.given), ("a", 3));
    assert_eq!((count, other, text.len()), (3, 2, 3));
}

async fn generic<T: Default + AddAssign + Copy>(one: T) -> (T, T) {
    auto! {
        taken => T::default(),
        changed: [mut taken] => { yield_now().await; *taken += one; *taken },
        north_1 => T::default(),
        south_1 => yield_now().await,
        north_2: [mut north_1, changed] => *north_1 += *changed,
        south_2: [south_1 as _] => yield_now().await,
        result: [move north_1, move taken, north_2 as _, south_2 as _] => (taken, north_1),
        south_3: [south_2 as _] => (),
        => result
    }
    .await
}

#[tokio::test]
async fn generic_value_can_be_changed_and_taken() {
    assert_eq!(generic(2_u8).await, (2, 2));
    assert_eq!(generic(0.5_f32).await, (0.5, 0.5));
}

async fn longest<'t>(texts: &[&'t str], fallback: &'t str) -> &'t str {
    auto! {
        list => texts.to_vec(),
        south_1 => yield_now().await,
        extended: [mut list] => { yield_now().await; list.push(fallback) },
        south_2: [south_1 as _] => yield_now().await,
        longest: [move list, extended as _, south_1 as _] => list.into_iter().max_by_key(|text| text.len()),
        => longest.unwrap_or_default()
    }
    .await
}

#[tokio::test]
async fn value_may_borrow_from_a_parameter() {
    let text = String::from("longer");
    assert_eq!(longest(&[&text, "long"], "l").await, "longer");
    assert_eq!(longest(&[], "l").await, "l");
}

struct Account {
    balances: BTreeMap<&'static str, i32>,
}

impl Account {
    async fn add(&mut self, name: &'static str, amount: i32) -> Result<i32, String> {
        yield_now().await;
        let balance = self.balances.entry(name).or_default();
        *balance += amount;
        if *balance < 0 {
            Err(format!("{name} has {balance}"))
        } else {
            Ok(*balance)
        }
    }

    async fn close(self) -> Result<usize, String> {
        yield_now().await;
        Ok(self.balances.len())
    }
}

#[tokio::test]
async fn value_has_fallible_methods() {
    let account = || Account {
        balances: BTreeMap::from([("ann", 1)]),
    };
    let graph = auto! {
        account => account(),
        bo: [mut account] => account.add("bo", 2).await?,
        ann: [mut account, bo] => account.add("ann", -*bo).await?,
        closed: [move account, ann as _] => account.close().await?,
    };
    assert_eq!(graph.await.map(drop), Err("ann has -1".to_owned()));
    let graph = auto! {
        account => account(),
        bo: [mut account] => account.add("bo", 2).await?,
        closed: [move account, bo as _] => account.close().await?,
    };
    assert_eq!(graph.await.map(|done| (done.bo, done.closed)), Ok((2, 2)));
}

#[tokio::test]
async fn nested_graph_takes_the_value() {
    let done = auto! {
        list => vec![1],
        inner: [move list] => auto! {
            list => { yield_now().await; list },
            more: [mut list] => list.push(2),
            beside => yield_now().await,
            => list
        }.await,
        beside => yield_now().await,
    }
    .await;
    assert_eq!(done.inner, [1, 2]);
}

#[tokio::test]
async fn nested_graph_changes_the_value() {
    let done = auto! {
        list => vec![1],
        inner: [mut list] => auto! { one => { yield_now().await; list.push(2) }, two => yield_now().await }.await,
    }
    .await;
    assert_eq!(done.list, [1, 2]);
}

async fn sum_to(number: u32) -> u32 {
    auto! {
        list => vec![number],
        rest: [move list] if number > 0 => Box::pin(sum_to(number - 1)).await + list[0],
        => rest.unwrap_or(0)
    }
    .await
}

#[tokio::test]
async fn a_graph_that_takes_may_recur() {
    assert_eq!(sum_to(4).await, 10);
}
