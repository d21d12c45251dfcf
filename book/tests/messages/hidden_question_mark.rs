use conjoin_book::blog::{Db, DbError};
macro_rules! ask {
    ($query:expr) => {
        $query.await?
    };
}
async fn page(db: &Db) -> Result<(), DbError> {
let page = conjoin::auto! {
    user => ask!(db.user(7)),
};
drop(page.await);
Ok(())
}
fn main() {}
