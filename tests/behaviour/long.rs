//! Series that are longer than one block of the expansion.

use std::future::{Future, ready};

use conjoin::auto;
use futures::FutureExt;
use tokio::task::yield_now;

/// A number that each of sixty tasks in a row counts up, and the last one takes.
macro_rules! row {
    ($([$option:ident])? $step:ident) => {
        row!(@ [$($option)?] $step sum [start => (),] start
            a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 c0 c1 c2 c3 c4 c5 c6 c7 c8 c9
            d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 e0 e1 e2 e3 e4 e5 e6 e7 e8 e9 f0 f1 f2 f3 f4 f5 f6 f7 f8 f9)
    };
    (@ [$($option:ident)?] $step:ident $sum:ident [$($tasks:tt)*] $before:ident) => {
        auto! {
            $(#![$option])?
            $sum => 0_u32,
            $($tasks)*
            last: [move $sum, $before as _] => $sum,
            => last
        }
    };
    (@ [$($option:ident)?] $step:ident $sum:ident [$($tasks:tt)*] $before:ident $task:ident $($rest:ident)*) => {
        row!(@ [$($option)?] $step $sum [$($tasks)* $task: [mut $sum, $before as _] => $step($sum).await?,] $task $($rest)*)
    };
}

async fn count(sum: &mut u32) -> Result<(), String> {
    yield_now().await;
    *sum += 1;
    Ok(())
}

fn count_to_40(sum: &mut u32) -> impl Future<Output = Result<(), String>> + use<> {
    *sum += 1;
    ready(if *sum < 40 {
        Ok(())
    } else {
        Err(format!("{sum}"))
    })
}

#[tokio::test]
async fn value_passes_from_piece_to_piece() {
    assert_eq!(row!(count).await, Ok(60));
}

#[test]
fn error_in_a_later_piece_fails_the_graph() {
    assert_eq!(row!(count_to_40).now_or_never(), Some(Err("40".into())));
    let error = row!([name_errors] count_to_40)
        .now_or_never()
        .expect("an error")
        .expect_err("an error");
    assert_eq!((error.task(), error.into_inner()), ("d9", "40".into()));
}

#[test]
fn long_series_is_send() {
    fn is_send(_: impl Send) {}
    is_send(row!(count));
}
