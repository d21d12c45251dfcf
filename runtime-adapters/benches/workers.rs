//! Measures the calls per second of worker processes: in sequence, and with 64 at a time. `cargo bench -p
//! conjoin-adapters --features workers --bench workers -- [WORKERS] [single|multi]`; the latter is the runtime of the
//! parent and of the workers.

use std::time::{Duration, Instant};

use conjoin_adapters::broker::{Broker, Handlers, Request};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use tokio::runtime::Builder;

const TIME: Duration = Duration::from_secs(2);

#[derive(Clone, Serialize, Deserialize)]
struct Double(u64);

impl Request for Double {
    const NAME: &'static str = "double";
    type Response = u64;
    type Error = String;
}

fn main() {
    // `cargo bench` adds its own argument.
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let count = arguments.first().map_or(1, |count| {
        count.parse().expect("the first argument is a number")
    });
    let is_single = arguments.get(1).is_some_and(|runtime| runtime == "single");
    let mut builder = if is_single {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    let runtime = builder.enable_all().build().expect("a runtime");
    runtime.block_on(async { tokio::spawn(measure(count)).await.expect("numbers") });
}

async fn measure(count: usize) {
    let handlers = Handlers::new().on::<Double>(async |Double(number)| Ok(2 * number));
    let broker = Broker::workers(count, handlers).await.expect("workers");
    for under_way in [1, 64] {
        for _ in 0..3 {
            println!(
                "{count} workers, {under_way} calls under way: {:.0} calls a second",
                rate(&broker, under_way).await
            );
        }
    }
    broker.shutdown().await;
}

async fn rate(broker: &Broker, under_way: u64) -> f64 {
    let start = Instant::now();
    let callers = (0..under_way).map(|_| {
        let broker = broker.clone();
        tokio::spawn(async move {
            let mut calls = 0;
            while start.elapsed() < TIME {
                assert_eq!(broker.call(&Double(calls)).await, Ok(2 * calls));
                calls += 1;
            }
            calls
        })
    });
    let calls: u64 = join_all(callers)
        .await
        .into_iter()
        .map(|calls| calls.expect("calls"))
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "there are not so many")]
    let calls = calls as f64;
    calls / start.elapsed().as_secs_f64()
}
