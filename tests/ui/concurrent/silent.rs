#![deny(warnings)]

use conjoin::concurrent;

async fn load(id: u32) -> Result<u32, ()> {
    Ok(id)
}

async fn mail(id: u32) -> Result<(), ()> {
    load(id).await.map(drop)
}

async fn forgotten() -> Result<u32, ()> {
    concurrent!({
        let user = load(1).await?;
        let posts = load(2).await?;
        mail(user);
        mail(posts).await;
        let unused = load(3).await?;
        let mut unchanged = load(4).await?;
        Ok(user + posts + unchanged)
    })
    .await
}

fn main() {
    let _ = forgotten();
    concurrent!({
        let a = load(1).await;
        let b = load(2).await;
        a == b
    });
}
