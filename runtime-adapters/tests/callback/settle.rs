//! Tests what a resolver does in each state.

use std::error::Error;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::{future::Future, pin::Pin};

use conjoin_adapters::{CallbackError, CallbackFuture, Resolver, from_callback};
use futures::executor::block_on;

use crate::poll;

/// A resolver and its future.
fn pair<T, E>() -> (Resolver<T, E>, CallbackFuture<T, E>) {
    let mut resolver = None;
    let future = from_callback(|done| resolver = Some(done));
    (resolver.expect("it is called at once"), future)
}

#[test]
fn callback_value_is_the_outcome() {
    let (done, future) = pair::<_, ()>();
    assert_eq!(done.settle(Ok(1)), Ok(()));
    assert_eq!(block_on(future), Ok(1));

    let (done, future) = pair::<(), _>();
    assert_eq!(done.settle(Err(2)), Ok(()));
    assert_eq!(block_on(future), Err(CallbackError::Rejected(2)));

    let (done, future) = pair::<(), ()>();
    done.cancel();
    assert_eq!(block_on(future), Err(CallbackError::Cancelled));

    let (done, future) = pair::<_, ()>();
    done.callback()(Ok(3));
    assert_eq!(block_on(future), Ok(3));
}

#[test]
fn late_value_returns_to_caller() {
    let (done, future) = pair::<u8, u8>();
    drop(future);
    assert_eq!(done.resolve(1), Err(1));

    let (done, future) = pair::<u8, u8>();
    drop(future);
    assert_eq!(done.reject(2), Err(2));

    let (done, future) = pair::<u8, u8>();
    drop(future);
    assert_eq!(done.settle(Err(3)), Err(Err(3)));
}

#[test]
fn nothing_needs_to_be_send_on_one_thread() {
    let (done, future) = pair::<Rc<u8>, Rc<()>>();
    assert!(done.resolve(Rc::new(1)).is_ok());
    assert_eq!(block_on(future), Ok(Rc::new(1)));
}

#[test]
fn both_sides_are_send_when_the_values_are() {
    fn is_send(_: &impl Send) {}
    let (done, future) = pair::<u8, String>();
    is_send(&future);
    let (succeed, fail) = done.pair();
    is_send(&succeed);
    is_send(&fail);
}

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn the_newest_waker_is_woken_once() {
    let (done, mut future) = pair::<u8, ()>();
    let counts = [(); 2].map(|()| Arc::new(Count(AtomicUsize::new(0))));
    for count in &counts {
        let waker = Waker::from(Arc::clone(count));
        assert!(
            Pin::new(&mut future)
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
    }
    // The older one is not kept.
    assert_eq!(Arc::strong_count(&counts[0]), 1);
    assert_eq!(done.resolve(1), Ok(()));
    assert_eq!(
        counts
            .each_ref()
            .map(|count| count.0.load(Ordering::Relaxed)),
        [0, 1]
    );
    assert_eq!(Arc::strong_count(&counts[1]), 1);
}

#[test]
#[should_panic = "polled after its end"]
fn a_poll_after_the_end_panics() {
    let (done, mut future) = pair::<u8, ()>();
    assert_eq!(done.resolve(1), Ok(()));
    assert_eq!(poll(&mut future), Poll::Ready(Ok(1)));
    let _ = poll(&mut future);
}

#[test]
fn an_error_reads_as_what_it_holds() {
    let inner = io::Error::other(io::Error::other("the cause"));
    let text = inner.to_string();
    let error = CallbackError::Rejected(inner);
    assert_eq!(error.to_string(), text);
    // The message is that of the inner error, whose source is the source.
    assert_eq!(
        error.source().map(ToString::to_string),
        error
            .rejection()
            .and_then(|e| e.source().map(ToString::to_string))
    );

    let texts = [
        (
            CallbackError::<io::Error>::Dropped,
            "the callback was dropped without being called",
        ),
        (
            CallbackError::Empty,
            "the callback was called with neither an error nor a value",
        ),
        (CallbackError::Panicked("oh".into()), "panicked: oh"),
        (CallbackError::Cancelled, "the operation was cancelled"),
        (
            CallbackError::TimedOut,
            "the callback was not called in time",
        ),
    ];
    for (error, text) in texts {
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn values_are_dropped_once_wherever_they_end() {
    let value = Arc::new(());
    let count = || Arc::strong_count(&value);

    let (done, future) = pair::<_, ()>();
    assert!(done.resolve(Arc::clone(&value)).is_ok());
    assert_eq!(count(), 2);
    drop(future);
    assert_eq!(count(), 1);

    let (done, future) = pair::<_, ()>();
    let (succeed, fail) = done.pair();
    fail(());
    succeed(Arc::clone(&value));
    assert_eq!((count(), future.ignored_calls()), (1, 1));
}
