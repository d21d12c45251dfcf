//! Five latencies, by promises: each is chained to those that it needs. Everything is `'static`, so it is cloned.

use super::promises::query;
use super::{Activity, AppError, Queries};

pub(super) async fn activity(db: &Queries, id: i64) -> Result<Activity, AppError> {
    let user = query(db, move |db| async move { db.user(id).await });
    let posts = {
        let db = db.clone();
        user.and_then(move |user| query(&db, move |db| async move { db.posts(user.id).await }))
    };
    let comments = {
        let db = db.clone();
        user.and_then(move |user| {
            query(
                &db,
                move |db| async move { db.slow_comments(user.id).await },
            )
        })
    };
    let replies = {
        let db = db.clone();
        posts.and_then(move |posts| query(&db, move |db| async move { db.replies(&posts).await }))
    };
    let threads = {
        let db = db.clone();
        posts.zip(&comments).and_then(move |(posts, comments)| {
            query(
                &db,
                move |db| async move { db.threads(&posts, &comments).await },
            )
        })
    };
    let activity = user
        .zip(&posts)
        .zip(&comments)
        .zip(&replies)
        .zip(&threads)
        .spread(|(((user, posts), comments), replies), threads| Activity {
            user,
            posts,
            comments,
            replies,
            threads,
        });
    Ok(activity.await?)
}
