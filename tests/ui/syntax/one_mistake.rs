//! A mistake in the head of a task is one error, also where a function would have it otherwise.

use conjoin::auto;

async fn user(_: u32) -> Result<u32, String> {
    Ok(1)
}

async fn conditions(ready: bool) -> Result<Option<u32>, String> {
    let page = auto! {
        a => user(1).await?,
        b => user(2).await?,
        c if ready [a] => *a,
        d if ready && *a > 1 [a, mut b] => { *b += *a; *b },
        e: [a if ready] => *a,
    }
    .await?;
    Ok(page.c.or(page.d).or(page.e))
}

async fn variables() -> Result<u32, String> {
    let page = auto! {
        let a = user(1).await?;
        let mut b: u32 = a + 1;
        let c = user(a + b).await?
    }
    .await?;
    Ok(page.c)
}

async fn returns() -> Result<u32, String> {
    let page = auto! {
        a => user(1).await?,
        b: [a] => { if *a > 1 { return Ok(1); } 2 },
        c: [a] => { if *a > 1 { return Err("no".to_owned()); } user(2).await? },
        d => { let n: u32 = if true { return; } else { 2 }; n },
    }
    .await?;
    Ok(page.a + page.b + page.c + page.d)
}

fn main() {}
