use conjoin::auto;

async fn fetch(_: u32) -> u32 {
    1
}

fn main() {
    let user = 7;
    let _ = auto! {
        user => fetch(1).await,
        posts => fetch(user).await,
        label: [posts] => format!("{user}: {posts}"),
    };
    let _ = auto! {
        #![infer]
        a => b + 1,
        b => a + 1,
    };
    let _ = auto! {
        #![infer(all)]
        a: [.., ..] => 1,
    };
}
