#![deny(warnings)]

use conjoin::auto;

async fn load() -> Result<u32, std::fmt::Error> {
    Ok(1)
}

async fn no_final_arm(cached: Option<u32>) {
    let _ = auto! {
        cache => if let Some(value) = cached { break value },
        fetched: [cache as _] => load().await?,
    }
    .await;
}

async fn settled(cached: Option<u32>) {
    let _ = auto! {
        #![settle]
        cache => if let Some(value) = cached { break value },
        fetched: [cache as _] => load().await?,
        => fetched.ok().unwrap_or(0)
    }
    .await;
}

async fn in_the_final_arm() -> u32 {
    auto! {
        a => 1,
        => if a > 0 { break 2 } else { 3 }
    }
    .await
}

async fn continued() {
    for _ in 0..3 {
        let _ = auto! {
            a => if load().await.is_err() { continue },
        }
        .await;
        let () = auto! {
            a => if load().await.is_err() { continue } else { break },
            => a
        }
        .await;
    }
}

async fn another_type(cached: Option<u32>) -> u64 {
    auto! {
        cache => if let Some(value) = cached { break value },
        fetched: [cache as _] => 7_u64,
        => fetched
    }
    .await
}

async fn two_types(cached: Option<u32>) -> u32 {
    auto! {
        cache => if let Some(value) = cached { break value },
        fetched => { if cached.is_none() { break "none" } 7 },
        => { let () = cache; fetched }
    }
    .await
}

async fn two_types_after_a_question(cached: Option<u32>) -> Result<u32, std::fmt::Error> {
    auto! {
        cache => if let Some(value) = cached { break value },
        fetched: [cache as _] => { let n = load().await?; if n > 1 { break } n },
        other => load().await?,
        => fetched + other
    }
    .await
}

fn main() {}
