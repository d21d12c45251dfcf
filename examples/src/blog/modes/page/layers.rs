//! Two latencies: this page has two layers, so nothing waits longer than it must.

use futures::try_join;

use super::{AppError, Page, Queries};

pub(super) async fn page(db: &Queries, id: i64) -> Result<Page, AppError> {
    let user = db.user(id).await?;
    let (posts, comments) = try_join!(db.posts(user.id), db.comments(user.id))?;
    Ok(Page {
        user,
        posts,
        comments,
    })
}
