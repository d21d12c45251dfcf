use conjoin::auto;

struct User {
    id: u32,
}

fn main() {
    let db = 1;
    let _ = auto! {
        user => User { id: 1 },
        posts: [usr] => usr.id + 1,
        comments: [db] => db + 1,
        likes: [posts] => posts + 1,
    };
}
