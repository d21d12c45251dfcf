//! A user's activity: five queries, in a shape that layers do not fit. After the user there is an N: the replies need
//! the posts, which come early; the threads need the posts and the comments, which come late.
//!
//! The comments and the replies take three latencies, the others one. So the longest path takes five latencies, the
//! layers take seven, and a sequence takes nine.

mod auto;
mod brew;
mod concurrent;
mod layers;
mod promise;
mod sync;

use super::{Mode, callbacks, promises};
use crate::blog::error::AppError;
use crate::blog::page::{Activity, Comment, Post, User};
use crate::blog::queries::Queries;

pub(super) async fn activity(mode: Mode, db: &Queries, id: i64) -> Result<Activity, AppError> {
    match mode {
        Mode::Sync => sync::activity(db, id).await,
        Mode::Layers => layers::activity(db, id).await,
        Mode::Brew => brew::activity(db, id).await,
        Mode::Promise => promise::activity(db, id).await,
        Mode::Auto => auto::activity(db, id).await,
        Mode::Concurrent => concurrent::activity(db, id).await,
    }
}
