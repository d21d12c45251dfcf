//! The answers of the service.

use serde::{Deserialize, Serialize};
use sqlx::FromRow;

/// Everything about one user.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Page {
    pub(crate) user: User,
    pub(crate) posts: Vec<Post>,
    pub(crate) comments: Vec<Comment>,
}

/// A page and what surrounds it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Activity {
    pub(crate) user: User,
    pub(crate) posts: Vec<Post>,
    pub(crate) comments: Vec<Comment>,
    /// The comments under the user's posts.
    pub(crate) replies: Vec<Comment>,
    /// The posts of others under which the user has written.
    pub(crate) threads: Vec<Post>,
}

/// Either of them.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Activity(Activity),
    Page(Page),
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

/// What a user wrote under a post, usually someone else's.
#[derive(Clone, Debug, Deserialize, FromRow, Serialize)]
pub(crate) struct Comment {
    pub(crate) id: i64,
    pub(crate) post_id: i64,
    pub(crate) body: String,
}
