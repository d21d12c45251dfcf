//! Callbacks that are called many times, as streams.

mod bounded;
mod channel;
mod emitter;
mod error;
mod latest;
mod next_event;
mod policy;
mod sliding;
mod stream;
mod sync;

use std::convert::Infallible;

pub use emitter::Emitter;
pub use error::{BoxError, EmitError};
pub use policy::Policy;
pub use stream::Events;

/// Calls `source` at once with the [`Emitter`] of a new stream. The stream owns what `source` returns.
///
/// `source` registers a callback that emits, and returns a guard that keeps it registered. Dropping the stream drops
/// the guard. Up to `capacity` events wait to be received, and the [`Policy`] decides about further ones. The memory is
/// allocated here.
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
/// When `capacity` is 0 or too large to allocate. A panic in `source` reaches the caller, and closes an emitter that
/// `source` has passed on.
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

/// [`events`](events()) for a `source` that can fail. Its error is returned, and an emitter that it has passed on is
/// closed.
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
        "the capacity of a stream of events is 0; help: use at least 1"
    );
    Events::new(capacity, policy, source)
}
