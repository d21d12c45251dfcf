//! The service's data and queries in memory, because a database would dominate the measurement.
//!
//! The rows are those of the service's `setup.sql`. Each query returns copies, as a driver does, and is pending at its
//! first poll.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::sleep;

use crate::error::AppError;
use crate::page::{Comment, Post, User};

const USERS: usize = 1000;
const POSTS: usize = 10_000;
const COMMENTS: usize = 30_000;

/// How many latencies a slow query takes. Other queries take one.
const SLOW: u32 = 3;

/// Queries the data of a user. Clones share the rows.
#[derive(Clone, Debug)]
pub(crate) struct Queries {
    rows: Arc<Rows>,
    latency: Duration,
}

/// The rows by id, from 1, and for each user or post the indices of its rows.
#[derive(Debug)]
struct Rows {
    users: Vec<User>,
    posts: Vec<Post>,
    comments: Vec<Comment>,
    posts_of_user: Vec<Vec<usize>>,
    comments_of_user: Vec<Vec<usize>>,
    comments_under_post: Vec<Vec<usize>>,
}

impl Queries {
    pub(crate) fn new(latency: Duration) -> Self {
        Self {
            rows: Arc::new(Rows::new()),
            latency,
        }
    }

    pub(crate) async fn user(&self, id: i64) -> Result<User, AppError> {
        self.wait(1).await;
        index(id)
            .and_then(|user| self.rows.users.get(user))
            .cloned()
            .ok_or(AppError::UnknownUser(id))
    }

    pub(crate) async fn posts(&self, user_id: i64) -> Result<Vec<Post>, AppError> {
        self.wait(1).await;
        Ok(copies(
            &self.rows.posts,
            under(&self.rows.posts_of_user, user_id),
        ))
    }

    pub(crate) async fn comments(&self, user_id: i64) -> Result<Vec<Comment>, AppError> {
        self.wait(1).await;
        Ok(self.comments_of(user_id))
    }
}

/// Queries that the service does not have.
impl Queries {
    /// Like [`comments`](Self::comments), but slow.
    pub(crate) async fn slow_comments(&self, user_id: i64) -> Result<Vec<Comment>, AppError> {
        self.wait(SLOW).await;
        Ok(self.comments_of(user_id))
    }

    /// The comments under `posts`. Slow, too.
    pub(crate) async fn replies(&self, posts: &[Post]) -> Result<Vec<Comment>, AppError> {
        self.wait(SLOW).await;
        let comments = posts
            .iter()
            .flat_map(|post| under(&self.rows.comments_under_post, post.id));
        let mut comments: Vec<usize> = comments.copied().collect();
        comments.sort_unstable();
        Ok(copies(&self.rows.comments, &comments))
    }

    /// The posts of `comments`, each once and without `own`.
    pub(crate) async fn threads(
        &self,
        own: &[Post],
        comments: &[Comment],
    ) -> Result<Vec<Post>, AppError> {
        self.wait(1).await;
        let others = comments
            .iter()
            .map(|comment| comment.post_id)
            .filter(|id| own.iter().all(|post| post.id != *id));
        let mut posts: Vec<usize> = others.filter_map(index).collect();
        posts.sort_unstable();
        posts.dedup();
        Ok(copies(&self.rows.posts, &posts))
    }

    fn comments_of(&self, user_id: i64) -> Vec<Comment> {
        copies(
            &self.rows.comments,
            under(&self.rows.comments_of_user, user_id),
        )
    }

    async fn wait(&self, latencies: u32) {
        if self.latency.is_zero() {
            yield_now().await;
        } else {
            sleep(self.latency * latencies).await;
        }
    }
}

impl Rows {
    fn new() -> Self {
        let mut rows = Self {
            users: (1..=USERS)
                .map(|n| User {
                    id: id(n),
                    name: format!("User {n}"),
                })
                .collect(),
            posts: (1..=POSTS)
                .map(|n| Post {
                    id: id(n),
                    title: format!("Post {n}"),
                })
                .collect(),
            comments: Vec::with_capacity(COMMENTS),
            posts_of_user: vec![Vec::new(); USERS],
            comments_of_user: vec![Vec::new(); USERS],
            comments_under_post: vec![Vec::new(); POSTS],
        };
        for n in 1..=POSTS {
            rows.posts_of_user[n * 7919 % 999].push(n - 1);
        }
        for n in 1..=COMMENTS {
            let post = n * 6151 % POSTS;
            rows.comments.push(Comment {
                id: id(n),
                post_id: id(post + 1),
                body: format!("Comment {n}"),
            });
            rows.comments_of_user[n * 7907 % 999].push(n - 1);
            rows.comments_under_post[post].push(n - 1);
        }
        rows
    }
}

fn id(number: usize) -> i64 {
    i64::try_from(number).expect("there are fewer rows than that")
}

fn index(id: i64) -> Option<usize> {
    usize::try_from(id).ok()?.checked_sub(1)
}

fn under(lists: &[Vec<usize>], id: i64) -> &[usize] {
    index(id)
        .and_then(|index| lists.get(index))
        .map_or(&[], Vec::as_slice)
}

fn copies<T: Clone>(rows: &[T], indices: &[usize]) -> Vec<T> {
    indices.iter().map(|&index| rows[index].clone()).collect()
}
