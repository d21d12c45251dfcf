//! A SQLite database: its setup, its connections, and how they recover from a full disk or a moved file.

mod files;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::sync::RwLock;
use tokio::time::{Instant, sleep};

use self::files::Files;
use super::pool::{CONNECTIONS, PATIENCE, Record};
use super::set_up::set_up;

/// How long a transaction waits for those before it: longer than any request may take.
const QUEUE: Duration = Duration::from_hours(24);

/// How long a start waits while another process fills the same file.
const FILLING: Duration = Duration::from_secs(30);

/// A database in a file, or in memory.
#[derive(Debug)]
pub(super) struct Sqlite {
    options: SqliteConnectOptions,
    state: RwLock<State>,
}

#[derive(Debug)]
enum State {
    /// Nothing is open yet, or the file was replaced.
    Unopened,
    Open(Arc<Connections>),
    Closed,
}

/// The connections to one file. Its replacement gets new ones.
#[derive(Debug)]
struct Connections {
    readers: SqlitePool,
    /// A file has one writer at a time. Writers queue in order for this one connection, which leaves the others to
    /// readers. SQLite itself would make them poll.
    writer: SqlitePool,
    /// One connection that is never used. When the last connection closes, the write-ahead log is deleted, and so is a
    /// database in memory.
    keeper: SqlitePool,
    /// `None` for a database in memory.
    files: Option<Files>,
}

/// Dropping it uncommitted rolls it back before its connection is used again.
#[derive(Debug)]
pub(super) struct Transaction {
    inner: sqlx::Transaction<'static, sqlx::Sqlite>,
    connections: Arc<Connections>,
}

impl Sqlite {
    /// Opens nothing yet.
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        Self {
            options: options
                .create_if_missing(false)
                .synchronous(SqliteSynchronous::Normal),
            state: RwLock::new(State::Unopened),
        }
    }

    /// Creates and fills the file if it is missing.
    pub(super) async fn create(&self) -> sqlx::Result<()> {
        let options = self
            .options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(FILLING);
        let deadline = Instant::now() + FILLING;
        let mut connection = loop {
            match options.connect().await {
                // Switching a new file to WAL fails at once, without a wait, while another process does the same.
                Err(error) if is_locked(&error) && Instant::now() < deadline => {
                    sleep(Duration::from_millis(10)).await;
                }
                result => break result?,
            }
        };
        fill(&mut connection).await?;
        self.connections().await?;
        connection.close().await
    }

    /// The rows of a query with one parameter.
    pub(super) async fn rows<T: Record>(&self, sql: &'static str, id: i64) -> sqlx::Result<Vec<T>> {
        let connections = self.connections().await?;
        sqlx::query_as(sql)
            .bind(id)
            .fetch_all(&connections.readers)
            .await
    }

    /// The rows of a query with these parameters.
    pub(super) async fn rows_of<T: Record>(
        &self,
        sql: AssertSqlSafe<String>,
        ids: &[i64],
    ) -> sqlx::Result<Vec<T>> {
        let connections = self.connections().await?;
        let query = sqlx::query_as(sql);
        let query = ids.iter().fold(query, |query, &id| query.bind(id));
        query.fetch_all(&connections.readers).await
    }

    pub(super) async fn begin(&self) -> sqlx::Result<Transaction> {
        let connections = self.connections().await?;
        // Immediate, because a transaction that reads first and writes later fails if another one wrote meanwhile.
        let inner = connections.writer.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Transaction { inner, connections })
    }

    pub(super) async fn close(&self) {
        let mut state = self.state.write().await;
        if let State::Open(connections) = &*state {
            connections.close().await;
        }
        *state = State::Closed;
    }

    /// The connections to the file that the path leads to now.
    ///
    /// # Cancel safety
    ///
    /// If this is dropped, the next caller opens the connections.
    async fn connections(&self) -> sqlx::Result<Arc<Connections>> {
        if let Some(connections) = self.state.read().await.usable()? {
            return Ok(connections);
        }
        let mut state = self.state.write().await;
        if let Some(connections) = state.usable()? {
            return Ok(connections);
        }
        if let State::Open(connections) = &*state {
            // Two databases must not share a log, and the new file could find that of the old one.
            connections.close().await;
        }
        *state = State::Unopened;
        let connections = Arc::new(Connections::open(&self.options).await?);
        *state = State::Open(Arc::clone(&connections));
        Ok(connections)
    }
}

impl State {
    /// The connections, or `None` if they must be opened.
    fn usable(&self) -> sqlx::Result<Option<Arc<Connections>>> {
        match self {
            Self::Closed => Err(sqlx::Error::PoolClosed),
            Self::Open(connections) if connections.are_in_place()? => {
                Ok(Some(Arc::clone(connections)))
            }
            Self::Unopened | Self::Open(_) => Ok(None),
        }
    }
}

impl Connections {
    async fn open(options: &SqliteConnectOptions) -> sqlx::Result<Self> {
        let options = options.clone().busy_timeout(PATIENCE);
        let keeper = pool(1).connect_with(options.clone()).await?;
        let path = "SELECT file FROM pragma_database_list WHERE name = 'main'";
        let path: String = sqlx::query_scalar(path).fetch_one(&keeper).await?;
        if path.is_empty() {
            // In memory: each process has a database of its own.
            fill(&mut *keeper.acquire().await?).await?;
            return Ok(Self::new(keeper, options, None));
        }
        let query = "SELECT id FROM conjoin_blog_users LIMIT 1";
        // Before the first change: this may be an empty file, or one of another application.
        sqlx::query(query)
            .fetch_optional(&keeper)
            .await
            .map_err(|error| io::Error::other(format!("{path}: {error}")))?;
        // Some ways to copy a database lose this mode.
        sqlx::query("PRAGMA journal_mode = WAL")
            .execute(&keeper)
            .await?;
        // Creates the log.
        sqlx::query(query).fetch_optional(&keeper).await?;
        let files = Files::at(path.as_ref())?;
        Ok(Self::new(keeper, options.filename(path), Some(files)))
    }

    fn new(keeper: SqlitePool, options: SqliteConnectOptions, files: Option<Files>) -> Self {
        Self {
            readers: pool(CONNECTIONS).connect_lazy_with(options.clone()),
            writer: pool(1).acquire_timeout(QUEUE).connect_lazy_with(options),
            keeper,
            files,
        }
    }

    fn are_in_place(&self) -> io::Result<bool> {
        match &self.files {
            _ if self.keeper.is_closed() => Ok(false),
            None => Ok(true),
            Some(files) => files.are_in_place(),
        }
    }

    fn must_be_in_place(&self) -> sqlx::Result<()> {
        if self.are_in_place()? {
            Ok(())
        } else {
            Err(io::Error::other("the file was replaced during the transaction").into())
        }
    }

    /// Waits until no connection is in use, and closes them.
    async fn close(&self) {
        // The call itself takes effect at once: from now on, transactions do not commit and waiting queries fail.
        let keeper = self.keeper.close();
        tokio::join!(self.readers.close(), self.writer.close());
        // The last connection deletes the log. If two close at once, neither may see itself as the last.
        keeper.await;
    }
}

impl Transaction {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.inner
    }

    /// # Errors
    ///
    /// Fails if the file was moved or deleted, too. If that happened before the commit, nothing was changed; if during
    /// the commit, the changes are in the moved file.
    pub(super) async fn commit(self) -> sqlx::Result<()> {
        self.connections.must_be_in_place()?;
        self.inner.commit().await?;
        self.connections.must_be_in_place()
    }
}

/// Connections to a file do not go stale, so they stay open. Those with a lost transaction are closed.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_release(|connection, _| {
            Box::pin(async {
                // This runs after the rollback of a dropped transaction.
                connection.ping().await?;
                // SQLite itself rolls back on a full disk, an I/O error or lack of memory. Then sqlx 0.9 still counts
                // an open transaction, and can begin no other on this connection.
                Ok(!connection.is_in_transaction())
            })
        })
}

/// Creates and fills the tables. If two processes do so at once, the second waits and finds everything done.
async fn fill(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    let transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    set_up(transaction, include_str!("setup_sqlite.sql")).await
}

fn is_locked(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: &str = "5";
    error
        .as_database_error()
        .and_then(DatabaseError::code)
        .is_some_and(|code| code == SQLITE_BUSY)
}
