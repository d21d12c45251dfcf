//! The service's three queries, each with a latency of its own, and with its start and end in the log.

mod pool;

use std::time::Duration;

use tracing::{debug, instrument};

use self::pool::{OpenError, Pool, Record};
use crate::error::AppError;
use crate::page::{Comment, Post, User};

/// A handle on the database; clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pool: Pool,
    latency: Duration,
}

impl Database {
    /// Opens the database at `url`, and makes and fills its tables if they are not there. No query is left running for
    /// longer than `time_limit`, even when nobody waits for it any more.
    pub(crate) async fn open(url: &str, latency: Duration, time_limit: Duration) -> Result<Self, OpenError> {
        let pool = Pool::open(url, time_limit).await?;
        Ok(Self { pool, latency })
    }

    pub(crate) async fn user(&self, id: i64) -> Result<User, AppError> {
        let users = self.query("user", "SELECT id, name FROM conjoin_blog_users WHERE id = $1", id).await?;
        users.into_iter().next().ok_or(AppError::UnknownUser(id))
    }

    pub(crate) async fn posts(&self, user_id: i64) -> Result<Vec<Post>, AppError> {
        let posts = "SELECT id, title FROM conjoin_blog_posts WHERE user_id = $1 ORDER BY id";
        Ok(self.query("posts", posts, user_id).await?)
    }

    pub(crate) async fn comments(&self, user_id: i64) -> Result<Vec<Comment>, AppError> {
        let comments = "SELECT id, post_id, body FROM conjoin_blog_comments WHERE user_id = $1 ORDER BY id";
        Ok(self.query("comments", comments, user_id).await?)
    }

    /// Waits until all connections are back, and closes them. Queries fail from now on.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// Everything logged here is in a span that names the query, within that of the request.
    #[instrument(level = "debug", name = "query", skip_all, fields(%name))]
    async fn query<T: Record>(&self, name: &'static str, sql: &'static str, id: i64) -> sqlx::Result<Vec<T>> {
        let running = Running::start();
        // Before a connection is taken: a wait for the network keeps nobody else from the database.
        tokio::time::sleep(self.latency).await;
        let rows = self.pool.rows(sql, id).await;
        running.end();
        rows
    }
}

/// A query under way. It is cancelled when it is dropped before its end, as it is when the client goes away or the time
/// limit is over: the request's future is dropped then, and with it everything that this future waits for.
struct Running {
    is_done: bool,
}

impl Running {
    fn start() -> Self {
        debug!("query start");
        Self { is_done: false }
    }

    fn end(mut self) {
        self.is_done = true;
        debug!("query end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_done {
            debug!("query cancelled");
        }
    }
}
