use conjoin::auto;

async fn fetch() -> u32 {
    1
}

fn main() {
    let _ = auto! {
        user: fetch().await,
        posts: [user] => fetch().await + user,
    };
}
