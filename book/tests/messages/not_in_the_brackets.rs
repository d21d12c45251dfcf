use conjoin_book::blog::{Db, DbError, Page};
use conjoin::auto;
async fn page(db: &Db, id: u32) -> Result<Page, DbError> {
auto! {
    user => db.user(id).await?,
    posts => db.posts(user.id).await?,
    comments: [user] => db.comments(user.id).await?,
    => Page { user, posts, comments },
}
.await
}
fn main() {}
