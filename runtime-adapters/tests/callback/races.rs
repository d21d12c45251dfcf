//! Tests callbacks on one thread against futures that are polled, dropped or cancelled on another.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use conjoin_adapters::{CallbackError, Resolver, from_callback};
use futures::executor::block_on;

use crate::poll;

const RACES: usize = 200_000;

/// Counts how values end.
struct Value(Arc<AtomicUsize>);

impl Drop for Value {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn every_value_arrives_or_comes_back_once() {
    let (sender, resolvers) = mpsc::sync_channel::<(usize, Resolver<Value, ()>)>(64);
    let ended = Arc::new(AtomicUsize::new(0));
    let values = Arc::clone(&ended);
    let foreign = thread::spawn(move || {
        let (mut sent, mut returned, mut hooks) = (0, 0, Vec::new());
        for (race, resolver) in resolvers {
            let called = Arc::new(AtomicUsize::new(0));
            let hook = Arc::clone(&called);
            resolver.on_cancel(move || {
                hook.fetch_add(1, Ordering::Relaxed);
            });
            hooks.push(called);
            if race % 7 == 0 {
                drop(resolver);
            } else {
                sent += 1;
                returned += usize::from(resolver.resolve(Value(Arc::clone(&values))).is_err());
            }
        }
        assert!(
            hooks
                .iter()
                .all(|called| called.load(Ordering::Relaxed) <= 1)
        );
        (sent, returned)
    });
    let (mut arrived, mut dropped) = (0, 0);
    for race in 0..RACES {
        let mut future =
            from_callback(|done| sender.send((race, done)).expect("the other side is there"));
        match race % 4 {
            0 => drop(future),
            1 => block_on(future.cancel()),
            2 => {
                let _ = poll(&mut future).map(|outcome| arrived += usize::from(outcome.is_ok()));
            }
            _ => match block_on(future) {
                Ok(_) => arrived += 1,
                Err(CallbackError::Dropped) => dropped += 1,
                Err(error) => panic!("{error:?}"),
            },
        }
    }
    drop(sender);
    let (sent, returned) = foreign.join().expect("it ends");
    println!("{sent} sent: {arrived} arrived, {returned} came back; {dropped} seen dropped");
    // Some values were dropped with their futures.
    assert!(arrived + returned <= sent);
    assert_eq!(ended.load(Ordering::Relaxed), sent);
}
