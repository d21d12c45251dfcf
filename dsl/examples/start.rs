//! Three requests in the time of two: `cargo run -p conjoin --example start`.

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let page = conjoin::concurrent!({
        let user = ask("user").await;
        let posts = ask(&format!("posts of {user}")).await;
        let comments = ask(&format!("comments of {user}")).await;
        format!("{posts}, {comments}")
    });
    println!("{}", page.await);
}

async fn ask(what: &str) -> String {
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    format!("[{what}]")
}
