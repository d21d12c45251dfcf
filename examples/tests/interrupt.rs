//! The interrupting program, and its `Database`.
//!
//! No test measures time. A query that is not stopped would occupy the connection's thread forever, so an answer to the
//! next query proves that it was stopped.

#[path = "../src/bin/interrupt.rs"]
#[expect(dead_code, reason = "the program around it is run from outside")]
mod interrupt;

use std::future::Future;
use std::hint;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use conjoin::auto;
use conjoin_adapters::{CallbackError, CallbackFuture};
use futures::FutureExt;
use futures::future::join_all;
use interrupt::Database;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Far longer than any step takes. A test that waits this long fails.
const HANGING: Duration = Duration::from_mins(1);

const ROUNDS: usize = 300;

/// Long enough that SQLite asks many times whether to go on.
const SOME: i64 = 5_000;

type Query<T> = CallbackFuture<T, rusqlite::Error>;

fn database() -> Database {
    Database::new(Connection::open_in_memory().unwrap())
}

/// Counts to `last`, and calls `seen` with each number.
fn count(connection: &Connection, last: i64, mut seen: impl FnMut(i64)) -> rusqlite::Result<i64> {
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT i FROM n";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([last])?;
    let mut number = 0;
    while let Some(row) = rows.next()? {
        number = row.get(0)?;
        seen(number);
    }
    Ok(number)
}

/// One step of SQLite, which never returns by itself.
fn for_ever(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row(interrupt::ENDLESS, [], |row| row.get(0))
}

fn some(database: &Database) -> Query<i64> {
    database.run(|connection| count(connection, SOME, |_| ()))
}

/// Counts forever, and reports when it has begun.
fn endless(database: &Database) -> (Query<i64>, oneshot::Receiver<()>) {
    let (begins, begun) = oneshot::channel();
    let mut begins = Some(begins);
    let query = database.run(move |connection| {
        count(connection, i64::MAX, |_| {
            if let Some(begins) = begins.take() {
                // The receiver may be gone by now.
                let _ = begins.send(());
            }
        })
    });
    (query, begun)
}

async fn within_limits<F: Future>(future: F) -> F::Output {
    timeout(HANGING, future).await.expect("an end")
}

#[tokio::test]
async fn dropped_query_frees_the_connection() {
    let database = database();
    let (query, begun) = endless(&database);
    within_limits(begun).await.unwrap();
    drop(query);
    assert_eq!(within_limits(some(&database)).await, Ok(SOME));
}

#[tokio::test]
async fn query_within_one_step_is_stopped() {
    let database = database();
    let (begins, begun) = oneshot::channel();
    let query = database.run(|connection| {
        begins.send(()).unwrap();
        for_ever(connection)
    });
    within_limits(begun).await.unwrap();
    // SQLite may have begun by now or not.
    drop(query);
    assert_eq!(within_limits(some(&database)).await, Ok(SOME));
}

#[tokio::test]
async fn deadline_stops_the_query() {
    let database = database();
    let query = database
        .run(|connection| for_ever(connection))
        .deadline(Duration::from_millis(10));
    assert_eq!(within_limits(query).await, Err(CallbackError::TimedOut));
    assert_eq!(within_limits(some(&database)).await, Ok(SOME));
}

#[tokio::test]
async fn failed_task_stops_a_concurrent_query() {
    let database = database();
    let (query, begun) = endless(&database);
    let graph = auto! {
        number => query.await?,
        fails => {
            begun.await.unwrap();
            Err::<(), _>(CallbackError::Empty)?
        },
    };
    assert_eq!(within_limits(graph).await.err(), Some(CallbackError::Empty));
    assert_eq!(within_limits(some(&database)).await, Ok(SOME));
}

#[tokio::test]
async fn cancel_completes_once_the_query_has_stopped() {
    let database = database();
    for round in 0..ROUNDS {
        let (begins, begun) = oneshot::channel();
        let stops = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stops);
        let query = database.run(move |connection| {
            begins.send(()).unwrap();
            let error = for_ever(connection).unwrap_err();
            assert_eq!(
                error.sqlite_error_code(),
                Some(ErrorCode::OperationInterrupted)
            );
            stops.store(true, Ordering::Relaxed);
            Err::<(), _>(error)
        });
        within_limits(begun).await.unwrap();
        within_limits(query.cancel()).await;
        assert!(stopped.load(Ordering::Relaxed), "round {round}");
    }
}

#[tokio::test]
async fn dropping_a_waiting_query_stops_no_other() {
    let database = database();
    let (begins, begun) = oneshot::channel();
    let (goes_on, may_go_on) = mpsc::channel();
    let mut begins = Some(begins);
    let runs = database.run(move |connection| {
        count(connection, SOME, |_| {
            if let Some(begins) = begins.take() {
                begins.send(()).unwrap();
                may_go_on.recv_timeout(HANGING).unwrap();
            }
        })
    });
    within_limits(begun).await.unwrap();

    let has_run = Arc::new(AtomicBool::new(false));
    let runs_too = Arc::clone(&has_run);
    drop(database.run(move |_| {
        runs_too.store(true, Ordering::Relaxed);
        Ok(())
    }));
    goes_on.send(()).unwrap();
    assert_eq!(within_limits(runs).await, Ok(SOME));

    assert_eq!(within_limits(some(&database)).await, Ok(SOME));
    assert!(!has_run.load(Ordering::Relaxed), "nobody waited for it");
}

#[tokio::test]
async fn query_after_a_dropped_one_runs() {
    let database = database();
    for round in 0..ROUNDS {
        let (query, begun) = endless(&database);
        // Another caller's query, queued before the first one is dropped.
        let other = some(&database);
        // In every other round, it may not have begun.
        if round % 2 == 0 {
            within_limits(begun).await.unwrap();
        }
        drop(query);
        assert_eq!(within_limits(other).await, Ok(SOME), "round {round}");
    }
}

#[tokio::test]
async fn late_drop_stops_no_other_query() {
    let database = database();
    for round in 0..ROUNDS {
        let position = Arc::new(AtomicI64::new(0));
        let seen = Arc::clone(&position);
        let query = database.run(move |connection| {
            count(connection, SOME, |number| {
                seen.store(number, Ordering::Relaxed);
            })
        });
        let other = some(&database);
        // From before the end of the query to after it.
        let target = SOME - i64::try_from(round % 100).unwrap();
        let dropper = thread::spawn(move || {
            // A sleep would be too coarse.
            while position.load(Ordering::Relaxed) < target {
                hint::spin_loop();
            }
            drop(query);
        });
        assert_eq!(within_limits(other).await, Ok(SOME), "round {round}");
        dropper.join().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_do_not_stop_each_other() {
    let database = database();
    let callers = (0..4).map(|_| {
        let database = database.clone();
        tokio::spawn(async move {
            for round in 0..ROUNDS {
                // Before, between and after the other callers' queries. In every other round, it may not have begun.
                let (query, begun) = endless(&database);
                if round % 2 == 0 {
                    within_limits(begun).await.unwrap();
                }
                drop(query);
                assert_eq!(
                    within_limits(some(&database)).await,
                    Ok(SOME),
                    "round {round}"
                );
            }
        })
    });
    join_all(callers).await.into_iter().for_each(Result::unwrap);
}

#[tokio::test]
async fn stopped_transaction_is_rolled_back() {
    let database = database();
    let created =
        database.run(|connection| connection.execute_batch("CREATE TABLE kept (i INTEGER)"));
    within_limits(created).await.unwrap();

    let (begins, begun) = oneshot::channel();
    let query = database.run(move |connection| {
        let transaction = connection.transaction()?;
        transaction.execute("INSERT INTO kept VALUES (1)", [])?;
        begins.send(()).unwrap();
        for_ever(&transaction)?;
        transaction.commit()
    });
    within_limits(begun).await.unwrap();
    drop(query);

    let rows = database
        .run(|connection| connection.query_row("SELECT count(*) FROM kept", [], |row| row.get(0)));
    assert_eq!(within_limits(rows).await, Ok(0));
}

#[tokio::test]
async fn future_fails_with_the_error_of_its_query() {
    let database = database();
    let query = database.run(|connection| connection.execute_batch("SELECT FROM"));
    let error = within_limits(query).await.unwrap_err();
    assert!(error.to_string().contains("syntax error"), "{error}");
    assert_eq!(within_limits(some(&database)).await, Ok(SOME));
}

#[tokio::test]
async fn panicking_job_hangs_nobody() {
    let database = database();
    let panics = database.run(|_| -> rusqlite::Result<()> { panic!("the job's own") });
    let behind = some(&database);
    assert_eq!(within_limits(panics).await, Err(CallbackError::Dropped));
    assert_eq!(within_limits(behind).await, Err(CallbackError::Dropped));
    assert_eq!(
        some(&database).now_or_never(),
        Some(Err(CallbackError::Dropped))
    );
}

#[test]
fn program_stops_one_query_and_answers_the_next() {
    // The deadline applies to both queries. The second one takes far less, even on a busy machine.
    let output = Command::new(env!("CARGO_BIN_EXE_interrupt"))
        .args(["--deadline", "3s"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "stopped\n42\n");
}

#[test]
fn program_fails_with_its_query() {
    let output = Command::new(env!("CARGO_BIN_EXE_interrupt"))
        .arg("SELECT FROM")
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("syntax error")
    );
}
