use conjoin::auto;

fn main() {
    let _ = auto! {
        #![limit(2)]
        user => 1,
        posts: [move user] => user + 1,
        comments: [mut user] => 1,
        likes: [user] if *user > 1 => 1,
    };
}
