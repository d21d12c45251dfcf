//! Items that fail, panic, or are dropped.

use std::cell::Cell;
use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use conjoin::{Settled, auto};
use conjoin_tests::Log;
use futures::FutureExt;
use tokio::time::{Instant, sleep, timeout};

use super::{double_after, even_after};

#[tokio::test(start_paused = true)]
async fn the_first_error_ends_the_graph_in_its_poll() {
    let (start, log) = (Instant::now(), Log::new());
    let failed = auto! {
        delays => vec![30, 7, 20],
        items: [delays] for delay in delays => {
            let _running = log.start("item");
            even_after(*delay).await?
        },
        beside => log.work("beside", 50).await,
    }
    .await;
    assert_eq!(failed.err().as_deref(), Some("7 is odd"));
    assert_eq!(start.elapsed(), Duration::from_millis(7));
    assert_eq!(log.dropped().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn no_item_starts_after_an_error() {
    let started = Cell::new(0);
    let failed = auto! {
        items for item in 0..5 => {
            started.set(started.get() + 1);
            if item == 2 { Err("two")? }
        },
    }
    .await;
    assert_eq!(failed.err(), Some("two"));
    assert_eq!(started.get(), 3);
}

#[tokio::test(start_paused = true)]
async fn settled_item_error_ends_its_task() {
    let (start, log) = (Instant::now(), Log::new());
    let page = auto! {
        #![settle]
        items for delay in [30, 7, 4, 20] => {
            let running = log.start("item");
            let doubled = even_after(delay).await?;
            running.end();
            doubled
        },
        after: [items] => items.len(),
        beside => double_after(50).await,
    }
    .await;
    assert_eq!(page.items, Settled::Failed("7 is odd".to_owned()));
    assert_eq!(page.after, Settled::Skipped("items"));
    assert_eq!(page.beside, Settled::Done(100));
    assert_eq!(log.ended(), [("item", 4)]);
    assert_eq!(log.dropped(), [("item", 7); 3]);
    assert_eq!(start.elapsed(), Duration::from_millis(50));
}

#[tokio::test]
async fn under_settle_all_outputs_are_done() {
    let page = auto! {
        #![settle]
        items for item in [2, 4] => even_after(item).await?,
        plain for item in [1, 3] => item,
        sum: [items, plain] => items.iter().sum::<u64>() + plain.iter().sum::<u64>(),
    }
    .await;
    assert_eq!(page.sum, Settled::Done(16));
}

#[tokio::test]
async fn a_named_error_has_the_name_of_the_task() {
    let failed = auto! {
        #![name_errors]
        fine for item in [2, 4] => even_after(item).await?,
        broken: [fine as _] for item in [3, 4] => even_after(item).await?,
    }
    .await;
    assert_eq!(
        failed.err().map(|error| error.to_string()).as_deref(),
        Some("task `broken`: 3 is odd")
    );
}

#[tokio::test]
async fn a_named_type_converts_every_error() {
    #[derive(Debug, PartialEq)]
    enum AppError {
        Number,
        Text(String),
    }

    impl From<std::num::ParseIntError> for AppError {
        fn from(_: std::num::ParseIntError) -> Self {
            AppError::Number
        }
    }

    impl From<String> for AppError {
        fn from(text: String) -> Self {
            AppError::Text(text)
        }
    }

    let parse = async |text: &'static str| {
        let graph = auto! {
            #![error(AppError)]
            items for number in text.split(' ') => even_after(number.parse()?).await?,
            => items
        };
        graph.await
    };
    assert_eq!(parse("2 4").await, Ok(vec![4, 8]));
    assert_eq!(parse("2 x").await, Err(AppError::Number));
    assert_eq!(
        parse("2 3").await,
        Err(AppError::Text("3 is odd".to_owned()))
    );
}

#[tokio::test]
async fn an_iterable_may_fail() {
    let load = |works: bool| {
        ready(if works {
            Ok(vec![1, 2])
        } else {
            Err("no list")
        })
    };
    for works in [true, false] {
        let graph = auto! {
            items for item in load(works).await? => ready(item + 1).await,
            => items
        };
        let expected = if works {
            Ok(vec![2, 3])
        } else {
            Err("no list")
        };
        assert_eq!(graph.await, expected);
    }
}

#[tokio::test]
async fn a_result_without_question_mark_stays_a_value() {
    let page = auto! { items for item in [2, 3] => even_after(item).await }.await;
    assert_eq!(page.items, [Ok(4), Err("3 is odd".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_graph_drops_all_items_at_once() {
    let log = Log::new();
    let graph = auto! {
        #[limit(3)]
        items for delay in [1, 20, 30, 40, 50] => {
            let running = log.start("item");
            sleep(Duration::from_millis(delay)).await;
            running.end();
        },
    };
    timeout(Duration::from_millis(5), graph)
        .await
        .map(drop)
        .expect_err("it takes longer");
    assert_eq!(log.started().len(), 4);
    assert_eq!(log.dropped(), [("item", 5); 3]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_unwinds_and_drops_every_item() {
    let log = Log::new();
    let graph = auto! {
        items for delay in [1, 20, 30] => {
            let running = log.start("item");
            sleep(Duration::from_millis(delay)).await;
            assert!(delay != 20, "twenty");
            running.end();
        },
        beside => pending::<()>().await,
    };
    let panic = AssertUnwindSafe(graph).catch_unwind().await;
    let panic = panic.map(drop).expect_err("a panic");
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"twenty"));
    assert_eq!(log.ended(), [("item", 1)]);
    assert_eq!(log.dropped(), [("item", 20); 2]);
}

/// Counts drops. The second one panics.
struct Bomb<'c>(&'c Cell<usize>);

impl Drop for Bomb<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
        assert!(self.0.get() != 2, "boom");
    }
}

#[test]
fn a_panicking_drop_drops_the_other_items() {
    let drops = Cell::new(0);
    let mut graph = Box::pin(auto! {
        items for _ in 0..5 => {
            let _bomb = Bomb(&drops);
            pending::<()>().await;
        },
    });
    assert!(graph.as_mut().now_or_never().is_none());
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(graph)));
    assert!(dropped.is_err());
    assert_eq!(drops.get(), 5);
}

#[test]
fn a_panicking_drop_of_an_ended_item_drops_the_others() {
    let drops = Cell::new(1);
    let mut graph = Box::pin(auto! {
        items for item in 0..5 => {
            let _bomb = Bomb(&drops);
            if item > 0 { pending::<()>().await; }
        },
    });
    let polled = catch_unwind(AssertUnwindSafe(|| graph.as_mut().now_or_never().is_some()));
    assert!(polled.is_err());
    drop(graph);
    assert_eq!(drops.get(), 2);
}
