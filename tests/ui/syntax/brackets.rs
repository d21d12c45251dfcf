use conjoin::auto;

fn main() {
    let _ = auto! {
        user => 1,
        posts: user => user + 1,
        comments: (user, posts) => user + posts,
        likes [user] => user + 1,
        shares: => 1,
    };
}
