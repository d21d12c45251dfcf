//! The statements that publish a post.

use std::time::Duration;

use super::pool::{self, Record, Value};
use super::query;
use crate::blog::error::AppError;
use crate::blog::page::{Comment, Post, User};

/// Dropping it without a [`commit`](Self::commit) rolls it back.
#[derive(Debug)]
pub(crate) struct Transaction {
    inner: pool::Transaction,
    latency: Duration,
}

impl Transaction {
    pub(super) fn new(inner: pool::Transaction, latency: Duration) -> Self {
        Self { inner, latency }
    }

    pub(crate) async fn user(&mut self, id: i64) -> Result<User, AppError> {
        let user = "SELECT id, name FROM conjoin_blog_users WHERE id = $1";
        let users = self.query("user", user, &[Value::Id(id)]).await?;
        users.into_iter().next().ok_or(AppError::UnknownUser(id))
    }

    pub(crate) async fn insert_post(
        &mut self,
        author: &User,
        title: &str,
    ) -> Result<Post, AppError> {
        let post = "INSERT INTO conjoin_blog_posts (id, user_id, title)
                    SELECT id, $1, $2 FROM conjoin_blog_next_post
                    RETURNING id, title";
        self.row("post", post, &[Value::Id(author.id), Value::Text(title)])
            .await
    }

    pub(crate) async fn insert_comment(
        &mut self,
        author: &User,
        post: &Post,
        body: &str,
    ) -> Result<Comment, AppError> {
        let comment = "INSERT INTO conjoin_blog_comments (id, user_id, post_id, body)
                       SELECT id, $1, $2, $3 FROM conjoin_blog_next_comment
                       RETURNING id, post_id, body";
        self.row(
            "comment",
            comment,
            &[Value::Id(author.id), Value::Id(post.id), Value::Text(body)],
        )
        .await
    }

    /// Counts the author's posts, with the new one. A second transaction of the same author waits here for the first.
    pub(crate) async fn count_post(&mut self, author: &User) -> Result<i64, AppError> {
        let count = "INSERT INTO conjoin_blog_post_counts (user_id, posts)
                     SELECT $1, count(*) FROM conjoin_blog_posts WHERE user_id = $1
                     ON CONFLICT (user_id) DO UPDATE SET posts = conjoin_blog_post_counts.posts + 1
                     RETURNING posts";
        let (posts,) = self.row("count", count, &[Value::Id(author.id)]).await?;
        Ok(posts)
    }

    pub(crate) async fn insert_news(
        &mut self,
        post: &Post,
        headline: &str,
    ) -> Result<(), AppError> {
        let news =
            "INSERT INTO conjoin_blog_news (post_id, headline) VALUES ($1, $2) RETURNING post_id";
        let (_,): (i64,) = self
            .row("news", news, &[Value::Id(post.id), Value::Text(headline)])
            .await?;
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<(), AppError> {
        Ok(query("commit", self.latency, self.inner.commit()).await?)
    }

    /// The row of a statement that always returns one.
    async fn row<T: Record>(
        &mut self,
        name: &'static str,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<T, AppError> {
        let rows = self.query(name, sql, values).await?;
        Ok(rows.into_iter().next().ok_or(sqlx::Error::RowNotFound)?)
    }

    async fn query<T: Record>(
        &mut self,
        name: &'static str,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> sqlx::Result<Vec<T>> {
        query(name, self.latency, self.inner.rows(sql, values)).await
    }
}
