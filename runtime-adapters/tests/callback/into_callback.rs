//! Tests futures that end in a callback.

use std::cell::RefCell;
use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use conjoin_adapters::{Aborted, IntoCallback};
use futures::executor::block_on;
use tokio::sync::oneshot;

use crate::poll;

#[test]
fn the_output_goes_to_the_callback() {
    let got = RefCell::new(Vec::new());
    block_on(ready(1).into_callback(|task| task, |output| got.borrow_mut().push(output)));
    assert_eq!(got.into_inner(), [Ok(1)]);
}

#[test]
fn a_task_that_is_dropped_calls_back() {
    let got = RefCell::new(Vec::new());
    let mut task =
        pending::<()>().into_callback(|task| task, |output| got.borrow_mut().push(output));
    assert!(poll(&mut task).is_pending());
    drop(task);
    let got = got.into_inner();
    assert_eq!(got.len(), 1);
    let aborted = got[0].clone().expect_err("it was dropped");
    assert_eq!(
        (aborted.panic(), aborted.to_string().as_str()),
        (None, "the task was dropped before its end")
    );
}

#[test]
fn panicking_task_calls_back_once() {
    let got: Rc<RefCell<Vec<Result<(), Aborted>>>> = Rc::default();
    let log = Rc::clone(&got);
    let task = async { panic!("no") }
        .into_callback(|task| task, move |output| log.borrow_mut().push(output));
    let payload =
        catch_unwind(AssertUnwindSafe(|| block_on(task))).expect_err("the panic is resumed");
    assert_eq!(payload.downcast_ref(), Some(&"no"));
    let got = got.take();
    assert_eq!(got.len(), 1);
    assert_eq!(
        got[0].as_ref().expect_err("it panicked").panic(),
        Some("no")
    );
}

#[test]
fn a_panic_in_the_callback_is_not_a_second_call() {
    let calls = RefCell::new(0);
    let task = ready(1).into_callback(
        |task| task,
        |_| {
            *calls.borrow_mut() += 1;
            panic!("in the callback")
        },
    );
    let payload = catch_unwind(AssertUnwindSafe(|| block_on(task))).expect_err("it unwinds");
    assert_eq!(payload.downcast_ref(), Some(&"in the callback"));
    assert_eq!(calls.into_inner(), 1);
}

#[tokio::test]
async fn a_task_that_is_aborted_calls_back() {
    let (sender, receiver) = oneshot::channel();
    let task = pending::<()>().into_callback(tokio::spawn, |output| {
        sender.send(output).expect("it is waited for");
    });
    task.abort();
    let aborted = receiver
        .await
        .expect("it is called")
        .expect_err("it was aborted");
    assert_eq!(aborted.panic(), None);
}

#[test]
fn future_is_dropped_before_the_callback() {
    let held = Rc::new(());
    let count = |held: &Rc<()>| Rc::strong_count(held);
    for ends in [true, false] {
        let (inside, seen) = (Rc::clone(&held), RefCell::new(None));
        let outside = Rc::clone(&held);
        let future = async move {
            if !ends {
                pending::<()>().await;
            }
            drop(inside);
        };
        let mut task =
            future.into_callback(|task| task, |_| *seen.borrow_mut() = Some(count(&outside)));
        assert_eq!(poll(&mut task).is_ready(), ends);
        drop(task);
        // The reference of the test, and the one outside.
        assert_eq!(seen.into_inner(), Some(2));
    }
}
