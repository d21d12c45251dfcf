//! Stops a query of SQLite when nobody waits for it any more: a library that blocks, as futures that cancel.
//!
//! `cargo run -p conjoin-examples --bin interrupt -- --deadline 500ms`

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use clap::Parser;
use conjoin_adapters::{BoxError, CallbackError, CallbackFuture, from_callback};
use rusqlite::Connection;

/// Counts for ever.
pub(crate) const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

/// Runs queries for a number, one after the other on the same connection.
#[derive(Parser)]
struct Options {
    #[arg(default_values = [ENDLESS, "SELECT 6 * 7"])]
    queries: Vec<String>,

    /// How long each of them may take.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = humantime::parse_duration)]
    deadline: Duration,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let options = Options::parse();
    let database = Database::new(Connection::open_in_memory()?);
    for query in options.queries {
        let answer = database
            .run(move |connection| connection.query_row(&query, [], |row| row.get::<_, i64>(0)));
        match answer.deadline(options.deadline).await {
            Ok(number) => println!("{number}"),
            // The deadline has cancelled it, which frees the connection for the next one.
            Err(CallbackError::TimedOut) => println!("stopped"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A connection on a thread of its own, which ends when all that was given to it is done.
#[derive(Clone, Debug)]
pub(crate) struct Database(Sender<Job>);

impl Database {
    pub(crate) fn new(mut connection: Connection) -> Self {
        let (sender, jobs) = channel::<Job>();
        thread::spawn(move || jobs.into_iter().for_each(|job| job(&mut connection)));
        Database(sender)
    }

    /// Runs `job` after those that came before it. When the future is dropped, the query that the job is at is interrupted,
    /// and a job that has not begun never does. A job that panics takes the connection with it: all others are `Dropped`.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> CallbackFuture<T, rusqlite::Error> {
        from_callback(|resolver| {
            // A flag for this job alone. `sqlite3_interrupt` would stop what runs on the connection, which may be the job
            // of somebody else, and would be too early for a query that is about to begin.
            let is_unwanted = Arc::new(AtomicBool::new(false));
            let flag = Arc::clone(&is_unwanted);
            resolver.on_cancel(move || flag.store(true, Ordering::Relaxed));
            self.0.send(Box::new(move |connection| {
                if !resolver.is_cancelled() {
                    let asks = move || is_unwanted.load(Ordering::Relaxed);
                    // It asks every thousand instructions of SQLite's machine, which are some microseconds.
                    let result = connection
                        .progress_handler(1_000, Some(asks))
                        .and_then(|()| job(connection));
                    drop(resolver.settle(result));
                }
            }))
        })
    }
}
