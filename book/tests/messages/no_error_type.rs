use conjoin_book::blog::Db;
use conjoin::auto;
async fn page(db: &Db) {
let counts = auto! {
    posts => db.posts(7).await?.len(),
    comments => db.comments(7).await?.len(),
}.await;
drop(counts);
}
fn main() {}
