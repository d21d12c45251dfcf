//! The tasks. Each has a type of its own, like real tasks. They do almost nothing, so the joins dominate.

use std::hint::black_box;

use counted::{Event, yield_once};

#[derive(Debug)]
pub(crate) struct Error;

/// The value of task `N`.
#[derive(Debug)]
pub(crate) struct Value<const N: usize>(pub(crate) u64);

/// Like the queries of a database.
pub(crate) trait Tasks {
    fn run<const N: usize>(&self, input: u64) -> impl Future<Output = Result<Value<N>, Error>>;
}

/// The same as a function: such a task needs no block of its own.
#[allow(dead_code, reason = "`traced` has no such tasks")]
pub(crate) fn run<const N: usize, T: Tasks>(
    db: &T,
    input: u64,
) -> impl Future<Output = Result<Value<N>, Error>> {
    db.run(input)
}

#[inline(never)]
fn work<const N: usize>(input: u64) -> Result<Value<N>, Error> {
    black_box(Ok(Value(input + N as u64)))
}

/// Wakes itself once, or is ready at its first poll. The compiler does not know which.
pub(crate) struct Yields<const YIELDS: bool>;

impl<const YIELDS: bool> Tasks for Yields<YIELDS> {
    async fn run<const N: usize>(&self, input: u64) -> Result<Value<N>, Error> {
        if black_box(YIELDS) {
            yield_once().await;
        }
        work(input)
    }
}

/// Holds 1 KiB while it waits.
pub(crate) struct Holds;

impl Tasks for Holds {
    async fn run<const N: usize>(&self, input: u64) -> Result<Value<N>, Error> {
        let mut held = black_box([0_u8; 1024]);
        yield_once().await;
        black_box(&mut held);
        work(input)
    }
}

/// Waits for the event of its number.
pub(crate) struct Waits<'e>(pub(crate) &'e [Event]);

impl Tasks for Waits<'_> {
    async fn run<const N: usize>(&self, input: u64) -> Result<Value<N>, Error> {
        self.0[N].wait().await;
        work(input)
    }
}
