//! A long computation in a handler. `/blocked` runs it on the event loop, where it stops every other request. `/cpu`
//! moves it to other threads. Both measure how late the event loop was meanwhile.
//!
//! ```text
//! cargo run --release -p conjoin-examples --bin hash -- Cargo.lock
//! curl localhost:8001/blocked & curl localhost:8001/ping    # answered after the hash
//! curl localhost:8001/cpu & curl localhost:8001/ping        # answered at once
//! ```

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use clap::Parser;
use conjoin::auto;
use conjoin_adapters::{BoxError, blocking, cpu};
use examples::listen_address;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep_until};

/// Answers with a slow hash of a file, like that of a password
#[derive(Parser)]
struct Options {
    /// The file to hash
    file: PathBuf,

    /// An address with a port, or a port alone
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8001", value_parser = listen_address)]
    listen: SocketAddr,

    /// How often the hash is hashed again
    #[arg(long, value_name = "NUMBER", default_value_t = 20_000_000)]
    rounds: u32,
}

/// How many hashes were computed.
static HASHES: AtomicUsize = AtomicUsize::new(0);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let options = Arc::new(Options::parse());
    let listener = TcpListener::bind(options.listen).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let routes = Router::new()
        .route("/blocked", get(|state| answer(state, true)))
        .route("/cpu", get(|state| answer(state, false)))
        .route(
            "/ping",
            get(async || Json(json!({ "hashes": HASHES.load(Relaxed) }))),
        );
    Ok(axum::serve(listener, routes.with_state(options)).await?)
}

async fn answer(
    State(options): State<Arc<Options>>,
    is_blocked: bool,
) -> Result<Json<Value>, (StatusCode, String)> {
    let (same, is_done) = (Arc::clone(&options), AtomicBool::new(false));
    let graph = auto! {
        #![error(BoxError)]
        latency => worst_latency(&is_done).await,
        bytes => blocking(move || fs::metadata(&same.file)).await??.len(),
        digest => {
            let digest = if is_blocked {
                hash(&options)?
            } else {
                cpu(move || hash(&options)).await??
            };
            HASHES.fetch_add(1, Relaxed);
            is_done.store(true, Relaxed);
            digest
        },
        => {
            let latency_ms = latency.as_secs_f64() * 1e3;
            Json(json!({ "bytes": bytes, "digest": digest, "latency_ms": latency_ms }))
        },
    };
    graph
        .await
        .map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

/// The long loop.
fn hash(options: &Options) -> io::Result<String> {
    let first = Sha256::digest(fs::read(&options.file)?);
    let last = (0..options.rounds).fold(first, |digest, _| Sha256::digest(digest));
    Ok(last
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
}

/// Asks for a timer each millisecond, and returns how late the latest one was.
async fn worst_latency(is_done: &AtomicBool) -> Duration {
    let mut worst = Duration::ZERO;
    while !is_done.load(Relaxed) {
        let due = Instant::now() + Duration::from_millis(1);
        sleep_until(due).await;
        worst = worst.max(due.elapsed());
    }
    worst
}
