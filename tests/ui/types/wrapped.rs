//! `Ok` in a body or a final arm, where the graph makes the `Result`.

use conjoin::auto;

struct Page {
    user: u32,
    posts: Vec<u32>,
}

async fn user() -> Result<u32, String> {
    Ok(1)
}

async fn posts(_: u32) -> Result<Vec<u32>, String> {
    Ok(vec![])
}

async fn page() -> Result<Page, String> {
    auto! {
        user => user().await?,
        posts: [user] => posts(*user).await?,
        => Ok(Page { user, posts })
    }
    .await
}

async fn in_bodies() -> Result<usize, String> {
    let page = auto! {
        user => Ok(user().await?),
        posts: [user] => {
            let posts = posts(*user).await?;
            if posts.is_empty() { Ok(posts) } else { panic!("posts") }
        },
    }
    .await?;
    Ok(page.posts.len())
}

async fn by_the_final_arm() -> Result<u32, String> {
    let page = auto! { one => 1, => Ok(user().await? + one) };
    page.await
}

async fn settled() {
    let page = auto! { #![settle] user => Ok(user().await?), => Ok::<_, String>(user.is_done()) };
    let _ = page.await;
}

async fn on_purpose() -> Result<u32, String> {
    let inner = auto! { user => user().await?, => Ok::<_, String>(user) }.await?;
    let plain: Result<u32, String> = auto! { user => 1, => Ok(user) }.await;
    let failing = auto! {
        user => user().await?,
        => if user > 1 { Ok(user) } else { Err("small") }
    };
    Ok(inner? + plain? + failing.await?.unwrap_or(0))
}

fn main() {}
