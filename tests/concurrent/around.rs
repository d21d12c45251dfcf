//! `#![around(object)]` at the top of a block.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::{Future, ready};
use std::time::Duration;

use conjoin::concurrent;
use tokio::time::{Instant, sleep};

/// Records when lines begin and end.
#[derive(Debug, Default)]
struct Log(RefCell<Vec<String>>);

impl Log {
    async fn task<T>(&self, name: &'static str, body: impl Future<Output = T>) -> T {
        self.0.borrow_mut().push(format!("+{name}"));
        let output = body.await;
        self.0.borrow_mut().push(format!("-{name}"));
        output
    }

    fn take(&self) -> String {
        self.0.take().join(" ")
    }
}

/// Replaces every error by one of its own.
struct Replaced;

impl Replaced {
    async fn task<V, E: From<&'static str>>(
        &self,
        name: &'static str,
        body: impl Future<Output = Result<V, E>>,
    ) -> Result<V, E> {
        body.await.map_err(|_| E::from(name))
    }
}

async fn after<T>(millis: u64, value: T) -> T {
    sleep(Duration::from_millis(millis)).await;
    value
}

#[tokio::test(start_paused = true)]
async fn each_line_runs_within_the_object() {
    let (log, start) = (Log::default(), Instant::now());
    let block = concurrent!(
        {
            #![around(&log)]
            let user = after(20, Ok::<_, Infallible>(1)).await?;
            let posts = after(20, vec![user]).await;
            let comments = after(10, Some(user + 1)).await;
            let before = posts.len();
            let both = after(10, before + 1).await;
            Ok::<_, Infallible>((posts, comments, both))
        }
    );
    assert_eq!(block.await, Ok((vec![1], Some(2), 2)));
    assert_eq!(start.elapsed().as_millis(), 50);
    assert_eq!(
        log.take(),
        "+user -user +posts +comments -comments -posts +both -both"
    );
}

#[tokio::test]
async fn object_sees_the_result_before_the_question_mark() {
    let block = concurrent!(
        {
            #![around(Replaced)]
            let first = ready(Ok::<u8, String>(1)).await?;
            let second = ready(Err::<u8, String>("lost".to_owned())).await?;
            Ok::<_, String>(first + second)
        }
    );
    assert_eq!(block.await, Err("second".to_owned()));
}

#[tokio::test]
async fn line_on_an_option_leaves_as_without_the_object() {
    let log = Log::default();
    let block = concurrent!(
        {
            #![around(&log)]
            #![limit(1)]
            let first = ready(Some(1)).await?;
            let second = ready(None::<u8>).await?;
            Some(first + second)
        }
    );
    assert_eq!(block.await, None);
    assert_eq!(log.take(), "+first -first +second -second");
}

#[tokio::test]
async fn sequential_line_stays_outside() {
    let log = Log::default();
    let block = concurrent!(
        {
            #![around(&log)]
            let first = ready(1).await;
            let second = ready(2).await;
            #[sequential]
            let third = ready(first + second).await;
            third * 2
        }
    );
    assert_eq!(block.await, 6);
    assert_eq!(log.take(), "+first -first +second -second");
}
