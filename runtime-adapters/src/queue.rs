//! Queues of work: a bounded number of items is worked on at a time, the others wait.
//!
//! A [`Queue`] is async's `queue`: it has a worker, an asynchronous function, and a concurrency. [`push`](Queue::push)
//! gives it an item and returns a handle, a future of what the worker makes of it. A [`PriorityQueue`] does the same in
//! another order.
//!
//! ```
//! use conjoin_adapters::queue::{Queue, QueueError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let queue = Queue::new(2, async |text: &str| text.parse::<u32>());
//!
//! let number = queue.push("7");
//! drop(queue.push("8")); // It is worked on all the same.
//! assert_eq!(number.await, Ok(7));
//!
//! let all = queue.push_all(["1", "two", "3"]).await;
//! assert!(matches!(all[..], [Ok(1), Err(QueueError::Failed(_)), Ok(3)]));
//!
//! queue.close().await;
//! assert!(queue.is_idle());
//! # }
//! ```
//!
//! With concurrency 1 the worker is alone: what it reads and then writes is not changed by another in between, over as
//! many `.await`s as it takes. That is the answer to the classic question of the inventory that two requests must not
//! take the same piece from; `examples/src/bin/inventory.rs` is that service.
//!
//! # The worker
//!
//! It is called with an item and returns a future, `Fn(T) -> impl Future<Output = Result<R, E>>`. Where it uses
//! something of its own, that is cloned for each call, as a future must not borrow from the closure:
//!
//! ```
//! # use std::sync::Arc;
//! # use conjoin_adapters::queue::Queue;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let names = Arc::new(["ann", "bob"]);
//! let queue = Queue::new(4, move |index: usize| {
//!     let names = Arc::clone(&names);
//!     async move { names.get(index).copied().ok_or("nobody") }
//! });
//! assert_eq!(queue.push(1).await, Ok("bob"));
//! # }
//! ```
//!
//! Workers run in tasks of the tokio runtime in which the queue was built, or, when that was outside of a runtime, in
//! which it was first pushed to: there are as many tasks as there is work for, up to the concurrency, and none on an
//! idle queue. A worker is never called within `push`. Each call is in the tracing span in which its item was pushed
//! (feature `tracing`).
//!
//! # How an item ends
//!
//! | what | its handle ends with |
//! | --- | --- |
//! | the worker returns `Ok(value)` | `Ok(value)` |
//! | the worker returns `Err(error)` | [`Failed(error)`](QueueError::Failed) |
//! | the worker panics, in its call, its future, or the drop of that | [`Panicked(message)`](QueueError::Panicked) |
//! | [`kill`](Queue::kill) while it waits | [`Killed`](QueueError::Killed) |
//! | [`remove`](Queue::remove) while it waits | [`Removed`](QueueError::Removed) |
//! | the last handle of the queue is dropped while it waits | [`Closed`](QueueError::Closed) |
//! | the runtime shuts down | `Closed` |
//! | it was pushed after `close` or `kill` | `Closed` |
//! | it was pushed to a full queue | [`Full`](QueueError::Full) |
//!
//! None of this stops another item. A worker that has begun is not stopped either, but by the end of the runtime.
//!
//! # When nobody has the queue any more
//!
//! Queues are handles, cheap to clone, and the last one to be dropped closes the queue: what waits fails with `Closed`,
//! what is worked on goes on. [Close](Queue::close) it to have all done. A worker that pushes to its own queue gets it
//! [by a weak handle](Queue::downgrade).
//!
//! # Too much work
//!
//! | | returns | on a queue that is full ([`capacity`](QueueBuilder::capacity)) |
//! | --- | --- | --- |
//! | [`push`](Queue::push) | a handle, at once | drops the item; the handle ends with `Full` |
//! | [`try_push`](Queue::try_push) | a handle or the item, at once | gives the item back |
//! | [`send`](Queue::send) | a future of a handle | waits for room |
//!
//! So there never wait more than the capacity, and an item is dropped only where its handle says so. The `await` of
//! `send` is the backpressure: a producer goes on as fast as the workers.
//!
//! # Workers that wait for their own queue
//!
//! A worker that awaits what only its own end can bring would wait for ever. It panics instead, with a message that ends
//! in "its own end" and a way out, and its item ends with `Panicked`:
//!
//! | a worker awaits, of its own queue | it panics |
//! | --- | --- |
//! | [`drained`](Queue::drained), [`close`](Queue::close) | always: they include the worker |
//! | the handle of [`push`](Queue::push), [`push_all`](Queue::push_all), … | when no worker can get to the item |
//! | [`send`](Queue::send) to a full queue | when no worker can make room |
//! | [`events`](Queue::events) | when no worker can cause one |
//!
//! The last three may well end: with concurrency 2, a worker awaits what another one does. No worker can do anything when
//! all of them, as many as the concurrency, stand still, that is wait for nothing but their own queue. Then one of them
//! panics, which frees its place for what the others await. So with concurrency 1, to await a push to the own queue
//! panics; with concurrency `n`, only the `n`th worker that does it at the same time. A worker that awaits its own item,
//! and workers that await each other's, panic at any concurrency. Nothing else panics: a worker that also waits for a
//! timer, a channel or a reply can still be woken, and its end makes room. (Code elsewhere that would have raised the
//! concurrency, or removed the item, comes too late.)
//!
//! ```
//! use std::sync::{Arc, OnceLock};
//!
//! use conjoin_adapters::queue::{Queue, QueueError, WeakQueue};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let own = Arc::new(OnceLock::<WeakQueue<u32, u32, QueueError<String>>>::new());
//! let weak = Arc::clone(&own);
//! // Awaits the number below, by another worker.
//! let queue = Queue::new(2, move |number: u32| {
//!     let queue = weak.get().and_then(WeakQueue::upgrade).expect("somebody awaits this");
//!     async move {
//!         match number.checked_sub(1) {
//!             Some(below) => queue.push(below).await.map(|depth| depth + 1).map_err(|_| QueueError::Closed),
//!             None => Ok(0),
//!         }
//!     }
//! });
//! own.set(queue.downgrade()).unwrap();
//! assert_eq!(queue.push(1).await, Ok(1));
//!
//! queue.set_concurrency(1);
//! let outcome = queue.push(1).await;
//! assert!(matches!(outcome, Err(QueueError::Panicked(why)) if why.contains("its own end")));
//! # }
//! ```
//!
//! The queue sees what its workers poll, and which wakers they leave behind. So it cannot see the following, which hang:
//!
//! - **A task in between.** A worker that spawns a task, which awaits the queue, and then awaits the task. Runtimes tell
//!   nobody who awaits a task, or what a task waits for. And a worker that spawns such a task without awaiting it is
//!   right to do so: the two look the same.
//! - **Another queue in between**, or a channel or lock: a worker of one queue that awaits an item of another, whose
//!   worker awaits an item of the first.
//! - **A blocked thread**, as in `block_on(queue.push(item))`: the worker is never pending.
//! - **Two combinators with wakers of their own, next to each other**, as `FuturesUnordered` and wide graphs have them. One
//!   of these counts as waiting for nothing else if it awaits the queue.
//!
//! Where one of these is needed, let a worker return what is to be done next, and push it from outside.
//!
//! # Differences to async
//!
//! Whoever waits is always told: `kill` and `remove` end the handles, `drained` is over at once on an idle queue. A
//! worker that throws ends its item alone. `set_concurrency` starts what it makes room for. `saturated` and
//! `unsaturated` tell the change, not each item; there is no `buffer`. After `kill` nothing is taken any more.
//! Priorities are integers.
//!
//! # Cost
//!
//! A push and the start of an item take the same time however many wait, logarithmic in a `PriorityQueue`. Per item
//! there are two allocations at most, for the outcome and the growing line, and nothing is kept of one that has ended.

mod backlog;
mod builder;
mod drained;
mod error;
mod event;
mod in_flight;
mod job_handle;
mod methods;
mod notifications;
mod priority;
mod removal;
mod runner;
mod self_wait;
mod shared;
mod state;

use std::fmt;
use std::sync::{Arc, Weak};

pub use builder::QueueBuilder;
pub use drained::Drained;
pub use error::{PushError, QueueError};
pub use event::{QueueEvent, QueueEvents};
pub use job_handle::{JobHandle, JobHandles};
pub use priority::{PriorityQueue, WeakPriorityQueue};

use backlog::{BacklogKind, Position};
use builder::assert_concurrency;
use methods::methods;
use shared::{QueueOwner, QueueShared};
use state::{Intake, QueueEnd};

/// A handle to a queue whose items are started in the order in which they were pushed. See the [module](self).
pub struct Queue<T, R, E> {
    owner: Arc<QueueOwner<T, R, E>>,
}

/// A handle to a [`Queue`] that does not keep it open. See [`Queue::downgrade`].
pub struct WeakQueue<T, R, E> {
    owner: Weak<QueueOwner<T, R, E>>,
}

impl<T, R, E> Queue<T, R, E>
where
    T: Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    /// A queue of which `worker` works on at most `concurrency` items at the same time.
    ///
    /// # Panics
    ///
    /// When `concurrency` is 0.
    #[must_use = "when it is dropped, it is closed"]
    #[track_caller]
    pub fn new<W, F>(concurrency: usize, worker: W) -> Self
    where
        W: Fn(T) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, E>> + Send + 'static,
    {
        Queue::builder(worker).concurrency(concurrency).build()
    }

    /// Sets up a queue with more to say: a capacity, for example. Its concurrency is 1 unless it says another.
    ///
    /// ```
    /// use conjoin_adapters::queue::{PushError, Queue};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = Queue::builder(async |n: u32| Ok::<_, String>(n * 2)).concurrency(4).capacity(2).paused().build();
    /// let (one, two) = (queue.push(1), queue.push(2));
    /// assert!(matches!(queue.try_push(3), Err(PushError::Full(3))));
    ///
    /// queue.resume();
    /// // Waits until there is room, and then gives the handle.
    /// let three = queue.send(3).await.unwrap();
    /// assert_eq!((one.await, two.await, three.await), (Ok(2), Ok(4), Ok(6)));
    /// # }
    /// ```
    pub fn builder<W, F>(worker: W) -> QueueBuilder<T, R, E, Self>
    where
        W: Fn(T) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, E>> + Send + 'static,
    {
        QueueBuilder::new(worker, BacklogKind::Fifo, |owner| Queue { owner })
    }

    /// Gives the queue an item, after those that wait. The handle is a future of what becomes of it, and may be
    /// dropped.
    ///
    /// On a full queue, which only one with a [capacity](QueueBuilder::capacity) can be, the item is dropped and the handle
    /// ends with [`Full`](QueueError::Full); on one that is closed, with [`Closed`](QueueError::Closed).
    ///
    /// # Panics
    ///
    /// When the queue was built outside of a tokio runtime and this is the first push, outside of one too. Nothing else
    /// about it depends on where it is called.
    #[track_caller]
    pub fn push(&self, item: T) -> JobHandle<R, E> {
        self.shared().push(item, Position::Back)
    }

    /// As [`push`](Self::push), but before those that wait.
    ///
    /// # Panics
    ///
    /// As `push`.
    #[track_caller]
    pub fn push_front(&self, item: T) -> JobHandle<R, E> {
        self.shared().push(item, Position::Front)
    }

    /// [Pushes](Self::push) one item after the other. The handle is a future of all outcomes, in the order of the
    /// items.
    ///
    /// That there was no item is told as [`Drained`](QueueEvent::Drained) if the queue is idle, as by async.
    ///
    /// # Panics
    ///
    /// As `push`, and when the iterator does: the items before that are pushed.
    #[track_caller]
    pub fn push_all(&self, items: impl IntoIterator<Item = T>) -> JobHandles<R, E> {
        self.shared().push_all(items, Position::Back)
    }

    /// As [`push`](Self::push), but gives the item back where it is not taken.
    ///
    /// # Errors
    ///
    /// The item, when the queue is [full](PushError::Full) or [closed](PushError::Closed).
    ///
    /// # Panics
    ///
    /// As `push`.
    #[track_caller]
    pub fn try_push(&self, item: T) -> Result<JobHandle<R, E>, PushError<T>> {
        self.shared().try_push(item, Position::Back)
    }

    /// Waits until there is room, then pushes the item. Those who wait here are served in the order of their first
    /// poll.
    ///
    /// Without a [capacity](QueueBuilder::capacity) there always is room. When the future is dropped before its end, the
    /// item was not pushed, and is dropped with it.
    ///
    /// # Errors
    ///
    /// The item, when the queue is [closed](PushError::Closed), also while this waits.
    ///
    /// # Panics
    ///
    /// As [`push`](Self::push), and when a worker of this queue would wait for its own end by it, see the
    /// [module](self#workers-that-wait-for-their-own-queue).
    pub async fn send(&self, item: T) -> Result<JobHandle<R, E>, PushError<T>> {
        self.shared().send(item, Position::Back).await
    }
}

methods!(Queue, WeakQueue);
