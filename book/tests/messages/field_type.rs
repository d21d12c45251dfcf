use conjoin_book::blog::Db;
async fn page(db: &Db) {
let page = conjoin::auto! {
    #![derive(serde::Serialize)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name => db.user(7).await.ok().map(|user| user.name),
};
drop(page.await);
}
fn main() {}
