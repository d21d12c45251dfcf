async fn work() {
let mut log = Vec::new();
conjoin::auto! {
    first => log.push("first"),
    other => std::future::ready(1).await,
    second: [first as _] => log.push("second"),
    third: [first as _, other] => other + 1,
}
.await;
drop(log);
}
fn main() {}
