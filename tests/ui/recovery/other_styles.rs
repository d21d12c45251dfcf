use conjoin::auto;

struct Db;

impl Db {
    async fn user(&self, id: u32) -> u32 {
        id
    }
}

fn main() {
    let db = Db;
    // Function style, other words for `as`, declarations with keywords.
    let _ = auto! {
        user => db.user(1).await,
        posts(user) => user + 1,
        comments: [user as u, u = user] => u + 1,
        likes: [user: n] => n + 1,
        pub shares: [user posts] => user + posts,
        let views: [&(user, posts)] => user + posts,
    };
    let _ = auto!(db.user(1), db.user(2));
    let _ = auto! { user => 1, => (user, 1); };
    let _ = auto! { user => 1, #![derive(Debug)] };
    let _ = auto! {
        user => async { db.user(1).await },
        posts: ["user"] => user + 1,
        comments: ["nobody"] => 1,
        likes: ["user", "posts", db.user(user + posts).await],
    };
}
