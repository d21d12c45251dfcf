//! The task of the graphs in which all tasks have one type.

use std::hint::black_box;

use counted::yield_once;

#[derive(Debug)]
pub(crate) struct Error;

/// Ready at the first poll, or at the second.
pub(crate) async fn task(input: u64, yields: bool) -> Result<u64, Error> {
    if yields {
        yield_once().await;
    }
    work(input)
}

#[inline(never)]
pub(crate) fn work(input: u64) -> Result<u64, Error> {
    black_box(Ok(input + 1))
}
