//! An inventory that only one request at a time may use, because it is read and then written with an `.await` in
//! between. A queue with concurrency 1 makes the other requests wait.
//!
//! ```text
//! cargo run -p conjoin-examples --bin inventory
//! curl -X POST localhost:8001/take     # the number of your item
//! curl -X POST localhost:8001/naive    # without the queue: concurrent requests get the same item
//! ```

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::routing::{Router, post};
use clap::Parser;
use conjoin_adapters::BoxError;
use conjoin_adapters::queue::{Queue, QueueError};
use examples::listen_address;
use tokio::net::TcpListener;
use tokio::time::sleep;

/// Gives each request an item of its own
#[derive(Parser)]
struct Options {
    /// An address with a port, or a port alone
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8001", value_parser = listen_address)]
    listen: SocketAddr,

    /// How many items there are
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000)]
    items: u64,

    /// How long the inventory takes from a read to the write
    #[arg(long, value_name = "DURATION", default_value = "1ms", value_parser = humantime::parse_duration)]
    latency: Duration,
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let options = Options::parse();
    let listener = TcpListener::bind(options.listen).await?;
    // With port 0, this is how a script learns the port.
    writeln!(
        io::stdout(),
        "listening on http://{}",
        listener.local_addr()?
    )?;
    Ok(axum::serve(listener, router(options.items, options.latency)).await?)
}

/// How many requests may wait. The others get 503.
pub(crate) const CAPACITY: usize = 10_000;

pub(crate) fn router(items: u64, latency: Duration) -> Router {
    let inventory = Arc::new(AtomicU64::new(items));
    let take = move || take(Arc::clone(&inventory), latency);
    let worker = take.clone();
    let queue = Queue::builder(move |()| worker())
        .concurrency(1)
        .capacity(CAPACITY)
        .build();
    let queued = async move || answer(queue.push(()).await);
    let naive = async move || answer(take().await.map_err(QueueError::Failed));
    Router::new()
        .route("/take", post(queued))
        .route("/naive", post(naive))
}

#[derive(Debug, thiserror::Error)]
#[error("sold out")]
struct SoldOut;

/// Takes an item. Two calls that both read before one writes take the same one.
async fn take(inventory: Arc<AtomicU64>, latency: Duration) -> Result<u64, SoldOut> {
    let left = inventory.load(Ordering::SeqCst);
    sleep(latency).await;
    inventory.store(left.checked_sub(1).ok_or(SoldOut)?, Ordering::SeqCst);
    Ok(left)
}

fn answer(outcome: Result<u64, QueueError<SoldOut>>) -> (StatusCode, String) {
    let status = match outcome {
        Ok(_) => StatusCode::OK,
        Err(QueueError::Failed(SoldOut)) => StatusCode::GONE,
        Err(QueueError::Full) => StatusCode::SERVICE_UNAVAILABLE,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let text = outcome.map_or_else(|error| error.to_string(), |item| item.to_string());
    (status, text)
}
