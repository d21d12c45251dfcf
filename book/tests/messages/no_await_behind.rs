use conjoin_book::blog::Db;
use conjoin::auto;
async fn titles(db: &Db) -> usize {
let page = auto! {
    posts => db.posts(7).await?,
};
page.posts.len()
}
fn main() {}
