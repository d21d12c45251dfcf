//! Measures how a long answer delays small calls: `cargo bench -p conjoin-adapters --features workers --bench beside --
//! [MEGABYTES]`.

use std::time::{Duration, Instant};

use conjoin_adapters::broker::{Broker, Handlers, Request, Workers};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Double(u64);

impl Request for Double {
    const NAME: &'static str = "double";
    type Response = u64;
    type Error = String;
}

/// Answers with this many bytes.
#[derive(Clone, Serialize, Deserialize)]
struct Long(usize);

impl Request for Long {
    const NAME: &'static str = "long";
    type Response = String;
    type Error = String;
}

#[tokio::main]
async fn main() {
    // `cargo bench` adds its own argument.
    let megabytes = std::env::args()
        .skip(1)
        .find(|argument| argument != "--bench");
    let megabytes = megabytes.map_or(200, |text| text.parse().expect("a number"));
    let bytes = megabytes * 1_000_000;
    let handlers = Handlers::new()
        .on::<Double>(async |Double(number)| Ok(2 * number))
        .on::<Long>(async |Long(bytes)| Ok("x".repeat(bytes)));
    let workers = Workers::new(1).max_frame(1 << 30);
    let broker = workers.start(handlers).await.expect("a worker");
    let (middle, longest, _) =
        small_calls(&broker, tokio::time::sleep(Duration::from_secs(1))).await;
    println!("alone: median {middle:?}, longest {longest:?}");
    for _ in 0..5 {
        let long = broker.call(&Long(bytes)).deadline(Duration::MAX);
        let long = async move { assert_eq!(long.await.expect("an answer").len(), bytes) };
        let (middle, longest, took) = small_calls(&broker, tokio::spawn(long)).await;
        println!("beside {megabytes} MB in {took:?}: median {middle:?}, longest {longest:?}");
    }
    broker.shutdown().await;
}

/// Makes small calls in sequence until `beside` ends. Returns the median and the longest time of a call, and the total
/// time.
async fn small_calls(broker: &Broker, beside: impl Future) -> (Duration, Duration, Duration) {
    let begun = Instant::now();
    let mut beside = std::pin::pin!(beside);
    let mut times = Vec::new();
    loop {
        let start = Instant::now();
        let mut call = broker.call(&Double(1));
        tokio::select! {
            answer = &mut call => assert_eq!(answer, Ok(2)),
            _ = &mut beside => break,
        }
        times.push(start.elapsed());
    }
    let took = begun.elapsed();
    times.sort_unstable();
    let longest = times.last().copied().unwrap_or_default();
    (times[times.len() / 2], longest, took)
}
