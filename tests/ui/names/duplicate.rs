use conjoin::auto;

fn main() {
    let _ = auto! {
        user => 1,
        user => 2,
        posts: [user, user] => user + 1,
    };
}
