//! Five latencies, the longest path: each query starts once the queries in its brackets have completed.

use super::{Activity, AppError, Queries};

pub(super) async fn activity(db: &Queries, id: i64) -> Result<Activity, AppError> {
    conjoin::auto! {
        user => db.user(id).await?,
        posts:    [user] => db.posts(user.id).await?,
        comments: [user] => db.slow_comments(user.id).await?,
        replies:  [posts] => db.replies(posts).await?,
        threads:  [posts, comments] => db.threads(posts, comments).await?,
        => Activity { user, posts, comments, replies, threads },
    }
    .await
}
