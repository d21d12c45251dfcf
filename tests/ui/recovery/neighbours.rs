use conjoin::auto;

struct User {
    id: u32,
}

fn main() {
    let _ = auto! {
        user => User { id: 1 },
        posts: [usr] => usr.id + 1,
        comments: [user] => user.nothing,
        likes: [comments] => comments.len(),
    };
}
