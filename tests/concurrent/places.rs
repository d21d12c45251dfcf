//! Places for blocks, and their types.

use std::fmt::Display;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use conjoin::concurrent;
use conjoin_tests::Log;
use tokio::task::yield_now;

#[derive(Debug, PartialEq, Eq)]
enum AppError {
    Number(std::num::ParseIntError),
    Text(String),
}

impl From<std::num::ParseIntError> for AppError {
    fn from(error: std::num::ParseIntError) -> Self {
        Self::Number(error)
    }
}

impl From<String> for AppError {
    fn from(error: String) -> Self {
        Self::Text(error)
    }
}

async fn number(text: &str) -> Result<u32, std::num::ParseIntError> {
    yield_now().await;
    text.parse()
}

async fn text(text: &str) -> Result<String, String> {
    yield_now().await;
    if text.is_empty() {
        Err("empty".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

async fn converted(first: &str, second: &str) -> Result<String, AppError> {
    concurrent!({
        let n = number(first).await?;
        let t = text(second).await?;
        Ok(format!("{t}{n}"))
    })
    .await
}

#[tokio::test]
async fn errors_convert_into_that_of_the_function() {
    assert_eq!(converted("1", "a").await, Ok("a1".to_owned()));
    assert_eq!(
        converted("1", "").await,
        Err(AppError::Text("empty".to_owned()))
    );
    assert!(matches!(converted("x", "").await, Err(AppError::Number(_))));
}

#[tokio::test]
async fn question_mark_may_follow_the_block() {
    async fn sum(first: &str) -> Result<u32, AppError> {
        let n = concurrent!({
            let n = number(first).await?;
            let t = text("t").await?;
            Ok::<_, AppError>(n + u32::from(t == "t"))
        })
        .await?;
        Ok(n + 1)
    }

    assert_eq!(sum("3").await, Ok(5));
}

#[test]
fn block_does_nothing_until_it_is_polled() {
    let mut touched = false;
    let block = concurrent!({
        touched = true;
        let a = ready(1).await;
        let b = ready(2).await;
        a + b
    });
    drop(block);
    assert!(!touched);
}

trait Shop {
    async fn item(&self, id: u32) -> Result<String, AppError>;

    async fn cart(&self) -> Result<String, AppError> {
        concurrent!({
            let first = self.item(1).await?;
            let second = self.item(2).await?;
            Ok(first + &second)
        })
        .await
    }
}

struct Corner {
    name: String,
}

impl Shop for Corner {
    async fn item(&self, id: u32) -> Result<String, AppError> {
        concurrent!({
            let name = text(&self.name).await?;
            let n = number(&id.to_string()).await?;
            Ok(format!("{name}{n}"))
        })
        .await
    }
}

#[tokio::test]
async fn methods_of_traits_may_use_it() {
    let shop = Corner {
        name: "x".to_owned(),
    };
    assert_eq!(shop.cart().await, Ok("x1x2".to_owned()));
}

async fn both<A: Display, B: Display + Clone, E>(
    first: impl Future<Output = Result<A, E>>,
    second: impl Future<Output = Result<B, E>>,
) -> Result<String, E> {
    concurrent!({
        let a = first.await?;
        let b = second.await?;
        let c = ready(b.clone()).await;
        let d = ready(a.to_string()).await;
        Ok(format!("{a}{b}{c}{d}"))
    })
    .await
}

#[tokio::test]
async fn generic_functions_may_use_it() {
    assert_eq!(
        both(ready(Ok::<_, ()>(1)), ready(Ok("b"))).await,
        Ok("1bb1".to_owned())
    );
}

#[tokio::test]
async fn closures_may_use_it() {
    let offset = 3;
    let load = async |id: u32| {
        concurrent!({
            let a = ready(id).await;
            let b = ready(offset).await;
            a + b
        })
        .await
    };
    assert_eq!(load(4).await + load(5).await, 15);
}

fn boxed<'a>(
    first: &'a str,
    second: &'a str,
) -> Pin<Box<dyn Future<Output = Option<u32>> + Send + 'a>> {
    Box::pin(concurrent!(async move {
        let a = ready(first.len().checked_sub(1)).await?;
        let b = ready(second.len().checked_sub(1)).await?;
        u32::try_from(a + b).ok()
    }))
}

#[tokio::test]
async fn blocks_can_be_boxed() {
    assert_eq!(boxed("ab", "abc").await, Some(3));
    assert_eq!(boxed("ab", "").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_are_send_as_async_blocks_are() {
    let names = Arc::new(vec!["a".to_owned(), "b".to_owned()]);
    let task = tokio::spawn(concurrent!(async move {
        let first = text(&names[0]).await?;
        let second = text(&names[1]).await?;
        let third = text(&first).await?;
        let fourth = text(&second).await?;
        let fifth = text(&[third.as_str(), fourth.as_str()].concat()).await?;
        let sixth = text(&fourth).await?;
        Ok::<_, String>(first + &fifth + &sixth)
    }));
    assert_eq!(task.await.ok(), Some(Ok("aabb".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn limit_bounds_the_lines_that_run() {
    let log = Log::new();
    let limit = 2;
    concurrent!(
        {
            #![limit(limit)]
            let a = log.work("a", 2).await;
            let b = log.work("b", 3).await;
            let c = log.work("c", 4).await;
            let d = log.work([a, "d"][1], 5).await;
            (b, c, d)
        }
    )
    .await;
    assert_eq!(log.started(), [("a", 0), ("b", 0), ("c", 2), ("d", 3)]);
}

#[tokio::test(start_paused = true)]
async fn limit_of_one_runs_in_sequence() {
    let log = Log::new();
    let failed: Result<(), &'static str> = concurrent!(
        {
            #![limit(1)]
            let a = log.work("a", 2).await;
            let b = log.fail("b", 3).await.map(|()| "b")?;
            let c = log.work("c", 4).await;
            Err([a, b, c][0])
        }
    )
    .await;
    assert_eq!(failed, Err("b"));
    assert_eq!(log.started(), [("a", 0), ("b", 2)]);
}

#[tokio::test]
async fn loops_keep_their_breaks() {
    let mut found = Vec::new();
    let last = concurrent!({
        let first = ready(1).await;
        let second = ready(2).await;
        let mut n = first + second;
        loop {
            n += 1;
            let a = ready(n).await;
            let b = ready(n * 2).await;
            let c = if a > 7 { break a } else { ready(b).await };
            if c % 3 == 0 {
                continue;
            }
            found.push(c);
        }
    })
    .await;
    assert_eq!((last, found), (8, vec![8, 10, 14]));
}
