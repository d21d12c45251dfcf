//! A page that layers run too slowly. After the user comes an N: the replies need the posts, which come early; the
//! threads need the posts and the comments, which come late.
//!
//! The comments and the replies take three latencies, all others one. So the page takes five latencies by the longest
//! path, seven in layers, and nine in sequence.

use futures::try_join;
use tokio::sync::OnceCell;

use crate::error::AppError;
use crate::page::Activity;
use crate::queries::Queries;

pub(super) async fn auto(db: &Queries, id: i64) -> Result<Activity, AppError> {
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

/// The replies wait for the comments, which they do not need.
pub(super) async fn layers(db: &Queries, id: i64) -> Result<Activity, AppError> {
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

/// Two branches share the posts through a cell; whichever comes first asks for them.
pub(super) async fn hand(db: &Queries, id: i64) -> Result<Activity, AppError> {
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

pub(super) async fn sync(db: &Queries, id: i64) -> Result<Activity, AppError> {
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
