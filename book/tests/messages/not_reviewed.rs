use conjoin::auto;
use conjoin_book::blog::{Db, DbError, Transaction};
pub struct Reviewed(());
pub async fn review(_: &str) -> Result<Reviewed, DbError> {
Ok(Reviewed(()))
}
pub async fn publish(tx: Transaction, _: &Reviewed) -> Result<Vec<String>, DbError> {
tx.commit().await
}
async fn post(db: &Db, title: &str) -> Result<Vec<String>, DbError> {
    auto! {
        tx => db.begin().await?,
        post: [mut tx] => tx.insert(title).await?,
        reviewed => review(title).await?,
        rows: [move tx, post as _] => publish(tx, reviewed).await?,
        => rows,
    }
    .await
}
fn main() {}
