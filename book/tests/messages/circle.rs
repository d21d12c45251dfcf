use conjoin_book::blog::{Db, DbError, Page};
use conjoin::auto;
async fn page(db: &Db, id: u32) -> Result<Page, DbError> {
auto! {
    user:     [comments] => db.user(id).await?,
    posts:    [user] => db.posts(user.id).await?,
    comments: [posts] => db.comments(7).await?,
    => Page { user, posts, comments },
}
.await
}
fn main() {}
