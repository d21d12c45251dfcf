//! Connections and transactions of SQLite or PostgreSQL, chosen at run time.
//!
//! `sqlx::Any` is not enough: it configures connections by URL alone, which cannot select SQLite's `WAL`.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow, Postgres};

use super::postgres;
use super::sqlite::{self, Sqlite};

/// Enough for the cores of a machine, and few enough that several services can share a server.
pub(super) const CONNECTIONS: u32 = 16;

/// How long a request waits for a connection, or for a lock on the file, before it fails.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// A type that can be read from the rows of both databases.
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
    Sqlite(Arc<Sqlite>),
    Postgres(PgPool),
}

/// Dropping it uncommitted rolls it back before its connection is used again.
#[derive(Debug)]
pub(super) enum Transaction {
    Sqlite(sqlite::Transaction),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// A parameter: `$1`, `$2` and so on, in both dialects.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Id(i64),
    Text(&'a str),
}

/// Why a database could not be opened. It leaves out the URL, which may contain a password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("unknown kind of URL; begin it with `sqlite:` or `postgres:`")]
    Scheme,
    #[error("{0}")]
    Url(sqlx::Error),
    #[error("{place}: {error}")]
    Open { place: String, error: sqlx::Error },
}

/// What to do if the database does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfMissing {
    /// Create and fill it.
    Create,
    /// Let queries fail until it exists.
    Wait,
}

impl Pool {
    pub(super) async fn open(
        url: &str,
        if_missing: IfMissing,
        time_limit: Duration,
    ) -> Result<Self, OpenError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => {
                let options: SqliteConnectOptions = url.parse().map_err(OpenError::Url)?;
                let place = options.get_filename().display().to_string();
                let sqlite = Sqlite::new(options);
                if if_missing == IfMissing::Create {
                    let created = sqlite.create().await;
                    created.map_err(|error| OpenError::Open { place, error })?;
                }
                Ok(Self::Sqlite(Arc::new(sqlite)))
            }
            Some(("postgres" | "postgresql", _)) => {
                let options: PgConnectOptions = url.parse().map_err(OpenError::Url)?;
                let place = format!("{}:{}", options.get_host(), options.get_port());
                if if_missing == IfMissing::Create {
                    let created = postgres::create(&options).await;
                    created.map_err(|error| OpenError::Open { place, error })?;
                }
                Ok(Self::Postgres(postgres::pool(options, time_limit)))
            }
            _ => Err(OpenError::Scheme),
        }
    }

    /// The rows of a query with one parameter, `$1` in both dialects.
    pub(super) async fn rows<T: Record>(&self, sql: &'static str, id: i64) -> sqlx::Result<Vec<T>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.rows(sql, id).await,
            Self::Postgres(pool) => sqlx::query_as(sql).bind(id).fetch_all(pool).await,
        }
    }

    /// The rows of a query that ends in the name of a column, where that column is one of `ids`.
    pub(super) async fn rows_of<T: Record>(
        &self,
        sql: &'static str,
        ids: &[i64],
    ) -> sqlx::Result<Vec<T>> {
        if ids.is_empty() {
            // PostgreSQL does not accept `IN ()`.
            return Ok(Vec::new());
        }
        let places: Vec<_> = (1..=ids.len()).map(|place| format!("${place}")).collect();
        // No part of it comes from a request.
        let sql = AssertSqlSafe(format!("{sql} IN ({})", places.join(", ")));
        match self {
            Self::Sqlite(sqlite) => sqlite.rows_of(sql, ids).await,
            Self::Postgres(pool) => {
                let query = sqlx::query_as(sql);
                let query = ids.iter().fold(query, |query, &id| query.bind(id));
                query.fetch_all(pool).await
            }
        }
    }

    pub(super) async fn begin(&self) -> sqlx::Result<Transaction> {
        Ok(match self {
            Self::Sqlite(sqlite) => Transaction::Sqlite(sqlite.begin().await?),
            Self::Postgres(pool) => Transaction::Postgres(postgres::begin(pool).await?),
        })
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Transaction {
    /// The rows of a statement, which may change the database.
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
                query.fetch_all(transaction.connection()).await
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

#[cfg(test)]
impl Pool {
    pub(super) async fn execute(&self, sql: &'static str) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.execute(sql).await,
            Self::Postgres(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
        }
    }
}
