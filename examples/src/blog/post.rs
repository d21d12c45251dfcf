//! The page of a post: its author, and its comments with theirs.
//!
//! Each comment asks for its author. Without a batch, this takes a query for each comment. A batch gathers the authors
//! that are requested at the same time into one query.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use conjoin::auto;
use conjoin_adapters::around::Metrics;
use conjoin_adapters::batch::{Batch, BatchError, Loader};
use futures::future::try_join_all;
use serde::Serialize;
use sqlx::FromRow;

use crate::blog::database::Database;
use crate::blog::error::AppError;
use crate::blog::page::User;

/// A post, its author and comments, and how many queries they took.
#[derive(Debug, Serialize)]
pub(crate) struct PostPage {
    id: i64,
    title: String,
    author: User,
    comments: Vec<CommentOfPost>,
    queries: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct CommentOfPost {
    id: i64,
    body: String,
    author: User,
}

/// A post as the database has it.
#[derive(Debug, FromRow)]
pub(crate) struct PostRow {
    id: i64,
    user_id: i64,
    title: String,
}

/// A comment under a post, as the database has it.
#[derive(Debug, FromRow)]
pub(crate) struct Remark {
    id: i64,
    user_id: i64,
    body: String,
}

/// One query after the other, with one for each comment.
pub(crate) async fn page_by_hand(database: &Database, id: i64) -> Result<PostPage, AppError> {
    let db = Counted::new(database);
    let post = db.count().post(id).await?;
    let author = db.count().user(post.user_id).await?;
    let mut comments = Vec::new();
    for remark in db.count().remarks(id).await? {
        let author = db.count().user(remark.user_id).await?;
        comments.push(remark.by(author));
    }
    Ok(post.page(author, comments, &db))
}

/// One query for each level: the post; its author and its comments; all their authors. The batch lives as long as the
/// request, so no request sees an old name or another request's users.
pub(crate) async fn page(
    database: &Database,
    id: i64,
    metrics: &Metrics,
) -> Result<PostPage, AppError> {
    let db = Counted::new(database);
    let users = Batch::new(async |ids: Vec<i64>| {
        let users = db.count().users(&ids).await?;
        let by_id = users.into_iter().map(|user| (user.id, user));
        Ok::<HashMap<_, _>, Arc<AppError>>(by_id.collect())
    });
    auto! {
        #![around(metrics)]
        #![error(AppError)]
        post => db.count().post(id).await?,
        author: [post] => users.load(post.user_id).await?,
        remarks: [post] => db.count().remarks(post.id).await?,
        comments: [move remarks] => try_join_all(remarks.into_iter().map(|it| it.with_author(&users))).await?,
        => post.page(author, comments, &db),
    }
    .await
}

impl Remark {
    /// Asks for one user. The batch gathers concurrent requests.
    async fn with_author(
        self,
        users: &Batch<i64, User, Arc<AppError>, impl Loader<i64, User, Arc<AppError>>>,
    ) -> Result<CommentOfPost, AppError> {
        let author = users.load(self.user_id).await?;
        Ok(self.by(author))
    }

    fn by(self, author: User) -> CommentOfPost {
        let Self { id, body, .. } = self;
        CommentOfPost { id, body, author }
    }
}

impl PostRow {
    fn page(self, author: User, comments: Vec<CommentOfPost>, db: &Counted<'_>) -> PostPage {
        PostPage {
            id: self.id,
            title: self.title,
            author,
            comments,
            queries: db.queries.load(Ordering::Relaxed),
        }
    }
}

/// Counts queries.
struct Counted<'d> {
    database: &'d Database,
    queries: AtomicUsize,
}

impl<'d> Counted<'d> {
    fn new(database: &'d Database) -> Self {
        Self {
            database,
            queries: AtomicUsize::new(0),
        }
    }

    /// Counts a query, and returns the database for it.
    fn count(&self) -> &'d Database {
        self.queries.fetch_add(1, Ordering::Relaxed);
        self.database
    }
}

impl From<Arc<AppError>> for AppError {
    fn from(error: Arc<AppError>) -> Self {
        Self::Shared(error)
    }
}

impl From<BatchError<Arc<AppError>>> for AppError {
    fn from(error: BatchError<Arc<AppError>>) -> Self {
        match error {
            BatchError::Failed(error) => Self::Shared(error),
            BatchError::Panicked(message) => Self::Internal(format!("panicked: {message}").into()),
            // A row refers to each user, so none is missing.
            missing => Self::Internal(missing.to_string().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::Value;

    use crate::blog::routes::router;
    use crate::blog::testing::{NEVER, app, get, new_database, text};

    #[tokio::test]
    async fn page_takes_a_query_for_each_level() {
        let (_directory, _, database) = new_database(std::time::Duration::ZERO).await;
        let router = router(app(database), NEVER);
        let mut numbers = Vec::new();
        for id in 1..=20 {
            let mut pages = Vec::new();
            for path in [format!("/posts/{id}"), format!("/posts/{id}/by-hand")] {
                let response = get(router.clone(), &path, "post").await;
                assert_eq!(response.status(), StatusCode::OK);
                let page: Value = serde_json::from_str(&text(response).await).expect("JSON");
                pages.push(page);
            }
            let [batched, by_hand] = &mut pages[..] else {
                unreachable!("there are two");
            };
            let comments = by_hand["comments"].as_array().expect("comments").len();
            // The post, its author, its comments, and each comment's author.
            assert_eq!(by_hand["queries"].take(), 3 + comments);
            let levels = if comments > 0 { 4 } else { 3 };
            let queries = batched["queries"].take().as_u64().expect("a number");
            // One less if the author of the post is the only one to comment.
            assert!(
                queries == levels || queries == 3,
                "{queries} queries, {batched}"
            );
            assert_eq!(batched, by_hand);
            numbers.push(comments);
        }
        assert!(numbers.iter().any(|&comments| comments > 2), "{numbers:?}");
    }

    #[tokio::test]
    async fn unknown_posts_are_404_and_invalid_ids_400() {
        let (_directory, _, database) = new_database(std::time::Duration::ZERO).await;
        let router = router(app(database), NEVER);
        for (path, status) in [
            ("/posts/10001", StatusCode::NOT_FOUND),
            ("/posts/10001/by-hand", StatusCode::NOT_FOUND),
            ("/posts/one", StatusCode::BAD_REQUEST),
            ("/posts/01/by-hand", StatusCode::BAD_REQUEST),
        ] {
            assert_eq!(
                get(router.clone(), path, "no-post").await.status(),
                status,
                "{path}"
            );
        }
    }
}
