//! A graph, put together and run a thousand times, for an instruction counter: `cost.sh` runs it under callgrind.
//!
//! The tasks do next to nothing, so that what is counted is the joining. `hand` joins bare `async fn` calls with
//! `futures::try_join!`, in layers where the graph is no series of parallel parts; `blocks` does the same with the bodies
//! that `auto!` gets, each in an `async` block of its own.

#![allow(missing_docs)]

use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use conjoin::auto;
use futures::try_join;

#[derive(Debug)]
struct Error;

/// Ready at the first poll, or at the second.
async fn task(input: u64, yields: bool) -> Result<u64, Error> {
    if yields {
        Yield { has_yielded: false }.await;
    }
    work(input)
}

#[inline(never)]
fn work(input: u64) -> Result<u64, Error> {
    black_box(Ok(input + 1))
}

struct Yield {
    has_yielded: bool,
}

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.has_yielded {
            return Poll::Ready(());
        }
        self.has_yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
}

/// A function for each case, and `main`, which runs the one that is asked for.
macro_rules! cases {
    ($yields:ident; $($name:ident => $graph:expr,)*) => {
        $(
            #[inline(never)]
            fn $name(yields: bool) {
                for _ in 0..1000 {
                    let $yields = black_box(yields);
                    let result: Result<_, Error> = run($graph);
                    assert!(black_box(result).is_ok());
                }
            }
        )*

        /// `cost CASE ready|yield` runs a case; anything else does nothing, which is the base to subtract.
        fn main() {
            let arguments: Vec<String> = std::env::args().collect();
            let yields = arguments.get(2).is_some_and(|kind| kind == "yield");
            match arguments.get(1).map(String::as_str) {
                $(Some(stringify!($name)) => $name(yields),)*
                _ => {}
            }
        }
    };
}

cases! { y;
    page_hand => async {
        let a = task(1, y).await?;
        let (b, c) = try_join!(task(a, y), task(a, y))?;
        Ok((a, b, c))
    },
    page_blocks => async {
        let a = async { task(1, y).await }.await?;
        let (b, c) = try_join!(async { task(a, y).await }, async { task(a, y).await })?;
        Ok((a, b, c))
    },
    page_auto => auto! {
        a => task(1, y).await?,
        b: [a] => task(*a, y).await?,
        c: [a] => task(*a, y).await?,
        => (a, b, c)
    },
    diamond_hand => async {
        let a = task(1, y).await?;
        let (b, c) = try_join!(task(a, y), task(a, y))?;
        let d = task(b + c, y).await?;
        Ok((a, b, c, d))
    },
    diamond_blocks => async {
        let a = async { task(1, y).await }.await?;
        let (b, c) = try_join!(async { task(a, y).await }, async { task(a, y).await })?;
        let d = async { task(b + c, y).await }.await?;
        Ok((a, b, c, d))
    },
    diamond_auto => auto! {
        a => task(1, y).await?,
        b: [a] => task(*a, y).await?,
        c: [a] => task(*a, y).await?,
        d: [b, c] => task(b + c, y).await?,
        => (a, b, c, d)
    },
    n_hand => async {
        let (a, b) = try_join!(task(1, y), task(2, y))?;
        let (c, d) = try_join!(task(a, y), task(a + b, y))?;
        Ok((a, b, c, d))
    },
    n_blocks => async {
        let (a, b) = try_join!(async { task(1, y).await }, async { task(2, y).await })?;
        let (c, d) = try_join!(async { task(a, y).await }, async { task(a + b, y).await })?;
        Ok((a, b, c, d))
    },
    n_auto => auto! {
        a => task(1, y).await?,
        b => task(2, y).await?,
        c: [a] => task(*a, y).await?,
        d: [a, b] => task(a + b, y).await?,
        => (a, b, c, d)
    },
    crossing_hand => async {
        let (a, b) = try_join!(task(1, y), task(2, y))?;
        let (c, d) = try_join!(task(a, y), task(b, y))?;
        let (e, f) = try_join!(task(c + d, y), task(d, y))?;
        Ok((a, b, c, d, e, f))
    },
    crossing_blocks => async {
        let (a, b) = try_join!(async { task(1, y).await }, async { task(2, y).await })?;
        let (c, d) = try_join!(async { task(a, y).await }, async { task(b, y).await })?;
        let (e, f) = try_join!(async { task(c + d, y).await }, async { task(d, y).await })?;
        Ok((a, b, c, d, e, f))
    },
    crossing_auto => auto! {
        a => task(1, y).await?,
        b => task(2, y).await?,
        c: [a] => task(*a, y).await?,
        d: [b] => task(*b, y).await?,
        e: [c, d] => task(c + d, y).await?,
        f: [d] => task(*d, y).await?,
        => (a, b, c, d, e, f)
    },
}
