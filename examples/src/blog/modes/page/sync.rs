//! Three latencies: each query waits for the one before, even if it does not need its rows.

use super::{AppError, Page, Queries};

pub(super) async fn page(db: &Queries, id: i64) -> Result<Page, AppError> {
    let user = db.user(id).await?;
    let posts = db.posts(user.id).await?;
    let comments = db.comments(user.id).await?;
    Ok(Page {
        user,
        posts,
        comments,
    })
}
