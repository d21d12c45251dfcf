//! Graphs with and without an object around their tasks that does nothing, for an instruction counter: `around.sh` runs it
//! under callgrind. `blocks` has the same bodies in `async` blocks without an object.

#![allow(missing_docs)]

use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use conjoin::auto;

#[derive(Debug)]
struct Error;

/// Its `task` is the future itself.
struct Itself;

impl Itself {
    #[allow(clippy::unused_self, reason = "as any other object")]
    fn task<T, F: Future<Output = T>>(&self, _: &'static str, body: F) -> F {
        body
    }
}

async fn task(input: u64, yields: bool) -> Result<u64, Error> {
    if yields {
        Yield(false).await;
    }
    work(input)
}

#[inline(never)]
fn work(input: u64) -> Result<u64, Error> {
    black_box(Ok(input + 1))
}

struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
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

/// For each graph: plain, with its bodies in blocks, and with the object.
macro_rules! cases {
    ($yields:ident; $($plain:ident $blocks:ident $around:ident: { $($name:ident: [$($need:ident),*] => $input:expr,)* } => $output:expr;)*) => {
        $(
            #[inline(never)]
            fn $plain(yields: bool) {
                for _ in 0..1000 {
                    let $yields = black_box(yields);
                    let graph = auto! { $($name: [$($need),*] => task($input, $yields).await?,)* => $output };
                    assert!(black_box(run(graph)).is_ok());
                }
            }

            #[inline(never)]
            fn $blocks(yields: bool) {
                for _ in 0..1000 {
                    let $yields = black_box(yields);
                    let graph = auto! {
                        $($name: [$($need),*] => async { let value = task($input, $yields).await?; Ok::<_, Error>(value) }.await?,)*
                        => $output
                    };
                    assert!(black_box(run(graph)).is_ok());
                }
            }

            #[inline(never)]
            fn $around(yields: bool) {
                for _ in 0..1000 {
                    let $yields = black_box(yields);
                    let graph = auto! { #![around(Itself)] $($name: [$($need),*] => task($input, $yields).await?,)* => $output };
                    assert!(black_box(run(graph)).is_ok());
                }
            }
        )*

        /// `around CASE ready|yield` runs a case; anything else does nothing, which is the base to subtract.
        fn main() {
            let arguments: Vec<String> = std::env::args().collect();
            let yields = arguments.get(2).is_some_and(|kind| kind == "yield");
            match arguments.get(1).map(String::as_str) {
                $(
                    Some(stringify!($plain)) => $plain(yields),
                    Some(stringify!($blocks)) => $blocks(yields),
                    Some(stringify!($around)) => $around(yields),
                )*
                _ => {}
            }
        }
    };
}

cases! { y;
    page_plain page_blocks page_around: {
        first: [] => 1,
        second: [first] => *first,
        third: [first] => *first,
    } => first + second + third;
    crossing_plain crossing_blocks crossing_around: {
        first: [] => 1,
        second: [] => 2,
        third: [first] => *first,
        fourth: [second] => *second,
        fifth: [third, fourth] => third + fourth,
        sixth: [fourth] => *fourth,
    } => first + second + third + fourth + fifth + sixth;
    wide_plain wide_blocks wide_around: {
        first: [] => 1, second: [] => 2, third: [] => 3, fourth: [] => 4,
        fifth: [] => 5, sixth: [] => 6, seventh: [] => 7, eighth: [] => 8,
    } => first + second + third + fourth + fifth + sixth + seventh + eighth;
}
