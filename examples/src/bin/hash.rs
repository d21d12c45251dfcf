//! `/blocked` is the long loop in a handler that stops every other request, `/cpu` its cure. Both tell how late the
//! event loop was meanwhile.
//!
//! ```text
//! cargo run --release -p conjoin-examples --bin hash -- Cargo.lock
//! curl localhost:8001/blocked & curl localhost:8001/ping    # answered when the hash is
//! curl localhost:8001/cpu & curl localhost:8001/ping        # answered at once
//! ```

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::{fs, io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use clap::Parser;
use conjoin::auto;
use conjoin_adapters::{BoxError, blocking, cpu};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep_until};

/// Answers with a hash of a file that takes its time, as one of a password does.
#[derive(Parser)]
struct Options {
    file: PathBuf,
    #[arg(long, default_value = "127.0.0.1:8001")]
    listen: SocketAddr,
    /// How often the hash is hashed.
    #[arg(long, default_value_t = 20_000_000)]
    rounds: u32,
}

/// How many there have been.
static HASHES: AtomicUsize = AtomicUsize::new(0);

/// The loop, which never gives way.
fn hash(options: &Options) -> io::Result<String> {
    let first = Sha256::digest(fs::read(&options.file)?);
    let last = (0..options.rounds).fold(first, |digest, _| Sha256::digest(digest));
    Ok(last
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
}

/// How late the event loop was at worst, asked by a timer each millisecond.
async fn latency(is_done: &AtomicBool) -> Duration {
    let mut worst = Duration::ZERO;
    while !is_done.load(Relaxed) {
        let due = Instant::now() + Duration::from_millis(1);
        sleep_until(due).await;
        worst = worst.max(due.elapsed());
    }
    worst
}

async fn answer(
    State(options): State<Arc<Options>>,
    is_blocked: bool,
) -> Result<Json<Value>, (StatusCode, String)> {
    let (same, is_done) = (Arc::clone(&options), AtomicBool::new(false));
    let graph = auto! {
        #![error(BoxError)]
        latency => latency(&is_done).await,
        bytes => blocking(move || fs::metadata(&same.file)).await??.len(),
        digest => {
            let digest = if is_blocked { hash(&options)? } else { cpu(move || hash(&options)).await?? };
            HASHES.fetch_add(1, Relaxed);
            is_done.store(true, Relaxed);
            digest
        },
        => Json(json!({ "bytes": bytes, "digest": digest, "latency_ms": latency.as_secs_f64() * 1e3 })),
    };
    graph
        .await
        .map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let options = Arc::new(Options::parse());
    let listener = tokio::net::TcpListener::bind(options.listen).await?;
    println!("listening on {}", listener.local_addr()?);
    let routes = Router::new()
        .route("/blocked", get(|state| answer(state, true)))
        .route("/cpu", get(|state| answer(state, false)))
        .route(
            "/ping",
            get(async || Json(json!({ "hashes": HASHES.load(Relaxed) }))),
        );
    Ok(axum::serve(listener, routes.with_state(options)).await?)
}
