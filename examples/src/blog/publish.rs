//! A new post: a transaction moves from task to task, while other tasks run concurrently.

use crate::blog::database::Database;
use crate::blog::draft::Draft;
use crate::blog::error::AppError;
use crate::blog::moderator::Moderator;
use crate::blog::page::Published;

/// If any task fails, in the transaction or not, the graph drops `tx`, which rolls back everything that was written.
pub(crate) async fn publish(
    db: &Database,
    moderator: Moderator,
    draft: &Draft,
) -> Result<Published, AppError> {
    conjoin::auto! {
        tx => db.begin().await?,
        user:    [mut tx] => tx.user(draft.user_id).await?,
        post:    [mut tx, user] => tx.insert_post(user, &draft.title).await?,
        comment: [mut tx, user, post] if let Some(body) = &draft.comment => tx.insert_comment(user, post, body).await?,
        count:   [mut tx, user, comment as _] => tx.count_post(user).await?,
        news:    [mut tx, user, post, count, excerpt] => {
            tx.insert_news(post, &format!("{}, post {count}: {excerpt}", user.name)).await?
        },

        excerpt => excerpt(&draft.title),
        review  => moderator.review(draft).await?,

        commit: [move tx, news as _, review as _] => tx.commit().await?,
        => Published { user, post, comment },
    }
    .await
}

/// The title, cut to the length of a headline.
fn excerpt(title: &str) -> String {
    const LONGEST: usize = 40;
    match title.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", title[..end].trim_end()),
        None => title.to_owned(),
    }
}

#[cfg(test)]
mod tests;
