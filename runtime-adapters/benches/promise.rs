//! Promises, for an instruction counter: `callbacks.sh` runs `promise NAME COUNT` under callgrind. `none` is the empty
//! program.

use std::env;
use std::future::IntoFuture;
use std::pin::pin;

use conjoin_adapters::promise::Promise;
use futures::executor::block_on;
use futures::future::{FutureExt, join_all};

fn main() {
    // `cargo bench` adds its own argument.
    let arguments: Vec<_> = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let (name, count) = match &arguments[..] {
        [name, count] => (
            &name[..],
            count.parse().expect("the second argument is a number"),
        ),
        _ => ("chain", 1_000),
    };
    let (root, resolver) = Promise::<usize, ()>::deferred();
    let settle = || resolver.resolve(0).expect("the promise is there");
    match name {
        "none" => {}
        "chain" => {
            let last = (0..count).fold(root, |promise, _| promise.then(|n| n + 1));
            settle();
            assert_eq!(block_on(last.into_future()), Ok(count));
        }
        "asynchronous" => {
            let last = (0..count).fold(root, |promise, _| promise.and_then(async |n| Ok(n + 1)));
            settle();
            assert_eq!(block_on(last.into_future()), Ok(count));
        }
        "dropped" => {
            let last = (0..count).fold(root, |promise, _| promise.then(|n| n + 1));
            assert!(last.into_future().now_or_never().is_none());
        }
        "consumers" => {
            let derived: Vec<_> = (0..count).map(|_| root.then(|n| n + 1)).collect();
            settle();
            assert!(
                derived
                    .into_iter()
                    .all(|promise| block_on(promise.into_future()) == Ok(1))
            );
        }
        "awaiting" => {
            let mut all = pin!(join_all((0..count).map(|_| root.clone().into_future())));
            assert!((&mut all).now_or_never().is_none());
            settle();
            assert_eq!(block_on(all).len(), count);
        }
        _ => panic!("there is none, chain, asynchronous, dropped, consumers and awaiting"),
    }
}
