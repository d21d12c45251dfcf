use conjoin::auto;

fn main() {
    let _ = auto! {
        user: [user] => user + 1,
        posts: [user] => user + 1,
    };
}
