//! Two latencies, by a chain of promises: the counting is theirs, an error passes everything by, and dropping the chain
//! cancels it. What is left of the callbacks is `'static`, so that everything is cloned or shared.

use std::sync::Arc;

use conjoin_adapters::Promise;
use tracing::debug;

use crate::error::AppError;
use crate::page::Page;
use crate::queries::Queries;

pub(super) async fn page(db: &Queries, id: i64) -> Result<Page, AppError> {
    let user = query(db, move |db| async move { db.user(id).await });
    let posts = {
        let db = db.clone();
        user.and_then(move |user| query(&db, move |db| async move { db.posts(user.id).await }))
    };
    let comments = {
        let db = db.clone();
        user.and_then(move |user| query(&db, move |db| async move { db.comments(user.id).await }))
    };
    let page = user
        .zip(&posts)
        .zip(&comments)
        .spread(|(user, posts), comments| Page {
            user,
            posts,
            comments,
        });
    Ok(page.finally(|| debug!("settled")).await?)
}

/// A promise of what a query brings. Its error has many owners, as a promise has many consumers.
fn query<T, Q>(db: &Queries, query: impl FnOnce(Queries) -> Q) -> Promise<T, Arc<AppError>>
where
    T: Clone + Send + Sync + 'static,
    Q: Future<Output = Result<T, AppError>> + Send + 'static,
{
    let rows = query(db.clone());
    Promise::from_future(async { rows.await.map_err(Arc::new) })
}
