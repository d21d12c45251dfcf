use conjoin::auto;

fn main() {
    let _ = auto! {
        user => 1;
        posts: [user] => let x = user; x + 1,
        comments: [posts] => posts + 1,
    };
}
