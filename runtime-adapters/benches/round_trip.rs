//! Round trips of a callback, for an instruction counter: `callbacks.sh` runs `round_trip NAME COUNT` under callgrind.
//! `hand` is the same with `tokio::sync::oneshot`, and `none` is the empty program.

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
    let mut arguments = std::env::args().skip(1);
    let run: fn(u64) -> u64 = match arguments.next().as_deref() {
        Some("hand") => hand,
        Some("adapter") => adapter,
        _ => |value| value,
    };
    let count = arguments
        .next()
        .map_or(1, |count| count.parse().expect("a number"));
    for value in 0..count {
        assert_eq!(black_box(run(black_box(value))), value);
    }
}
