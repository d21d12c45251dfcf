//! Two latencies, from the lines of `sync`: lines that do not need each other run concurrently.

use super::{AppError, Page, Queries};

pub(super) async fn page(db: &Queries, id: i64) -> Result<Page, AppError> {
    conjoin::concurrent!({
        let user = db.user(id).await?;
        let posts = db.posts(user.id).await?;
        let comments = db.comments(user.id).await?;
        Ok(Page {
            user,
            posts,
            comments,
        })
    })
    .await
}
