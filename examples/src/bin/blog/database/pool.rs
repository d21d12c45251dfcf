//! SQLite or PostgreSQL, which of them is known only at run time; a pool of connections to it, and a transaction in it.
//!
//! Two typed pools, and not one `sqlx::Any`: its connections are configured by URL alone, which cannot say `WAL`.

use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Executor, FromRow, Postgres, Sqlite};
use tokio::time::{Instant, sleep};

/// Enough for the cores of a machine, and few enough for several services at one server.
const CONNECTIONS: u32 = 16;

/// How long a request waits for a connection, or for a lock on the file, before it is told that the database is away.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a transaction on SQLite waits for those before it: for longer than a request may take, which ends the wait.
const QUEUE: Duration = Duration::from_hours(24);

/// How long a start waits for another process that fills the same file.
const FILLING: Duration = Duration::from_secs(30);

/// The most milliseconds that PostgreSQL takes; zero would be no limit at all.
const STATEMENT_TIMEOUT_MAX: u128 = i32::MAX as u128;

/// Names this service's set-up among all the advisory locks of a PostgreSQL database; it reads `conjoin`.
const SETUP_LOCK: i64 = 0x0063_6f6e_6a6f_696e;

/// A type that is read from the rows of both databases.
pub(super) trait Record:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Record for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

#[derive(Clone, Debug)]
pub(super) enum Pool {
    /// A file has one writer at a time. They queue for the one connection in `writer`, in order and asleep, and leave the
    /// others to the readers; SQLite itself would have them ask again and again.
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
    },
    Postgres(PgPool),
}

/// Rolled back when it is dropped uncommitted, before anyone else gets its connection.
#[derive(Debug)]
pub(super) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// A parameter: `$1`, `$2` and so on, in both dialects.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Id(i64),
    Text(&'a str),
}

/// Why a database could not be opened. It does not repeat the URL, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("its URL begins with neither `sqlite:` nor `postgres:`")]
    Scheme,
    #[error("{0}")]
    Url(sqlx::Error),
    #[error("{place}: {error}")]
    Open { place: String, error: sqlx::Error },
}

impl Pool {
    pub(super) async fn open(url: &str, time_limit: Duration) -> Result<Self, OpenError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => {
                let options: SqliteConnectOptions = url.parse().map_err(OpenError::Url)?;
                let place = options.get_filename().display().to_string();
                Self::sqlite(options)
                    .await
                    .map_err(|error| OpenError::Open { place, error })
            }
            Some(("postgres" | "postgresql", _)) => {
                let options: PgConnectOptions = url.parse().map_err(OpenError::Url)?;
                let place = format!("{}:{}", options.get_host(), options.get_port());
                Self::postgres(options, time_limit)
                    .await
                    .map_err(|error| OpenError::Open { place, error })
            }
            _ => Err(OpenError::Scheme),
        }
    }

    async fn sqlite(options: SqliteConnectOptions) -> sqlx::Result<Self> {
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal);
        let patient = options.clone().busy_timeout(FILLING);
        let deadline = Instant::now() + FILLING;
        let mut connection = loop {
            match patient.connect().await {
                // Turning a new file to WAL does not wait for another process that does the same: it is refused.
                Err(error) if is_locked(&error) && Instant::now() < deadline => {
                    sleep(Duration::from_millis(10)).await
                }
                result => break result?,
            }
        };
        // Immediate: of two processes that start at once the second waits here, and then finds everything done.
        set_up(
            connection.begin_with("BEGIN IMMEDIATE").await?,
            include_str!("setup_sqlite.sql"),
        )
        .await?;
        // Connections to a file do not go stale, and a database in memory ends with the last of them.
        let options = options.busy_timeout(PATIENCE);
        let pool = || {
            SqlitePoolOptions::new()
                .idle_timeout(None)
                .max_lifetime(None)
        };
        let readers = pool()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE);
        let readers = readers.connect_with(options.clone()).await?;
        let writer = pool()
            .max_connections(1)
            .acquire_timeout(QUEUE)
            .connect_lazy_with(options);
        connection.close().await?;
        Ok(Self::Sqlite { readers, writer })
    }

    async fn postgres(options: PgConnectOptions, time_limit: Duration) -> sqlx::Result<Self> {
        // Not from the pool, which would try a server that refuses again and again, and then report no more than that
        // it gave up.
        let mut connection = PgConnection::connect_with(&options).await?;
        let mut transaction = connection.begin().await?;
        // `CREATE TABLE IF NOT EXISTS` does not keep two processes from creating the same table at once.
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(SETUP_LOCK)
            .execute(&mut *transaction)
            .await?;
        set_up(transaction, include_str!("setup_postgres.sql")).await?;
        connection.close().await?;
        // Giving up a request does not reach the statement that it waits for, so the server has to end that. Or else a
        // few requests for a locked table would keep all connections for as long as the lock is held.
        let milliseconds = time_limit.as_millis().clamp(1, STATEMENT_TIMEOUT_MAX);
        let options = options.options([("statement_timeout", milliseconds)]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE);
        Ok(Self::Postgres(pool.connect_lazy_with(options)))
    }

    /// The rows of a query with one parameter, `$1` in both dialects.
    pub(super) async fn rows<T: Record>(&self, sql: &'static str, id: i64) -> sqlx::Result<Vec<T>> {
        match self {
            Self::Sqlite { readers, .. } => sqlx::query_as(sql).bind(id).fetch_all(readers).await,
            Self::Postgres(pool) => sqlx::query_as(sql).bind(id).fetch_all(pool).await,
        }
    }

    pub(super) async fn begin(&self) -> sqlx::Result<Transaction> {
        match self {
            // Immediate: one that reads first and turns to writing later would be refused when another wrote meanwhile.
            Self::Sqlite { writer, .. } => Ok(Transaction::Sqlite(
                writer.begin_with("BEGIN IMMEDIATE").await?,
            )),
            Self::Postgres(pool) => {
                // In a task of its own, which goes on when this is given up: sqlx 0.9 forgets a `BEGIN` that nobody waits
                // for any more, and would take its connection back as it is, within a transaction.
                let pool = pool.clone();
                let begun = tokio::spawn(async move { pool.begin().await });
                Ok(Transaction::Postgres(
                    begun.await.map_err(|_| sqlx::Error::WorkerCrashed)??,
                ))
            }
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Transaction {
    /// The rows of a statement, which may as well change some.
    pub(super) async fn rows<T: Record>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> sqlx::Result<Vec<T>> {
        match self {
            Self::Sqlite(transaction) => {
                let query = values
                    .iter()
                    .fold(sqlx::query_as(sql), |query, value| match *value {
                        Value::Id(id) => query.bind(id),
                        Value::Text(text) => query.bind(text),
                    });
                query.fetch_all(&mut **transaction).await
            }
            Self::Postgres(transaction) => {
                let query = values
                    .iter()
                    .fold(sqlx::query_as(sql), |query, value| match *value {
                        Value::Id(id) => query.bind(id),
                        Value::Text(text) => query.bind(text),
                    });
                query.fetch_all(&mut **transaction).await
            }
        }
    }

    pub(super) async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => transaction.commit().await,
        }
    }
}

fn is_locked(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: &str = "5";
    error
        .as_database_error()
        .and_then(DatabaseError::code)
        .is_some_and(|code| code == SQLITE_BUSY)
}

/// All or nothing: a process that dies half-way leaves the database as it was, to be filled at the next start.
async fn set_up<DB: sqlx::Database>(
    mut transaction: sqlx::Transaction<'_, DB>,
    dialect: &'static str,
) -> sqlx::Result<()>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    sqlx::raw_sql(include_str!("setup.sql"))
        .execute(&mut *transaction)
        .await?;
    sqlx::raw_sql(dialect).execute(&mut *transaction).await?;
    transaction.commit().await
}

#[cfg(test)]
impl Pool {
    pub(super) async fn execute(&self, sql: &'static str) -> sqlx::Result<()> {
        match self {
            Self::Sqlite { readers, .. } => sqlx::raw_sql(sql).execute(readers).await.map(drop),
            Self::Postgres(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "postgres-tests")]
    use std::{future::poll_fn, pin::pin, task::Poll};

    #[cfg(feature = "postgres-tests")]
    use sqlx::Row;
    use sqlx::SqliteConnection;

    use super::*;

    async fn sqlite(url: &str) -> SqlitePool {
        match Pool::open(url, Duration::MAX).await.expect("a database") {
            Pool::Sqlite { readers, .. } => readers,
            Pool::Postgres(_) => panic!("{url} is PostgreSQL"),
        }
    }

    #[tokio::test]
    async fn a_request_waits_for_a_locked_file_for_less_long_than_the_set_up() {
        let directory = tempfile::tempdir().expect("a directory");
        let pool = sqlite(&format!(
            "sqlite://{}",
            directory.path().join("blog.db").display()
        ))
        .await;
        let timeout: u32 = sqlx::query_scalar("PRAGMA busy_timeout")
            .fetch_one(&pool)
            .await
            .expect("milliseconds");
        assert_eq!(u128::from(timeout), PATIENCE.as_millis());
    }

    #[tokio::test]
    async fn a_database_in_memory_outlives_its_set_up() {
        let pool = sqlite("sqlite::memory:").await;
        let users: i64 = sqlx::query_scalar("SELECT count(*) FROM conjoin_blog_users")
            .fetch_one(&pool)
            .await
            .expect("a number");
        assert_eq!(users, 1000);
    }

    #[tokio::test]
    async fn empty_tables_of_another_application_stay_empty() {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!(
            "sqlite://{}?mode=rwc",
            directory.path().join("other.db").display()
        );
        let mut other = SqliteConnection::connect(&url).await.expect("a connection");
        sqlx::raw_sql("CREATE TABLE users (id, name); CREATE TABLE blog_users (id, name);")
            .execute(&mut other)
            .await
            .expect("two tables");

        sqlite(&url).await;
        let rows: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM blog_users)",
        )
        .fetch_one(&mut other)
        .await
        .expect("a number");
        assert_eq!(rows, 0);
    }

    #[cfg(feature = "postgres-tests")]
    #[tokio::test]
    async fn a_begin_that_is_given_up_leaves_its_connection_outside_of_a_transaction() {
        let url = std::env::var("BLOG_TEST_POSTGRES_URL").expect("BLOG_TEST_POSTGRES_URL");
        // However far it has got by then; within eight polls it is begun.
        for polls in 1..=8 {
            let postgres = PgPoolOptions::new()
                .max_connections(1)
                .connect(&url)
                .await
                .expect("a pool");
            {
                let pool = Pool::Postgres(postgres.clone());
                let mut begin = pin!(pool.begin());
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
