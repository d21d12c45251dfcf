//! The setup of a PostgreSQL database, and a pool of connections to it.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection, Postgres, Transaction};

use super::pool::{CONNECTIONS, PATIENCE};
use super::set_up::set_up;

/// The longest time limit that PostgreSQL accepts, in milliseconds. Zero would mean no limit.
const STATEMENT_TIMEOUT_MAX: u128 = i32::MAX as u128;

/// The advisory lock of this service's setup: `conjoin` in ASCII.
const SETUP_LOCK: i64 = 0x0063_6f6e_6a6f_696e;

/// Creates and fills the tables.
pub(super) async fn create(options: &PgConnectOptions) -> sqlx::Result<()> {
    // Not from the pool: if the server refuses, the pool would retry, then report only a timeout.
    let mut connection = PgConnection::connect_with(options).await?;
    let mut transaction = connection.begin().await?;
    // `CREATE TABLE IF NOT EXISTS` fails in one of two processes that create the same table at once.
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(SETUP_LOCK)
        .execute(&mut *transaction)
        .await?;
    set_up(transaction, include_str!("setup_postgres.sql")).await?;
    connection.close().await
}

/// A pool that connects on first use.
pub(super) fn pool(options: PgConnectOptions, time_limit: Duration) -> PgPool {
    // Cancelling a request does not stop its statement, so the server must. Otherwise a few requests for a locked table
    // would hold all connections as long as the lock.
    let milliseconds = time_limit.as_millis().clamp(1, STATEMENT_TIMEOUT_MAX);
    let options = options.options([("statement_timeout", milliseconds)]);
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .connect_lazy_with(options)
}

/// Begins a transaction in a task of its own, which runs on if this future is dropped. sqlx 0.9 forgets a dropped
/// `BEGIN`, and its connection would return to the pool within a transaction.
pub(super) async fn begin(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin().await });
    begun.await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

#[cfg(all(test, feature = "postgres-tests"))]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    use sqlx::Row;

    use super::*;

    #[tokio::test]
    async fn dropped_begin_leaves_no_transaction() {
        let url = std::env::var("BLOG_TEST_POSTGRES_URL").expect("BLOG_TEST_POSTGRES_URL");
        // Within eight polls the transaction has begun, so this drops the future at each stage.
        for polls in 1..=8 {
            let postgres = PgPoolOptions::new()
                .max_connections(1)
                .connect(&url)
                .await
                .expect("a pool");
            {
                let mut begin = pin!(begin(&postgres));
                let mut count = 0;
                poll_fn(|cx| {
                    count += 1;
                    if begin.as_mut().poll(cx).is_ready() || count == polls {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    }
                })
                .await;
            }
            let outside = sqlx::raw_sql("SELECT now() = statement_timestamp()")
                .fetch_one(&postgres)
                .await;
            assert!(
                outside.expect("a row").get::<bool, _>(0),
                "given up after {polls} polls"
            );
        }
    }
}
