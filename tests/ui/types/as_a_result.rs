//! A graph where a `Result` is due, and a `Result` where a value is: what rustc suggests stands in the right place.

use conjoin::auto;

async fn number() -> Result<u32, String> {
    Ok(1)
}

async fn count() -> u32 {
    1
}

async fn returned_without_a_question_mark() -> Result<u32, String> {
    auto! {
        a => count().await,
        b => count().await,
        => a + b
    }
    .await
}

async fn awaited_with_a_question_mark() -> Result<u32, String> {
    let page = auto! { a => count().await, b => count().await }.await?;
    Ok(page.a + page.b)
}

async fn in_ok() -> Result<u32, String> {
    Ok(auto! { a => number().await?, b => count().await, => a + b }.await)
}

async fn returned_as_a_value() -> u32 {
    auto! { a => number().await?, b => count().await, => a + b }.await
}

async fn two_variables() {
    let (a, b) = (String::new(), vec![1]);
    auto! { first => { drop(a); b.push(1); }, second => drop((a, count().await)) }.await;
}

fn main() {}
