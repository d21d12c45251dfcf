//! What `auto.rs` says, by hand.

use futures::try_join;

use crate::error::AppError;
use crate::page::Page;
use crate::queries::Queries;

pub(super) async fn page(db: &Queries, id: i64) -> Result<Page, AppError> {
    let user = db.user(id).await?;
    let (posts, comments) = try_join!(db.posts(user.id), db.comments(user.id))?;
    Ok(Page {
        user,
        posts,
        comments,
    })
}
