//! What is answered, in the words of the blog service; `tests/peers/http` answers the same in JavaScript.

use serde::Serialize;

/// Everything about one user, as in the service.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Page {
    pub(crate) user: User,
    pub(crate) posts: Vec<Post>,
    pub(crate) comments: Vec<Comment>,
}

/// A page and what surrounds it.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Activity {
    pub(crate) user: User,
    pub(crate) posts: Vec<Post>,
    pub(crate) comments: Vec<Comment>,
    /// What is written under the user's posts.
    pub(crate) replies: Vec<Comment>,
    /// The posts of others under which the user has written.
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
