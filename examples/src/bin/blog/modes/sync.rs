//! Three latencies: each query waits for the one before, whether it needs its rows or not.

use crate::error::AppError;
use crate::page::Page;
use crate::queries::Queries;

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
