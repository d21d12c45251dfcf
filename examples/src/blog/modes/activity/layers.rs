//! Seven latencies: the replies wait for the comments of their layer, which they do not need.

use futures::try_join;

use super::{Activity, AppError, Queries};

pub(super) async fn activity(db: &Queries, id: i64) -> Result<Activity, AppError> {
    let user = db.user(id).await?;
    let (posts, comments) = try_join!(db.posts(user.id), db.slow_comments(user.id))?;
    let (replies, threads) = try_join!(db.replies(&posts), db.threads(&posts, &comments))?;
    Ok(Activity {
        user,
        posts,
        comments,
        replies,
        threads,
    })
}
