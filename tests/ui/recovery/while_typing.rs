//! Tasks that are being written before others, which have nothing to do with it.

struct User {
    id: u32,
}

async fn a_name() {
    let _ = conjoin::auto! {
        posts
        user => User { id: 1 },
        last: [user] => user.id,
    };
}

async fn a_head() {
    let _ = conjoin::auto! {
        user => User { id: 1 },
        posts: [user] =>
        last: [user] => user.id,
    };
}

async fn brackets_alone() {
    let _ = conjoin::auto! {
        user => User { id: 1 },
        : [user] => user.id,
    };
}

async fn a_member() {
    let _ = conjoin::auto! {
        user => User { id: 1 },
        posts: [user] => user.
        last: [user] => user.id,
    };
}

fn main() {}
