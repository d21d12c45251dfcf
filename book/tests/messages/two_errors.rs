use conjoin_book::blog::Db;
use conjoin::auto;
async fn page(db: &Db, text: &str) {
let page = auto! {
    user => db.user(7).await?,
    count => text.parse::<usize>()?,
    posts: [user] => db.posts(user.id).await?,
}.await;
drop(page);
}
fn main() {}
