//! Measures a thousand round trips of a callback, with an instruction counter: `round_trip.sh` runs it under callgrind.
//! `hand` is the same with `tokio::sync::oneshot`.

#![allow(missing_docs)]

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use conjoin_adapters::{Resolver, from_callback};
use tokio::sync::oneshot;

/// The foreign function: keeps the callback, to be called later.
#[inline(never)]
fn register<F>(kept: &mut Option<F>, callback: F) {
    *kept = Some(callback);
}

fn poll<F: Future>(future: F, before_second: impl FnOnce()) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut cx).is_pending());
    before_second();
    match future.as_mut().poll(&mut cx) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("it was called back"),
    }
}

#[inline(never)]
fn hand(value: u64) -> u64 {
    let mut kept = None;
    let (sender, receiver) = oneshot::channel::<Result<u64, ()>>();
    register(&mut kept, move |result| {
        let _ = sender.send(result);
    });
    let outcome = poll(receiver, || {
        kept.take().expect("it was registered")(black_box(Ok(value)));
    });
    outcome.expect("it is not dropped").expect("no error")
}

#[inline(never)]
fn adapter(value: u64) -> u64 {
    let mut kept = None;
    let future = from_callback(|done: Resolver<u64, ()>| register(&mut kept, done.callback()));
    poll(future, || {
        kept.take().expect("it was registered")(black_box(Ok(value)));
    })
    .expect("no error")
}

fn main() {
    let run: fn(u64) -> u64 = match std::env::args().nth(1).as_deref() {
        Some("hand") => hand,
        Some("adapter") => adapter,
        _ => |value| value,
    };
    for value in 0..1000 {
        assert_eq!(black_box(run(black_box(value))), value);
    }
}
