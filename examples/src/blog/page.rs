//! What the service answers.

use serde::{Deserialize, Serialize};
use sqlx::FromRow;

/// Everything about one user.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Page {
    pub(crate) user: User,
    pub(crate) posts: Vec<Post>,
    pub(crate) comments: Vec<Comment>,
}

/// A post that was just published.
#[derive(Debug, Serialize)]
pub(crate) struct Published {
    pub(crate) user: User,
    pub(crate) post: Post,
    pub(crate) comment: Option<Comment>,
}

#[derive(Clone, Debug, Deserialize, FromRow, Serialize)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
}

#[derive(Clone, Debug, Deserialize, FromRow, Serialize)]
pub(crate) struct Post {
    pub(crate) id: i64,
    pub(crate) title: String,
}

/// What the user wrote under a post, someone else's as a rule.
#[derive(Clone, Debug, Deserialize, FromRow, Serialize)]
pub(crate) struct Comment {
    pub(crate) id: i64,
    pub(crate) post_id: i64,
    pub(crate) body: String,
}
