use std::cell::Cell;
use conjoin_book::blog::Db;
use conjoin::auto;
fn spawn<T>(_: impl Future<Output = T> + Send + 'static) {}
fn main() {
spawn(async move {
    auto! {
        hits => Cell::new(0),
        user: [hits] => {
            let user = Db.user(7).await;
            hits.set(1);
            user?
        },
    }
    .await
});
}
