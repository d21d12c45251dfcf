//! Queues of jobs with bounded concurrency: a fixed number of workers run, and the other items wait.
//!
//! A [`Queue`] is async's `queue`. It has a worker, which is an asynchronous function, and a concurrency.
//! [`push`](Queue::push) adds an item and returns a handle, a future of the worker's result. A [`PriorityQueue`] is the
//! same with another order of the waiting items.
//!
//! ```
//! use conjoin_adapters::queue::{Queue, QueueError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let queue = Queue::new(2, async |text: &str| text.parse::<u32>());
//!
//! let number = queue.push("7");
//! drop(queue.push("8")); // The job runs anyway.
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
//! With concurrency 1, jobs run in sequence, so a worker can read, await and write without interference. That answers the
//! classic inventory question, in which two requests must not take the same piece. `examples/src/bin/inventory.rs` is that
//! service.
//!
//! # The worker
//!
//! A worker takes an item and returns a future: `Fn(T) -> impl Future<Output = Result<R, E>>`. The future cannot borrow
//! from the closure, so clone what it uses for each call:
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
//! Workers run in tasks of the tokio runtime in which the queue was built or, if that was outside of a runtime, of the first
//! push. The queue spawns as many tasks as it has jobs, up to the concurrency, and an idle queue has none. `push` never
//! calls the worker. Each call runs in the tracing span in which its item was pushed (feature `tracing`).
//!
//! # How a job ends
//!
//! | event | the handle gets |
//! | --- | --- |
//! | the worker returns `Ok(value)` | `Ok(value)` |
//! | the worker returns `Err(error)` | [`Failed(error)`](QueueError::Failed) |
//! | the worker panics: in its call, in its future, or in the future's drop | [`Panicked(message)`](QueueError::Panicked) |
//! | [`kill`](Queue::kill) while the item waits | [`Killed`](QueueError::Killed) |
//! | [`remove`](Queue::remove) while the item waits | [`Removed`](QueueError::Removed) |
//! | the queue's last handle is dropped while the item waits | [`Closed`](QueueError::Closed) |
//! | the runtime shuts down | `Closed` |
//! | the item was pushed after `close` or `kill` | `Closed` |
//! | the item was pushed to a full queue | [`Full`](QueueError::Full) |
//!
//! None of this affects other jobs. Only the shutdown of the runtime stops a running worker.
//!
//! # When the last handle is dropped
//!
//! A queue is a handle, cheap to clone. Dropping the last clone closes the queue: waiting items fail with `Closed`, and
//! running jobs continue. To run all items first, [close](Queue::close) the queue. A worker that pushes to its own queue
//! needs a [weak handle](Queue::downgrade).
//!
//! # Backpressure
//!
//! | method | returns | on a full queue ([`capacity`](QueueBuilder::capacity)) |
//! | --- | --- | --- |
//! | [`push`](Queue::push) | a handle, at once | drops the item; the handle fails with `Full` |
//! | [`try_push`](Queue::try_push) | a handle or the item, at once | returns the item |
//! | [`send`](Queue::send) | a future of a handle | waits for room |
//!
//! So no more items wait than the capacity, and an item is dropped only where its handle says so. Awaiting `send` slows a
//! producer down to the speed of the workers.
//!
//! # Workers that wait for their own queue
//!
//! A worker that awaits something only its own end can bring would wait forever. It panics instead, with a message that says
//! "its own end" and what to do, and its job fails with `Panicked`:
//!
//! | a worker awaits, on its own queue | it panics |
//! | --- | --- |
//! | [`drained`](Queue::drained), [`close`](Queue::close) | always: they wait for this worker, too |
//! | the handle of [`push`](Queue::push), [`push_all`](Queue::push_all), … | when no worker can start the job |
//! | [`send`](Queue::send) to a full queue | when no worker can make room |
//! | [`events`](Queue::events) | when no worker can cause one |
//!
//! The last three can complete: with concurrency 2, one worker may await what another does. They cannot once all workers, as
//! many as the concurrency, wait only for their own queue. Then one of them panics, which makes room for what the others
//! await. So with concurrency 1, awaiting a push to the own queue panics; with concurrency `n`, only the `n`th worker that
//! does it at the same time. Workers that await their own job, or each other's, panic at any concurrency. No other worker
//! panics: one that also waits for a timer, a channel or a reply can still wake up, and its end makes room. (The panic may
//! come before other code raises the concurrency or removes the item.)
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
//! // Another worker computes the number below, and this one awaits it.
//! let queue = Queue::new(2, move |number: u32| {
//!     let queue = weak.get().and_then(WeakQueue::upgrade).expect("a handle is awaited");
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
//! The queue sees what its workers poll, and which wakers they leave behind. It cannot see these, which hang:
//!
//! - **A task in between.** A worker spawns a task that awaits the queue, and awaits the task. A runtime does not say who
//!   awaits a task, or what a task waits for. A worker that spawns such a task without awaiting it is correct, and looks the
//!   same.
//! - **Another queue in between**, or a channel or lock: a worker of one queue awaits a job of another, whose worker awaits
//!   a job of the first.
//! - **A blocked thread**, as in `block_on(queue.push(item))`: the worker is never pending.
//! - **Two combinators with their own wakers next to each other**, such as `FuturesUnordered` and wide graphs. If one of
//!   them awaits the queue, it counts as waiting for nothing else.
//!
//! In these cases, let the worker return what to do next, and push that from outside.
//!
//! # Differences to async
//!
//! Every handle settles: `kill` and `remove` fail their handles, and `drained` completes at once on an idle queue. A worker
//! that throws ends only its own job. `set_concurrency` starts jobs at once. `saturated` and `unsaturated` report the change,
//! not each item, and there is no `buffer`. After `kill`, the queue takes no items. Priorities are integers.
//!
//! # Cost
//!
//! A push and a start take constant time in a `Queue`, and logarithmic time in a `PriorityQueue`. Each item takes at most two
//! allocations: for its result, and for the growing backlog. Nothing is kept of a job that has ended.

mod backlog;
mod builder;
mod deliver;
mod drained;
mod error;
mod event;
mod fifo;
mod handle;
mod in_flight;
mod job_handle;
mod notifications;
mod order;
mod poller;
mod priority;
mod removal;
mod runner;
mod self_wait;
mod shared;
mod state;
mod wait_target;
mod waiting_worker;

pub use builder::QueueBuilder;
pub use drained::Drained;
pub use error::{PushError, QueueError};
pub use event::{QueueEvent, QueueEvents};
pub use handle::{JobQueue, PriorityQueue, Queue, WeakJobQueue, WeakPriorityQueue, WeakQueue};
pub use job_handle::{JobHandle, JobHandles};
pub use order::{Fifo, Order, Priority};
