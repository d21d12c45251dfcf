//! Queries as a database driver with promises offers them.

use std::sync::Arc;

use conjoin_adapters::Promise;

use crate::blog::error::AppError;
use crate::blog::queries::Queries;

/// A promise of a query's rows. Its error is shared, as a promise may have several consumers.
pub(super) fn query<T, Q>(
    db: &Queries,
    query: impl FnOnce(Queries) -> Q,
) -> Promise<T, Arc<AppError>>
where
    T: Clone + Send + Sync + 'static,
    Q: Future<Output = Result<T, AppError>> + Send + 'static,
{
    let rows = query(db.clone());
    Promise::from_future(async { rows.await.map_err(Arc::new) })
}
