//! An inventory that is read and then written, with an `.await` in between, and so must be used by one request at a
//! time. A queue with concurrency 1 sees to that.
//!
//! ```text
//! cargo run -p conjoin-examples --bin inventory -- --listen 127.0.0.1:8001
//! curl -X POST http://127.0.0.1:8001/take     # the number of the item that is yours
//! curl -X POST http://127.0.0.1:8001/naive    # without the queue: requests that meet get the same item
//! ```

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::routing::{Router, post};
use clap::Parser;
use conjoin_adapters::queue::{Queue, QueueError};
use tokio::{net::TcpListener, time::sleep};

/// Gives each request another item.
#[derive(Parser)]
struct Options {
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8001")]
    listen: SocketAddr,

    /// How many items there are.
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000)]
    items: u64,

    /// How long the inventory takes from a read to the write.
    #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = humantime::parse_duration)]
    latency: Duration,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let listener = TcpListener::bind(options.listen).await?;
    // With port 0 it is how a script learns the port.
    writeln!(
        io::stdout(),
        "listening on http://{}",
        listener.local_addr()?
    )?;
    Ok(axum::serve(listener, router(options.items, options.latency)).await?)
}

/// How many requests may wait for their turn. Others are told to come again.
pub(crate) const CAPACITY: usize = 10_000;

pub(crate) fn router(items: u64, latency: Duration) -> Router {
    let inventory = Arc::new(AtomicU64::new(items));
    let naive = move || take(Arc::clone(&inventory), latency);
    let worker = naive.clone();
    let queue = Queue::builder(move |()| worker())
        .concurrency(1)
        .capacity(CAPACITY)
        .build();
    let taking = async move || answer(queue.push(()).await);
    let naively = async move || answer(naive().await.map_err(QueueError::Failed));
    Router::new()
        .route("/take", post(taking))
        .route("/naive", post(naively))
}

#[derive(Debug, thiserror::Error)]
#[error("sold out")]
struct SoldOut;

/// Takes an item. Whoever reads before this has written takes the same one.
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
    (
        status,
        outcome.map_or_else(|error| error.to_string(), |item| item.to_string()),
    )
}
