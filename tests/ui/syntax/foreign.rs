use conjoin::auto;

struct User;

async fn fetch(_: u32) -> u32 {
    1
}

fn main() {
    let _ = auto! {
        user: User => User,
        n: u64 [user] => 1,
        list: Vec<String>: [n] => vec![],
    };
    let _ = auto! {
        user => fetch(1).await,
        posts: ["user", |user| fetch(user)],
    };
    let _ = auto! {
        user => fetch(1).await,
        posts: [user] if *user > 1 => fetch(*user).await else 0,
    };
    let _ = auto! {
        #![timeout(1)]
        user => fetch(1).await,
        => user
    };
}
