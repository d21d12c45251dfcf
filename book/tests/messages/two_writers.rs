use conjoin_book::blog::{Db, DbError};
use conjoin::auto;
async fn publish(db: &Db, title: &str) -> Result<Vec<String>, DbError> {
auto! {
    tx => db.begin().await?,
    post: [mut tx] => tx.insert(title).await?,
    news: [mut tx] => tx.insert("news").await?,
    rows: [move tx] => tx.commit().await?,
    => rows,
}
.await
}
fn main() {}
