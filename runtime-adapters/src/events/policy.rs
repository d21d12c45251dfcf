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
/// This holds at any time for the events emitted and not yet received. Events are received in the order of emission: of
/// each thread, and of events that are ordered between threads.
///
/// # On a real-time thread
///
/// For example in an audio callback: use `Latest` for a state (a level, a position), and `DropNewest` or `Fail` for a
/// sequence. On the emitting thread these neither allocate nor free memory, take no lock, and do not wait for other
/// threads. They reserve and fill a place with atomic operations. `DropNewest` and `Fail` repeat those only when
/// another emitter was faster; `Latest` takes a fixed number of steps, with a [clone](super::Emitter) for each thread.
/// The rest is up to you:
///
/// - The emitting thread drops the events that are dropped. Let `T` own no memory.
/// - Drop the emitter elsewhere: the last one frees the queue if the stream is gone.
/// - **The runtime wakes the task.** An event calls the waker of a waiting task, once each time that it waits. Tokio's
///   waker takes a lock for a moment, and makes a system call when it has to wake a worker. If that is too much, do not
///   wait for the stream. Look at it at each tick of a timer, with a waker that does nothing:
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
    /// Drops the oldest event that was not received.
    DropOldest,
    /// Drops the new event.
    DropNewest,
    /// [`emit`](super::Emitter::emit) blocks the thread until there is room or the stream is gone.
    /// [`send`](super::Emitter::send) waits for the same.
    Block,
    /// `emit` fails with [`Full`](super::EmitError::Full) and returns the event.
    Fail,
    /// Keeps one event, whatever the capacity, and drops the old one for a new one.
    Latest,
}
