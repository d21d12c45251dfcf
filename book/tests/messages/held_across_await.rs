use std::rc::Rc;
use conjoin_book::blog::Db;
use conjoin::auto;
fn spawn<T>(_: impl Future<Output = T> + Send + 'static) {}
fn main() {
spawn(async move {
    auto! {
        user => {
            let id = Rc::new(7);
            Db.user(*id).await?
        },
    }
    .await
});
}
