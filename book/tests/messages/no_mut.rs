use conjoin_book::blog::{Db, DbError};
use conjoin::auto;
async fn publish(db: &Db, title: &str) -> Result<Vec<String>, DbError> {
auto! {
    tx => db.begin().await?,
    post: [tx] => tx.insert(title).await?,
    rows: [move tx, post as _] => tx.commit().await?,
    => rows,
}
.await
}
fn main() {}
