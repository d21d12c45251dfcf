//! The items of a `for` task, which run concurrently.

use alloc::vec::Vec;
use core::fmt::{self, Debug};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::places::Seats;
use crate::settled::Never;
use crate::wake::Items;

/// An item of the iterable, on its way into the item's future. Taking it out moves it into the `async` block, even if
/// it is `Copy`. The block borrows everything else.
#[derive(Debug)]
pub struct Item<T>(T);

impl<T> Item<T> {
    #[inline]
    pub const fn new(value: T) -> Self {
        Item(value)
    }

    #[inline]
    pub fn take(self) -> T {
        self.0
    }
}

/// The items of an iterable, each with the number of items from it on: exact for the first one, a guess for others.
///
/// This owns the iterator, so an `async` block that moves it into a loop keeps nothing of it. With a parameter for the
/// item, rustc reports a value that is no iterator once.
#[inline]
pub fn iterate<T, I: Iterable<T>>(iterable: I) -> impl Iterator<Item = (usize, T)> {
    iterable.iterate()
}

/// The iterable of a `for` task. The trait exists for its message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an iterator",
    label = "a `for` task needs an iterator, like a `for` loop"
)]
pub trait Iterable<T> {
    fn iterate(self) -> impl Iterator<Item = (usize, T)>;
}

#[diagnostic::do_not_recommend]
impl<I: IntoIterator<Item = T>, T> Iterable<T> for I {
    #[inline]
    fn iterate(self) -> impl Iterator<Item = (usize, T)> {
        let items = self.into_iter();
        let mut room = items.size_hint().0;
        items.map(move |item| (core::mem::replace(&mut room, 4), item))
    }
}

/// Runs as many items at once as there are `seats`, and keeps the outputs in order.
#[derive(Debug)]
struct Driver<const PACE: usize, F, T, S> {
    items: Items<F, T>,
    seats: S,
    /// How many items have started, and how many of those are running.
    started: usize,
    running: usize,
    /// The item at which a poll begins, and the number of polls since it last changed. It rotates, so that a busy item
    /// cannot use up the runtime's budget for the others.
    from: usize,
    polls: usize,
}

impl<const PACE: usize, F: Future, T, S: Seats> Driver<PACE, F, T, S> {
    const fn new(items: Items<F, T>, seats: S) -> Self {
        Driver {
            items,
            seats,
            started: 0,
            running: 0,
            from: 0,
            polls: 0,
        }
    }

    /// `keep` returns the part of an output to keep, or ends all items.
    #[inline]
    fn poll<E>(
        &mut self,
        cx: &Context<'_>,
        keep: impl Fn(F::Output) -> Result<T, E>,
    ) -> Poll<Result<Vec<T>, E>> {
        let all = self.items.count();
        let mut woken = self.items.begin_poll(self.from);
        self.polls += 1;
        let mut moves_on = self.polls >= PACE;
        if moves_on {
            self.polls = 0;
        }
        loop {
            let item = if self.started < all && self.seats.sit(self.running) {
                self.started += 1;
                self.running += 1;
                self.started - 1
            } else if let Some(item) = self.items.next(&mut woken) {
                item
            } else {
                break;
            };
            if moves_on {
                moves_on = false;
                self.from = if item + 1 < all { item + 1 } else { 0 };
            }
            if let Poll::Ready(output) = self.items.poll(item) {
                match keep(output) {
                    Ok(output) => self.items.put(item, output),
                    Err(error) => return Poll::Ready(Err(error)),
                }
                self.running -= 1;
                self.seats.rise(self.running == 0 && self.started == all);
            }
        }
        if self.running == 0 && self.started == all {
            return Poll::Ready(Ok(self.items.take_outputs()));
        }
        self.seats.wait(self.started < all, self.running);
        self.items.end_poll(cx.waker());
        Poll::Pending
    }
}

/// The outputs of items that cannot fail.
#[inline]
pub const fn each<const PACE: usize, F: Future, S: Seats>(
    items: Items<F, F::Output>,
    seats: S,
) -> Each<PACE, F, S> {
    Each(Driver::new(items, seats))
}

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Each<const PACE: usize, F: Future, S>(Driver<PACE, F, F::Output, S>);

// The items are pinned elsewhere.
impl<const PACE: usize, F: Future, S> Unpin for Each<PACE, F, S> {}

impl<const PACE: usize, F: Future, S: Seats> Future for Each<PACE, F, S> {
    type Output = Vec<F::Output>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0
            .poll(cx, Ok::<_, Never>)
            .map(|outputs| outputs.unwrap_or_else(|never| match never {}))
    }
}

/// The kept parts of the outputs of items that can fail or end the graph, or the first failure or end.
#[inline]
pub const fn try_each<const PACE: usize, F, T, E, S, K>(
    items: Items<F, T>,
    seats: S,
    keep: K,
) -> TryEach<PACE, F, T, S, K>
where
    F: Future,
    S: Seats,
    K: Fn(F::Output) -> Result<T, E>,
{
    TryEach(Driver::new(items, seats), keep)
}

#[must_use = "futures do nothing unless polled"]
pub struct TryEach<const PACE: usize, F, T, S, K>(Driver<PACE, F, T, S>, K);

// The items are pinned elsewhere.
impl<const PACE: usize, F, T, S, K> Unpin for TryEach<PACE, F, T, S, K> {}

impl<const PACE: usize, F: Debug, T: Debug, S: Debug, K> Debug for TryEach<PACE, F, T, S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TryEach").field(&self.0).finish()
    }
}

impl<const PACE: usize, F, T, E, S, K> Future for TryEach<PACE, F, T, S, K>
where
    F: Future,
    S: Seats,
    K: Fn(F::Output) -> Result<T, E>,
{
    type Output = Result<Vec<T>, E>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let TryEach(driver, keep) = &mut *self;
        driver.poll(cx, &*keep)
    }
}
