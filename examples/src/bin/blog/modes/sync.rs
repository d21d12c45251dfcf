//! Three latencies: each query waits for the one before, whether it needs its rows or not.

use crate::database::Database;
use crate::error::AppError;
use crate::page::Page;

pub(super) async fn page(db: &Database, id: i64) -> Result<Page, AppError> {
    let user = db.user(id).await?;
    let posts = db.posts(user.id).await?;
    let comments = db.comments(user.id).await?;
    Ok(Page { user, posts, comments })
}
