//! Nine latencies: each query waits for the one before, even if it does not need its rows.

use super::{Activity, AppError, Queries};

pub(super) async fn activity(db: &Queries, id: i64) -> Result<Activity, AppError> {
    let user = db.user(id).await?;
    let posts = db.posts(user.id).await?;
    let comments = db.slow_comments(user.id).await?;
    let replies = db.replies(&posts).await?;
    let threads = db.threads(&posts, &comments).await?;
    Ok(Activity {
        user,
        posts,
        comments,
        replies,
        threads,
    })
}
