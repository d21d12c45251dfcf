//! Two latencies: the posts and the comments need the user, but not each other.

use super::{AppError, Page, Queries};

pub(super) async fn page(db: &Queries, id: i64) -> Result<Page, AppError> {
    conjoin::auto! {
        user => db.user(id).await?,
        posts:    [user] => db.posts(user.id).await?,
        comments: [user] => db.comments(user.id).await?,
        => Page { user, posts, comments },
    }
    .await
}
