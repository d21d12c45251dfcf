//! Measures the round trip of a closure through rayon, with an instruction counter. `hand` is the same with
//! `tokio::sync::oneshot`, `none` the empty program. After `cargo bench -p conjoin-adapters --features compute --bench
//! compute --no-run`: `RAYON_NUM_THREADS=1 valgrind --tool=callgrind target/release/deps/compute-… NAME COUNT`.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};

use conjoin_adapters::cpu;
use futures::executor::block_on;
use tokio::sync::oneshot;

/// The code without this crate.
async fn by_hand<T: Send + 'static>(
    receiver: oneshot::Receiver<std::thread::Result<T>>,
) -> Result<T, &'static str> {
    receiver
        .await
        .map_err(|_| "cancelled")?
        .map_err(|_| "panicked")
}

fn spawn_by_hand<T: Send + 'static>(
    closure: impl FnOnce() -> T + Send + 'static,
) -> oneshot::Receiver<std::thread::Result<T>> {
    let (sender, receiver) = oneshot::channel();
    rayon::spawn(move || {
        if !sender.is_closed() {
            drop(sender.send(catch_unwind(AssertUnwindSafe(closure))));
        }
    });
    receiver
}

/// All are queued before the first one is awaited, so that sleeping threads do not distort the figures.
fn all<F: Future>(count: u64, call: impl Fn(u64) -> F) -> u64
where
    F::Output: Into<Answer>,
{
    let futures: Vec<_> = (0..count).map(call).collect();
    block_on(async {
        let mut sum = 0;
        for future in futures {
            sum += future.await.into().0;
        }
        sum
    })
}

/// The number from the closure.
struct Answer(u64);

impl<E: std::fmt::Debug> From<Result<u64, E>> for Answer {
    fn from(result: Result<u64, E>) -> Self {
        Answer(result.expect("a number"))
    }
}

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
        _ => ("cpu", 1_000),
    };
    // Starts its threads beforehand.
    rayon::join(|| (), || ());
    let sum = match name {
        "none" => (0..count).sum(),
        "hand" => all(count, |n| by_hand(spawn_by_hand(move || n))),
        "cpu" => all(count, |n| cpu(move || n)),
        _ => panic!("there is none, hand and cpu"),
    };
    assert_eq!(sum, (0..count).sum::<u64>());
}
