//! Tests what Q, bluebird and node's `util.promisify` agree on, as far as types leave it open. Where those wait for
//! ever, there is an error here.

use std::cell::RefCell;
use std::task::Poll;
use std::thread;

use conjoin_adapters::{CallbackError, Promisify, Resolver, from_callback};
use futures::executor::block_on;

use crate::poll;

type Done = Resolver<u32, String>;

#[test]
fn a_value_resolves() {
    assert_eq!(
        block_on(from_callback(|done: Done| done.node(None, Some(1)))),
        Ok(1)
    );
}

#[test]
fn an_error_rejects() {
    let failed = block_on(from_callback(|done: Done| {
        done.node(Some("no".into()), None);
    }));
    assert_eq!(failed, Err(CallbackError::Rejected("no".into())));
}

#[test]
fn an_error_beside_a_value_rejects() {
    let failed = block_on(from_callback(|done: Done| {
        done.node(Some("no".into()), Some(1));
    }));
    assert_eq!(failed, Err(CallbackError::Rejected("no".into())));
}

#[test]
fn a_falsy_error_is_success() {
    // Only `None` stands for JavaScript's falsy error.
    assert_eq!(
        block_on(from_callback(
            |done: Resolver<_, u32>| done.node(None, Some(false))
        )),
        Ok(false)
    );
    let zero = block_on(from_callback(|done: Resolver<bool, u32>| {
        done.node(Some(0), None);
    }));
    assert_eq!(zero, Err(CallbackError::Rejected(0)));
}

#[test]
fn neither_error_nor_value_is_an_error() {
    assert_eq!(
        block_on(from_callback(|done: Done| done.node(None, None))),
        Err(CallbackError::Empty)
    );
}

#[test]
fn neither_is_success_where_the_value_is_unit() {
    let done = from_callback(|done: Resolver<(), String>| done.node(None, None));
    assert_eq!(block_on(done), Ok(()));
    let failed = from_callback(|done: Resolver<(), String>| done.node(Some("no".into()), None));
    assert_eq!(
        block_on(failed),
        Err(CallbackError::Rejected("no".to_owned()))
    );
    let done = from_callback(|done: Resolver<(), String>| done.node(None, Some(())));
    assert_eq!(block_on(done), Ok(()));
}

#[test]
fn neither_is_an_error_for_other_empty_types() {
    /// As small as `()`.
    #[derive(Debug, PartialEq)]
    struct Marker;

    let empty = from_callback(|done: Resolver<Marker, String>| done.node(None, None));
    assert_eq!(block_on(empty), Err(CallbackError::Empty));
    let empty = from_callback(|done: Resolver<Option<()>, String>| done.node(None, None));
    assert_eq!(block_on(empty), Err(CallbackError::Empty));
    let empty = from_callback(|done: Resolver<[(); 0], String>| done.node(None, None));
    assert_eq!(block_on(empty), Err(CallbackError::Empty));
}

#[test]
fn callback_may_run_before_the_function_returns() {
    let mut future = from_callback(|done: Done| done.resolve(1));
    assert_eq!(poll(&mut future), Poll::Ready(Ok(1)));
}

#[test]
fn the_callback_may_be_called_later() {
    let kept = RefCell::new(None);
    let mut future = from_callback(|done: Done| *kept.borrow_mut() = Some(done));
    assert_eq!(poll(&mut future), Poll::Pending);
    kept.take()
        .expect("it was registered")
        .resolve(1)
        .expect("the future waits");
    assert_eq!(poll(&mut future), Poll::Ready(Ok(1)));
}

#[test]
fn the_callback_may_be_called_on_another_thread() {
    let future = from_callback(|done: Done| thread::spawn(|| done.resolve(1)));
    assert_eq!(block_on(future), Ok(1));
}

#[test]
fn the_first_call_wins() {
    let future = from_callback(|done: Done| {
        let (succeed, fail) = done.pair();
        fail("first".into());
        succeed(2);
    });
    assert_eq!(future.ignored_calls(), 1);
    assert_eq!(
        block_on(future),
        Err(CallbackError::Rejected("first".into()))
    );
}

#[test]
fn a_throw_before_the_callback_rejects() {
    let failed = block_on(from_callback(|_: Done| panic!("no {}", "way")));
    assert_eq!(failed, Err(CallbackError::Panicked("no way".into())));
}

#[test]
fn a_throw_after_the_callback_is_ignored() {
    let future = from_callback(|done: Done| {
        done.resolve(1).expect("the future waits");
        panic!("too late")
    });
    assert_eq!(block_on(future), Ok(1));
}

#[test]
fn a_callback_after_a_throw_is_ignored() {
    let kept = RefCell::new(None);
    let mut future = from_callback(|done: Done| {
        *kept.borrow_mut() = Some(done);
        panic!("no")
    });
    let done = kept.take().expect("it was registered");
    assert!(done.is_cancelled());
    assert_eq!(done.resolve(1), Err(1));
    assert_eq!(
        poll(&mut future),
        Poll::Ready(Err(CallbackError::Panicked("no".into())))
    );
}

#[test]
fn a_callback_that_is_never_called_is_an_error() {
    assert_eq!(
        block_on(from_callback(|_: Done| ())),
        Err(CallbackError::Dropped)
    );
    assert_eq!(
        block_on(from_callback(|done: Done| drop(done.pair()))),
        Err(CallbackError::Dropped)
    );
    assert_eq!(
        block_on(from_callback(|done: Done| drop(done.callback()))),
        Err(CallbackError::Dropped)
    );
}

#[test]
fn arguments_are_passed_on_in_order() {
    let none = (|done: Resolver<&'static str, ()>| done.resolve("none")).promisify();
    assert_eq!(block_on(none()), Ok("none"));

    let six =
        (|a, b, c, d, e, f, done: Resolver<_, ()>| done.resolve((a, b, c, d, e, f))).promisify();
    assert_eq!(
        block_on(six(1, "2", '3', 4.0, [5], (6,))),
        Ok((1, "2", '3', 4.0, [5], (6,)))
    );
}

#[test]
fn a_promisified_function_can_be_called_many_times() {
    fn double(n: u32, done: Resolver<u32, ()>) {
        done.node(None, Some(n * 2));
    }
    let double = double.promisify();
    let (one, two) = (double(1), double(2));
    assert_eq!((block_on(two), block_on(one)), (Ok(4), Ok(2)));
}
