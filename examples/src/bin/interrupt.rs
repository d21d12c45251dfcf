//! Stops a SQLite query whose future is dropped: a blocking library, as futures that cancel.
//!
//! ```text
//! cargo run -p conjoin-examples --bin interrupt                       # stops an endless query, answers the next
//! cargo run -p conjoin-examples --bin interrupt -- "SELECT 6 * 7" --deadline 500ms
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use clap::Parser;
use conjoin_adapters::{BoxError, CallbackError, CallbackFuture, from_callback};
use rusqlite::Connection;

/// Counts forever.
pub(crate) const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

/// Runs queries that return a number, one after the other on the same connection
#[derive(Parser)]
struct Options {
    /// The queries in SQL
    #[arg(default_values = [ENDLESS, "SELECT 6 * 7"], hide_default_value = true)]
    queries: Vec<String>,

    /// How long each query may take
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = humantime::parse_duration)]
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
            // The deadline has cancelled the query, so the connection is free for the next one.
            Err(CallbackError::TimedOut) => println!("stopped"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A connection on a thread of its own. The thread ends after the last job of the last handle.
#[derive(Clone, Debug)]
pub(crate) struct Database(Sender<Job>);

impl Database {
    pub(crate) fn new(mut connection: Connection) -> Self {
        let (sender, jobs) = channel::<Job>();
        thread::spawn(move || jobs.into_iter().for_each(|job| job(&mut connection)));
        Database(sender)
    }

    /// Runs `job` after the jobs before it.
    ///
    /// Dropping the future interrupts the job's query; a job that has not begun never runs. If a job panics, the
    /// connection is lost and all other jobs are `Dropped`.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> CallbackFuture<T, rusqlite::Error> {
        from_callback(|resolver| {
            // A flag of this job alone. `sqlite3_interrupt` would stop whatever runs on the connection, perhaps another
            // caller's job, and has no effect on a query that is about to begin.
            let is_unwanted = Arc::new(AtomicBool::new(false));
            let flag = Arc::clone(&is_unwanted);
            resolver.on_cancel(move || flag.store(true, Ordering::Relaxed));
            self.0.send(Box::new(move |connection| {
                if resolver.is_cancelled() {
                    return;
                }
                // SQLite asks every thousand instructions of its virtual machine, every few microseconds.
                let stop = move || is_unwanted.load(Ordering::Relaxed);
                let result = connection
                    .progress_handler(1_000, Some(stop))
                    .and_then(|()| job(connection));
                drop(resolver.settle(result));
            }))
        })
    }
}
