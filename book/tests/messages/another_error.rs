use conjoin_book::blog::{Db, DbError};
use conjoin::auto;
struct AppError;
impl From<DbError> for AppError {
fn from(_: DbError) -> Self {
AppError
}
}
async fn titles(db: &Db) -> Result<usize, AppError> {
    auto! {
        user => db.user(7).await?,
        posts: [user] => db.posts(user.id).await?,
        => posts.len(),
    }
    .await
}
fn main() {}
