//! The REST service of the classic tutorial: a user's page, put together in several ways over the same data, and new posts.
//!
//! ```text
//! cargo run -p conjoin-examples --bin blog -- --listen 127.0.0.1:8000 --latency 20ms
//! curl http://127.0.0.1:8000/sync/1     # three queries, one after the other
//! curl http://127.0.0.1:8000/auto/1     # the same page for the time of two; so do brew and promise
//! curl http://127.0.0.1:8000/posts --json '{"user_id": 1, "title": "Hello", "comment": "first!"}'
//! ```
//!
//! The modes are in `modes/`, what makes a new post is in `publish.rs`; all the rest is what any service of this kind needs around them. `RUST_LOG=blog=debug` shows
//! each query start and end.

mod database;
mod draft;
mod error;
mod moderator;
mod modes;
mod options;
mod page;
mod publish;
mod queries;
mod request_id;
mod routes;
mod shutdown;
#[cfg(test)]
mod testing;

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use tokio::net::TcpListener;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use crate::database::Database;
use crate::moderator::Moderator;
use crate::options::Options;
use crate::queries::Queries;
use crate::routes::App;

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

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    log_to_stderr()?;
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", options.listen))?;
    let time_limit = options.time_limit.into();
    let database = Database::open(&options.database, options.latency.into(), time_limit)
        .await
        .map_err(|error| format!("cannot open the database: {error}"))?;
    let queries = Queries::in_process(&database);

    // Not before: until here there is nothing to end in good order, and the set-up is all or nothing.
    let stop = shutdown::requests()?;
    // The only line on standard output: with port 0 it is how a script learns the port.
    writeln!(io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    let app = App { queries, database, moderator: Moderator::new(options.review_latency.into()) };
    shutdown::serve(listener, app, time_limit, stop).await
}

/// Logs go to standard error; `RUST_LOG` says which, by default everything from `info` up.
fn log_to_stderr() -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env()?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .try_init()
        .map_err(|error| -> Box<dyn Error> { error })
}
