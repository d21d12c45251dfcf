use conjoin_adapters::around::{Elapsed, Timeouts};
use conjoin_book::blog::{Db, DbError};
#[derive(Debug, thiserror::Error)]
enum AppError {
#[error(transparent)]
Db(#[from] DbError),
#[error("too slow")]
Slow(#[from] Elapsed),
}
fn spawn<T>(_: impl Future<Output = T> + Send) {}
fn page(db: &Db, timeouts: &Timeouts) {
spawn(async move {
    conjoin::auto! {
        #![around((timeouts, timeouts))]
        #![error(AppError)]
        posts => Vec::<&str>::from(db.posts(7).await?),
        => posts,
    }
    .await
});
}
fn main() {}
