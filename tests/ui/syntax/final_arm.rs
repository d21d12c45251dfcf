use conjoin::auto;

fn main() {
    let _ = auto! {
        user => 1,
        => user,
        posts: [user] => user + 1,
    };
    let _ = auto! {
        user => 1,
        =>
    };
    let _ = auto! {
        #![derive(Debug)]
        #[serde(skip)]
        user => 1,
        => user
    };
}
