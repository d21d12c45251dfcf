//! Callbacks that are called many times, as streams.

mod bounded;
mod channel;
mod emitter;
mod error;
mod latest;
mod sliding;
mod stream;
mod sync;

use std::convert::Infallible;
use std::error::Error;

pub use emitter::Emitter;
pub use error::EmitError;
pub use stream::Events;

/// Whatever a source [fails](Emitter::fail) with.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What happens to an event for which there is no room.
///
/// | policy | what is received | `emit` | emitted = |
/// | --- | --- | --- | --- |
/// | `DropOldest` | the newest `capacity` events | never waits | received + dropped |
/// | `DropNewest` | the oldest `capacity` events | never waits, locks or allocates | received + dropped |
/// | `Block` | all | waits | received |
/// | `Fail` | what `emit` did not refuse | never waits, locks or allocates | received + refused |
/// | `Latest` | the newest event | never waits, locks or allocates | received + dropped |
///
/// That holds at any moment for what has been emitted and not yet received. What is received always is in the order of
/// emission, of each thread and of all that is ordered between threads.
///
/// # On a real-time thread
///
/// Such as an audio callback: use `Latest` for a state (a level, a position) and `DropNewest` or `Fail` for a sequence. On
/// the emitting thread these neither allocate nor free memory, take no lock, and do not wait for other threads: a place is
/// reserved and filled with atomic operations, repeated only when another emitter was quicker (`DropNewest`, `Fail`), or
/// in a fixed number of steps (`Latest`, with a [clone](Emitter) for each thread). Beyond that, it is up to you:
///
/// - An event that is dropped is dropped by the thread that emits. Let `T` own no memory.
/// - The emitter itself is best dropped elsewhere: the last one frees the queue if the stream is gone.
/// - **Waking the task is the runtime's business.** An event that comes while a task waits for it calls the task's waker, once
///   for each time that the task waits. tokio's takes a lock for a moment to queue the task, and makes a system call when a
///   worker has to be woken. Where that is too much, let the task not wait for the stream, but look at each tick of a
///   timer, with a waker that does nothing:
///
/// ```
/// use conjoin_adapters::{Policy, events};
/// use futures::{FutureExt, StreamExt};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut levels = events(1, Policy::Latest, |emitter| {
///     std::thread::spawn(move || for level in 0..=100 { emitter.emit(level).ok(); })
/// });
/// let mut tick = tokio::time::interval(Duration::from_millis(1));
/// let last = loop {
///     tick.tick().await;
///     match levels.next().now_or_never() {
///         Some(Some(level)) => if level.unwrap() == 100 { break 100 },
///         Some(None) => unreachable!("it ends with 100"),
///         None => {} // Nothing new.
///     }
/// };
/// assert_eq!(last, 100);
/// # }
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Policy {
    /// The oldest event that was not received is dropped.
    DropOldest,
    /// The event is dropped.
    DropNewest,
    /// [`emit`](Emitter::emit) blocks the thread until there is room or the stream is gone, and
    /// [`send`](Emitter::send) waits for the same.
    Block,
    /// `emit` fails with [`Full`](EmitError::Full), and the event goes back.
    Fail,
    /// There is room for one event, whatever the capacity, and the one that is there is dropped.
    Latest,
}

/// Calls `source` at once with the [`Emitter`] of a new stream, which is returned and owns what `source` returns.
///
/// `source` registers a callback that emits, and returns what keeps it registered: dropping the stream drops that. Up to
/// `capacity` events wait to be received; the [`Policy`] says what becomes of others. Memory for them is allocated here.
///
/// ```
/// use std::thread;
/// use conjoin_adapters::{Policy, events};
/// use futures::TryStreamExt;
///
/// # futures::executor::block_on(async {
/// let countdown = events(16, Policy::Block, |emitter| {
///     thread::spawn(move || (0..100).rev().try_for_each(|count| emitter.emit(count)))
/// });
/// let counts: Vec<i32> = countdown.try_collect().await?;
/// assert_eq!(counts.len(), 100);
/// # Ok::<_, conjoin_adapters::BoxError>(()) }).unwrap();
/// ```
///
/// # Panics
///
/// When `capacity` is 0, or so large that the memory for it cannot be addressed. A panic in `source` goes on to who calls;
/// an emitter that it handed on before is closed.
#[track_caller]
pub fn events<T, G>(
    capacity: usize,
    policy: Policy,
    source: impl FnOnce(Emitter<T>) -> G,
) -> Events<T, G> {
    let Ok(events) = try_events(capacity, policy, |emitter| {
        Ok::<_, Infallible>(source(emitter))
    });
    events
}

/// The same for a `source` that can fail: its error is returned, and an emitter that it handed on before is closed.
///
/// ```
/// use conjoin_adapters::{BoxError, Policy, try_events};
/// use futures::StreamExt;
/// use notify::{RecursiveMode, Watcher};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// # let directory = tempfile::tempdir()?;
/// let mut changes = try_events(1024, Policy::Block, |emitter| {
///     // Called on a thread of the watcher's, with a `Result`: its errors end the stream.
///     notify::recommended_watcher(move |event: notify::Result<notify::Event>| match event {
///         Ok(event) => drop(emitter.emit(event)),
///         Err(error) => emitter.fail(error.into()),
///     })
/// })?;
/// changes.source_mut().watch(directory.path(), RecursiveMode::NonRecursive)?;
///
/// std::fs::write(directory.path().join("new.txt"), "")?;
/// let change = changes.next().await.expect("the watcher has not ended")?;
/// assert!(change.kind.is_create());
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// Those of `source`.
///
/// # Panics
///
/// Those of [`events`](events()).
#[track_caller]
pub fn try_events<T, G, E>(
    capacity: usize,
    policy: Policy,
    source: impl FnOnce(Emitter<T>) -> Result<G, E>,
) -> Result<Events<T, G>, E> {
    assert!(
        capacity > 0,
        "the capacity of a stream of events is 0: at least 1 is needed"
    );
    Events::new(capacity, policy, source)
}
