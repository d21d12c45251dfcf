//! A page for which layers are too slow, by hand, with each query as early as possible. The service has its other modes.

use futures::try_join;
use tokio::sync::OnceCell;

use crate::error::AppError;
use crate::page::Activity;
use crate::queries::Queries;

/// Two branches share the posts through a cell. The first branch queries them.
pub(super) async fn activity(db: &Queries, id: i64) -> Result<Activity, AppError> {
    let user = db.user(id).await?;
    let cell = OnceCell::new();
    let posts = || cell.get_or_try_init(|| db.posts(user.id));
    let replies = async { db.replies(posts().await?).await };
    let threads = async {
        let (posts, comments) = try_join!(posts(), db.slow_comments(user.id))?;
        let threads = db.threads(posts, &comments).await?;
        Ok((comments, threads))
    };
    let (replies, (comments, threads)) = try_join!(replies, threads)?;
    let posts = cell.into_inner().expect("both branches have waited for it");
    Ok(Activity {
        user,
        posts,
        comments,
        replies,
        threads,
    })
}
