//! Two latencies, by a chain of promises. They count for you, pass errors on, and cancel when the chain is dropped. But
//! everything is `'static`, so it is cloned or shared.

use tracing::debug;

use super::promises::query;
use super::{AppError, Page, Queries};

pub(super) async fn page(db: &Queries, id: i64) -> Result<Page, AppError> {
    let user = query(db, move |db| async move { db.user(id).await });
    let posts = {
        let db = db.clone();
        user.and_then(move |user| query(&db, move |db| async move { db.posts(user.id).await }))
    };
    let comments = {
        let db = db.clone();
        user.and_then(move |user| query(&db, move |db| async move { db.comments(user.id).await }))
    };
    let page = user
        .zip(&posts)
        .zip(&comments)
        .spread(|(user, posts), comments| Page {
            user,
            posts,
            comments,
        });
    Ok(page.finally(|| debug!("settled")).await?)
}
