//! The REST service of the classic tutorial: a user's page, put together in several ways over the same data, and new
//! posts.
//!
//! ```text
//! cargo run -p conjoin-examples --bin blog -- --listen 127.0.0.1:8000 --latency 20ms
//! curl http://127.0.0.1:8000/sync/1     # three queries, one after the other
//! curl http://127.0.0.1:8000/auto/1     # the same page for the time of two; so do brew and promise
//! curl http://127.0.0.1:8000/posts/1          # a post and who wrote what: a query for each level
//! curl http://127.0.0.1:8000/posts/1/by-hand  # the same with a query for each comment, and both count them
//! curl http://127.0.0.1:8000/metrics          # how long its tasks took, for Prometheus
//! open http://127.0.0.1:8000/           # in a browser: how the four run
//! curl http://127.0.0.1:8000/posts --json '{"user_id": 1, "title": "Hello", "comment": "first!"}'
//! ```
//!
//! The modes are in `modes/`, what draws how they run is in `site/`, what makes a new post is in `publish.rs`, where
//! queries are answered is in `queries.rs`; all the rest is what any service of this kind needs around them.
//! `RUST_LOG=blog=debug` shows each query start and end.

mod app;
mod database;
mod draft;
mod error;
mod log;
mod moderator;
mod modes;
mod options;
mod page;
mod post;
mod publish;
mod queries;
mod request_id;
mod routes;
mod shutdown;
mod site;
mod telemetry;
#[cfg(test)]
mod testing;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use tokio::net::TcpListener;

use crate::app::App;
use crate::options::Options;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("blog: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn Error + Send + Sync>> {
    let waterfalls = log::to_stderr()?;
    let app = App::open(&options, waterfalls).await?;
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", options.listen))?;

    // Not before: until here there is nothing to end in good order, and the set-up is all or nothing.
    let stop = shutdown::requests()?;
    // The only line on standard output: with port 0 it is how a script learns the port.
    writeln!(
        io::stdout(),
        "listening on http://{}",
        listener.local_addr()?
    )?;
    shutdown::serve(listener, app, &options, stop).await
}
