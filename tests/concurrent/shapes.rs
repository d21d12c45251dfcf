//! Lines and blocks of many shapes, as real functions have them.

use std::cell::RefCell;
use std::error::Error;
use std::future::{Future, ready};
use std::rc::Rc;

use conjoin::concurrent;

#[derive(Debug, PartialEq, Eq)]
struct Failed;

async fn ok(n: u32) -> Result<u32, Failed> {
    ready(Ok(n)).await
}

struct Service {
    log: Vec<u32>,
    db: Db,
}

struct Db(u32);

impl Db {
    async fn put(&mut self, n: u32) -> Result<u32, Failed> {
        self.0 += n;
        ok(self.0).await
    }
}

impl Service {
    async fn add(log: &mut Vec<u32>, n: u32) -> Result<u32, Failed> {
        log.push(n);
        ok(n).await
    }

    async fn write(&mut self) -> Result<u32, Failed> {
        concurrent!({
            let other = ok(4).await?;
            let first = Self::add(&mut self.log, 1).await?;
            let second = Self::add(&mut self.log, 2).await?;
            Ok(first + second + other)
        })
        .await
    }

    /// A hidden borrow of one field, and a use of another.
    async fn disjoint(&mut self) -> Result<u32, Failed> {
        concurrent!({
            let put = self.db.put(1).await?;
            let length = ready(self.log.len()).await;
            Ok(put + u32::try_from(length).unwrap_or(0))
        })
        .await
    }
}

#[tokio::test]
async fn fields_of_self_are_borrowed_apart() {
    let mut service = Service {
        log: vec![],
        db: Db(0),
    };
    assert_eq!(service.write().await, Ok(7));
    assert_eq!(service.log, [1, 2]);
    assert_eq!(service.disjoint().await, Ok(3));
}

#[tokio::test]
async fn block_without_results_returns_early() {
    let run = async |n: u32| {
        concurrent!({
            let first = ready(n).await;
            let second = match ready(n).await {
                0 => return 7,
                n => n,
            };
            let third = ready(3).await;
            first + second + third
        })
        .await
    };
    assert_eq!((run(0).await, run(1).await), (7, 5));
}

#[tokio::test]
async fn values_need_not_be_send() {
    let list = Rc::new(RefCell::new(vec![]));
    concurrent!({
        let first = ready(Rc::clone(&list)).await;
        let second = ready(2).await;
        first.borrow_mut().push(second);
    })
    .await;
    assert_eq!(*list.borrow(), [2]);
}

#[tokio::test]
async fn blocks_nest() {
    let sum = concurrent!({
        let inner = concurrent!({
            let first = ok(1).await?;
            let second = ok(2).await?;
            Ok::<_, Failed>(first + second)
        })
        .await?;
        let other = ok(3).await?;
        let last = ok(inner).await?;
        ok(other + last).await
    });
    assert_eq!(sum.await, Ok(6));
}

#[tokio::test]
async fn boxed_errors_convert() {
    let sum: Result<u32, Box<dyn Error + Send + Sync>> = concurrent!({
        let first = ready("1".parse::<u32>()).await?;
        let second = ready("x".parse::<f64>()).await?;
        let third = ready("2".parse::<u32>().map(|n| n + 1)).await? + 1;
        if second > 1.0 {
            return Err("big".into());
        }
        Ok(first + third)
    })
    .await;
    let error = sum.err().map(|error| error.to_string());
    assert_eq!(error.as_deref(), Some("invalid float literal"));
}

#[tokio::test]
async fn lines_may_hold_conditions() {
    let run = async |x: Option<u32>| {
        concurrent!({
            let first = ready(x).await?;
            let second = if let Some(x) = x
                && x > 1
            {
                ready(x).await
            } else {
                0
            };
            let third = async { 1 }.await;
            Some(first + second + third)
        })
        .await
    };
    assert_eq!((run(Some(2)).await, run(None).await), (Some(5), None));
}

#[allow(clippy::manual_async_fn, reason = "the block is the future")]
fn lazy<'a, T: Clone + 'a>(value: &'a T) -> impl Future<Output = (T, T)> + 'a {
    concurrent!({
        let first = ready(value.clone()).await;
        let second = ready(value.clone()).await;
        (first, second)
    })
}

#[tokio::test]
async fn block_may_be_returned() {
    assert_eq!(lazy(&"a").await, ("a", "a"));
}

#[tokio::test]
async fn arms_of_a_match_have_groups() {
    let run = async |kind: u8| {
        concurrent!({
            let first = ok(1).await?;
            let other = ok(2).await?;
            Ok::<_, Failed>(match kind {
                0 => {
                    let left = ok(first).await?;
                    let right = ok(2).await?;
                    left + right
                }
                _ if kind > 3 => {
                    let left = ready(first).await;
                    let right = ready(other).await;
                    left * right
                }
                _ => ok(9).await?,
            })
        })
        .await
    };
    assert_eq!(run(0).await, Ok(3));
    assert_eq!(run(4).await, Ok(2));
    assert_eq!(run(1).await, Ok(9));
}

#[tokio::test]
async fn patterns_of_many_kinds_bind() {
    struct Wrapped(u32, u32);
    let made = concurrent!({
        let Wrapped(first, second) = ready(Wrapped(1, 2)).await;
        let Wrapped(.., third) = ready(Wrapped(first, 3)).await;
        let whole @ 0..=u32::MAX = ready(4).await;
        (second + third, whole)
    });
    assert_eq!(made.await, (5, 4));
}
