//! Pages of the blog service by `auto!` and by hand, in one program, for a load generator or an instruction counter.
//! `run.sh` starts it.
//!
//! ```text
//! conjoin-benches-http serve --latency 20ms      # answers /{sync|layers|hand|auto}/{user id} and …/{user id}/activity
//! conjoin-benches-http count auto activity 1000  # answers a thousand requests, and exits
//! ```
//!
//! One thread, as in Node, and no log.

mod error;
mod modes;
mod page;
mod queries;
mod routes;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use clap::{Parser, ValueEnum};
use tokio::net::TcpListener;
use tower::{Service, ServiceExt};

use crate::modes::Mode;
use crate::queries::Queries;

#[derive(Parser)]
#[command(version)]
enum Command {
    /// Serves until it is killed
    Serve {
        /// The address to listen on. Port 0 takes a free one
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
        listen: SocketAddr,

        /// The time of a query. Without it, a query is ready at its second poll
        #[arg(long, value_name = "DURATION", default_value = "0ms")]
        latency: humantime::Duration,
    },
    /// Answers requests for all users in turn, without latency and without a network
    Count {
        mode: Mode,
        what: What,
        requests: usize,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    Page,
    Activity,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let result = match Command::parse() {
        Command::Serve { listen, latency } => serve(listen, latency.into()).await,
        Command::Count {
            mode,
            what,
            requests,
        } => count(mode, what, requests).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("conjoin-benches-http: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(listen: SocketAddr, latency: Duration) -> io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    writeln!(
        io::stdout(),
        "listening on http://{}",
        listener.local_addr()?
    )?;
    axum::serve(listener, routes::router(Queries::new(latency))).await
}

/// Prints how many bytes all answers have, which is the same in all modes.
async fn count(mode: Mode, what: What, requests: usize) -> io::Result<()> {
    let name = mode.to_possible_value().expect("no mode is hidden");
    let suffix = match what {
        What::Page => "",
        What::Activity => "/activity",
    };
    let mut router = routes::router(Queries::new(Duration::ZERO));
    let mut bytes = 0;
    for user in (1..=1000).cycle().take(requests) {
        bytes += answer(&mut router, &format!("/{}/{user}{suffix}", name.get_name()))
            .await
            .1
            .len();
    }
    writeln!(io::stdout(), "{bytes} bytes")
}

async fn answer(router: &mut Router, path: &str) -> (StatusCode, Vec<u8>) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let router = ServiceExt::<Request>::ready(router)
        .await
        .expect("a router that is always ready");
    let response = router
        .call(request)
        .await
        .expect("a response, whatever happens");
    let status = response.status();
    (
        status,
        to_bytes(response.into_body(), usize::MAX)
            .await
            .expect("a body in memory")
            .into(),
    )
}
