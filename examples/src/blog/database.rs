//! The service's queries. Each adds the latency of `--latency`, and logs its start and end.

mod pool;
mod postgres;
mod set_up;
mod sqlite;
mod transaction;

use std::time::Duration;

#[cfg(test)]
use sqlx::{FromRow, postgres::PgRow, sqlite::SqliteRow};
use tracing::{debug, instrument};

pub(crate) use self::pool::IfMissing;
use self::pool::{OpenError, Pool, Record};
pub(crate) use self::transaction::Transaction;
use crate::blog::error::AppError;
use crate::blog::page::{Comment, Post, User};
use crate::blog::post::{PostRow, Remark};

/// How many latencies a slow query takes. The others take one.
pub(crate) const SLOW: u32 = 3;

/// A handle on the database; clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pool: Pool,
    latency: Duration,
}

impl Database {
    /// Opens the database at `url`. No query runs longer than `time_limit`, even if its request is gone.
    pub(crate) async fn open(
        url: &str,
        if_missing: IfMissing,
        latency: Duration,
        time_limit: Duration,
    ) -> Result<Self, OpenError> {
        let pool = Pool::open(url, if_missing, time_limit).await?;
        Ok(Self { pool, latency })
    }

    pub(crate) async fn user(&self, id: i64) -> Result<User, AppError> {
        let users = self
            .query(
                "user",
                "SELECT id, name FROM conjoin_blog_users WHERE id = $1",
                id,
            )
            .await?;
        users.into_iter().next().ok_or(AppError::UnknownUser(id))
    }

    pub(crate) async fn posts(&self, user_id: i64) -> Result<Vec<Post>, AppError> {
        let posts = "SELECT id, title FROM conjoin_blog_posts WHERE user_id = $1 ORDER BY id";
        Ok(self.query("posts", posts, user_id).await?)
    }

    pub(crate) async fn comments(&self, user_id: i64) -> Result<Vec<Comment>, AppError> {
        let comments =
            "SELECT id, post_id, body FROM conjoin_blog_comments WHERE user_id = $1 ORDER BY id";
        Ok(self.query("comments", comments, user_id).await?)
    }

    /// The same as [`comments`](Self::comments), but slow.
    pub(crate) async fn slow_comments(&self, user_id: i64) -> Result<Vec<Comment>, AppError> {
        let comments =
            "SELECT id, post_id, body FROM conjoin_blog_comments WHERE user_id = $1 ORDER BY id";
        let rows = self.pool.rows(comments, user_id);
        Ok(query("comments", self.latency * SLOW, rows).await?)
    }

    /// The comments under these posts. Slow, too.
    pub(crate) async fn replies(&self, posts: &[i64]) -> Result<Vec<Comment>, AppError> {
        let replies = "SELECT id, post_id, body FROM conjoin_blog_comments WHERE post_id";
        let rows = self.pool.rows_of(replies, posts);
        let mut replies: Vec<Comment> = query("replies", self.latency * SLOW, rows).await?;
        replies.sort_unstable_by_key(|reply| reply.id);
        Ok(replies)
    }

    /// Those of these posts that exist.
    pub(crate) async fn threads(&self, ids: &[i64]) -> Result<Vec<Post>, AppError> {
        let threads = "SELECT id, title FROM conjoin_blog_posts WHERE id";
        let rows = self.pool.rows_of(threads, ids);
        let mut threads: Vec<Post> = query("threads", self.latency, rows).await?;
        threads.sort_unstable_by_key(|post| post.id);
        Ok(threads)
    }

    /// A post, by its own id.
    pub(crate) async fn post(&self, id: i64) -> Result<PostRow, AppError> {
        let post = "SELECT id, user_id, title FROM conjoin_blog_posts WHERE id = $1";
        let posts = self.query("post", post, id).await?;
        posts.into_iter().next().ok_or(AppError::UnknownPost(id))
    }

    /// The comments under a post.
    pub(crate) async fn remarks(&self, post_id: i64) -> Result<Vec<Remark>, AppError> {
        let remarks =
            "SELECT id, user_id, body FROM conjoin_blog_comments WHERE post_id = $1 ORDER BY id";
        Ok(self.query("remarks", remarks, post_id).await?)
    }

    /// Those of these users that exist, in any order.
    pub(crate) async fn users(&self, ids: &[i64]) -> Result<Vec<User>, AppError> {
        let users = "SELECT id, name FROM conjoin_blog_users WHERE id";
        let rows = self.pool.rows_of(users, ids);
        Ok(query("users", self.latency, rows).await?)
    }

    /// Begins a transaction.
    pub(crate) async fn begin(&self) -> Result<Transaction, AppError> {
        let inner = query("begin", self.latency, self.pool.begin()).await?;
        Ok(Transaction::new(inner, self.latency))
    }

    /// The wait added to each query.
    pub(crate) fn latency(&self) -> Duration {
        self.latency
    }

    /// Opens the connections of two concurrent queries, if they are not open. Errors are left to those queries.
    pub(crate) async fn open_connections(&self) {
        let user = "SELECT id, name FROM conjoin_blog_users WHERE id = $1";
        let query = || self.pool.rows::<User>(user, 1);
        let _ = futures::join!(query(), query());
    }

    /// Waits until no connection is in use, and closes them all. Later queries fail.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    async fn query<T: Record>(
        &self,
        name: &'static str,
        sql: &'static str,
        id: i64,
    ) -> sqlx::Result<Vec<T>> {
        query(name, self.latency, self.pool.rows(sql, id)).await
    }
}

#[cfg(test)]
impl Database {
    /// The rows of a query, with no latency and nothing in the log.
    pub(crate) async fn look_up<T>(&self, sql: &'static str, id: i64) -> Vec<T>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.pool.rows(sql, id).await.expect("rows")
    }

    /// Runs a statement, as from outside of the service.
    pub(crate) async fn execute(&self, sql: &'static str) {
        self.pool.execute(sql).await.expect("a statement");
    }
}

/// Everything logged here is in a span with the query's name, within the span of the request.
#[instrument(level = "debug", skip_all, fields(%name))]
async fn query<T>(
    name: &'static str,
    latency: Duration,
    answer: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    let running = Running::start();
    // Before a connection is taken, so that this wait does not block other queries.
    tokio::time::sleep(latency).await;
    let answer = answer.await;
    running.end();
    answer
}

/// A query under way. Dropping it before its end cancels it. That happens when the client goes away or the time limit
/// passes, because then the request's future is dropped.
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
