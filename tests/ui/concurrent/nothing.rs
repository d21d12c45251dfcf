#![deny(warnings)]

use std::future::ready;

use conjoin::concurrent;

async fn load(id: u32) -> u32 {
    id
}

async fn change(log: &mut Vec<u32>) -> u32 {
    log.push(1);
    1
}

#[tokio::main]
async fn main() {
    concurrent!({
        let user = load(1).await;
        let posts = load(user + 1).await;
        user + posts
    })
    .await;
    concurrent!({ load(1).await }).await;
    concurrent!({
        let user = load(1).await;
        user
    })
    .await;
    concurrent!({
        let user = load(1).await;
        println!("loaded");
        let posts = load(2).await;
        user + posts
    })
    .await;
    concurrent!({
        let user = load(1).await;
        let id = user + 1;
        let posts = load(id).await;
        user + posts
    })
    .await;
    concurrent!({
        let user = load(1).await;
        let _guard = load(2).await;
        let posts = load(3).await;
        user + posts
    })
    .await;
    concurrent!({
        let user = load(1).await;
        #[sequential]
        let posts = load(3).await;
        let comments = load(4).await;
        user + posts + comments
    })
    .await;
    let mut log = vec![];
    concurrent!({
        let first = change(&mut log).await;
        let second = change(&mut log).await;
        first + second
    })
    .await;
    concurrent!({
        let user = load(1).await;
        let Some(posts) = ready(Some(2)).await else {
            return 0;
        };
        let comments = load(4).await;
        user + posts + comments
    })
    .await;
}
