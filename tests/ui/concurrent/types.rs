use std::fmt::Error;
use std::num::ParseIntError;

use conjoin::concurrent;

struct AppError;

impl From<Error> for AppError {
    fn from(_: Error) -> Self {
        AppError
    }
}

async fn number(text: &str) -> Result<u32, ParseIntError> {
    text.parse()
}

async fn text() -> Result<String, Error> {
    Ok(String::new())
}

async fn no_conversion() -> Result<u32, AppError> {
    concurrent!({
        let a = number("1").await?;
        let b = text().await?;
        Ok(a + b.len() as u32)
    })
    .await
}

async fn no_conversion_within() -> Result<u32, AppError> {
    concurrent!({
        let a = number(&text().await?).await? + number("1").await?;
        let b = text().await?;
        Ok(a + b.len() as u32)
    })
    .await
}

async fn no_result() -> u32 {
    concurrent!({
        let a = number("1").await?;
        let b = number("2").await?;
        a + b
    })
    .await
}

async fn no_result_within() -> u32 {
    concurrent!({
        let a = number("1").await? + 1;
        let b = number("2").await? + 1;
        a + b
    })
    .await
}

async fn no_await() -> Result<u32, ParseIntError> {
    concurrent!({
        let a = number("1");
        let b = number("2").await?;
        Ok(a + b)
    })
    .await
}

async fn no_question() -> Result<u32, ParseIntError> {
    concurrent!({
        let a = number("1").await;
        let b = number("2").await?;
        Ok(a + b)
    })
    .await
}

async fn no_try() -> Result<u32, ParseIntError> {
    concurrent!({
        let a = async { 1 }.await?;
        let b = async { 2 }.await? + 1;
        Ok(a + b)
    })
    .await
}

async fn no_future() -> u32 {
    concurrent!({
        let a = text.await;
        let b = 1.await;
        a + b
    })
    .await
}

async fn mistaken_type() -> u32 {
    concurrent!({
        let a: String = async { 1 }.await;
        let b = async { 2 }.await;
        let c = async { b.len() }.await;
        a + b + c
    })
    .await
}

fn main() {}
