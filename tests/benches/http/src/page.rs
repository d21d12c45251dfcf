//! The answers, with the types of the blog service. `tests/peers/http` gives the same in JavaScript.

use serde::Serialize;

/// Everything about one user, as in the service.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Page {
    pub(crate) user: User,
    pub(crate) posts: Vec<Post>,
    pub(crate) comments: Vec<Comment>,
}

/// A page, and the users' comments and posts around it.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Activity {
    pub(crate) user: User,
    pub(crate) posts: Vec<Post>,
    pub(crate) comments: Vec<Comment>,
    /// The comments under the user's posts.
    pub(crate) replies: Vec<Comment>,
    /// The posts of others that the user has commented on.
    pub(crate) threads: Vec<Post>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Post {
    pub(crate) id: i64,
    pub(crate) title: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Comment {
    pub(crate) id: i64,
    pub(crate) post_id: i64,
    pub(crate) body: String,
}
