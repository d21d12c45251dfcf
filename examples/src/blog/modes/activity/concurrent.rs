//! Five latencies, from the lines of `sync`: each line starts once the lines that it uses have completed.

use super::{Activity, AppError, Queries};

pub(super) async fn activity(db: &Queries, id: i64) -> Result<Activity, AppError> {
    conjoin::concurrent!({
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
    })
    .await
}
