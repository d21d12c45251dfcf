async fn text() -> String {
"some text".to_owned()
}
async fn first_word() {
let words = conjoin::auto! {
    text => text().await,
    first: [text] => text.split(' ').next(),
};
drop(words.await);
}
fn main() {}
