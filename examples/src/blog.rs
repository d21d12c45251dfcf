//! The blog service: a user's page, put together in several ways over the same data, and new posts.
//!
//! - `modes/` puts pages together, one file for each way. This is what the example is about.
//! - `publish.rs` writes a new post in one transaction. `post.rs` batches the queries of a list.
//! - `queries.rs` sends the pages' queries to a broker. `database/` answers them.
//! - `site/` is the page that runs all modes and draws how they ran.
//! - The rest is what any such service has: routes, errors, request ids, logs, metrics, shutdown.
//!
//! The programs `blog` and `cluster` run it. `RUST_LOG=examples=debug` logs the start and end of each query.

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

use std::io::{self, Write};
use std::time::Duration;

use axum::Router;
use conjoin_adapters::BoxError;
use tokio::net::TcpListener;

pub use self::app::App;
use self::database::{Database, IfMissing};
pub use self::log::to_stderr as log_to_stderr;
pub use self::options::Options;

/// Runs the service until the process is asked to stop, then answers the requests under way.
///
/// Standard output gets one line, `listening on http://ADDRESS`: with port 0, this is how a script learns the port.
///
/// # Errors
///
/// If the database, the broker, the log or the listener cannot be opened, or if requests still run 30 seconds after the
/// first signal or at the second one.
pub async fn run(options: Options) -> Result<(), BoxError> {
    let waterfalls = log_to_stderr()?;
    let app = App::open(&options, waterfalls).await?;
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", options.listen))?;

    // Until here a signal may kill the process: the set-up is all or nothing.
    let stop = shutdown::requests()?;
    writeln!(
        io::stdout(),
        "listening on http://{}",
        listener.local_addr()?
    )?;
    shutdown::serve(listener, app, &options, stop).await
}

/// The routes of the service.
pub fn router(app: App, options: &Options) -> Router {
    routes::router(app, options.time_limit.into())
}

/// Creates and fills the database if it is missing.
///
/// # Errors
///
/// If it cannot be opened.
pub async fn create_database(options: &Options) -> Result<(), BoxError> {
    let database = Database::open(
        &options.database,
        IfMissing::Create,
        Duration::ZERO,
        options.time_limit.into(),
    )
    .await
    .map_err(|error| format!("cannot open the database: {error}"))?;
    database.close().await;
    Ok(())
}
