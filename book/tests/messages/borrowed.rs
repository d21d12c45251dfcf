use conjoin_book::blog::Db;
use conjoin::auto;
fn main() {
let db = Db;
let page = tokio::spawn(auto! {
    user => db.user(7).await?,
    posts: [user] => db.posts(user.id).await?,
    => (user, posts),
});
drop(page);
}
