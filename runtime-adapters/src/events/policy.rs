//! What happens to an event for which there is no room.

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
/// in a fixed number of steps (`Latest`, with a [clone](super::Emitter) for each thread). Beyond that, it is up to you:
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
    /// [`emit`](super::Emitter::emit) blocks the thread until there is room or the stream is gone, and
    /// [`send`](super::Emitter::send) waits for the same.
    Block,
    /// `emit` fails with [`Full`](super::EmitError::Full), and the event goes back.
    Fail,
    /// There is room for one event, whatever the capacity, and the one that is there is dropped.
    Latest,
}
