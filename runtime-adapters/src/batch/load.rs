//! The load of one key.

use std::fmt;
use std::hash::Hash;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::time::sleep;

use super::call::Call;
use super::driven::{Driven, Seat};
use super::entry::Entry;
use super::gathering::Seen;
use super::own_wait::Within;
use super::state::{Next, Sent};
use super::{Batch, BatchError, Loader};
use crate::sync::lock;

/// The future of one value. See [`Batch::load`].
#[must_use = "futures do nothing unless polled"]
pub struct Load<'b, K, V, E, L>
where
    K: Hash + Eq,
    L: Loader<K, V, E>,
{
    batch: &'b Batch<K, V, E, L>,
    stage: Stage<K, V, E, L::Future>,
}

enum Stage<K, V, E, F> {
    New(K),
    Waiting(Waiting<K, V, E, F>),
    Ended,
}

struct Waiting<K, V, E, F> {
    entry: Arc<Entry<K, V, E, F>>,
    seen: Seen,
    /// Where it waits for a window or a call.
    seat: Option<Seat>,
    /// When it is polled by a loader.
    within: Option<Within>,
}

// A load pins nothing of its own.
impl<K: Hash + Eq, V, E, L: Loader<K, V, E>> Unpin for Load<'_, K, V, E, L> {}

impl<'b, K, V, E, L> Load<'b, K, V, E, L>
where
    K: Hash + Eq,
    L: Loader<K, V, E>,
{
    pub(super) fn new(batch: &'b Batch<K, V, E, L>, key: K) -> Self {
        Load {
            batch,
            stage: Stage::New(key),
        }
    }
}

impl<K, V, E, L> Future for Load<'_, K, V, E, L>
where
    K: Hash + Eq + Clone,
    V: Clone,
    E: Clone,
    L: Loader<K, V, E>,
{
    type Output = Result<V, BatchError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let is_first = matches!(this.stage, Stage::New(_));
        if is_first && let Stage::New(key) = std::mem::replace(&mut this.stage, Stage::Ended) {
            this.stage = Stage::Waiting(this.batch.join(key));
        }
        let Stage::Waiting(waiting) = &mut this.stage else {
            panic!("a load of a batch is polled after its end");
        };
        if waiting.entry.outcome.get().is_none() {
            this.batch.wait(waiting, is_first, cx.waker());
        }
        let Some(outcome) = waiting.entry.outcome.get().cloned() else {
            return Poll::Pending;
        };
        this.stage = Stage::Ended;
        Poll::Ready(outcome)
    }
}

impl<K, V, E, L> Batch<K, V, E, L>
where
    K: Hash + Eq + Clone,
    V: Clone,
    E: Clone,
    L: Loader<K, V, E>,
{
    fn join(&self, key: K) -> Waiting<K, V, E, L::Future> {
        let mut seen = Seen::default();
        let (entry, same) = lock(&self.state).join(key, &mut seen, &self.options);
        drop(same);
        Waiting {
            entry,
            seen,
            seat: None,
            within: None,
        }
    }

    /// Does what is next for a load, whose outcome is there afterwards, or whose waker is called when it is worth another
    /// poll.
    fn wait(&self, waiting: &mut Waiting<K, V, E, L::Future>, is_first: bool, waker: &Waker) {
        loop {
            let next = match waiting.entry.call.get() {
                Some(call) => Next::Call(Arc::clone(call)),
                None => lock(&self.state).next(
                    &waiting.entry,
                    &mut waiting.seen,
                    is_first,
                    &self.options,
                ),
            };
            match next {
                Next::Call(call) => return self.wait_for_call(waiting, &call, waker),
                Next::Sent(sent) => self.begin(&sent, waker),
                Next::Yield => return waker.wake_by_ref(),
                Next::Window(window) => {
                    let length = self.options.window.unwrap_or_default();
                    let place = seat_among(&mut waiting.seat, &window);
                    let Poll::Ready(ended) = window.poll(place, waker, || sleep(length)) else {
                        // Somebody else may have closed it since.
                        if waiting.entry.call.get().is_some() {
                            continue;
                        }
                        return;
                    };
                    let sent = lock(&self.state).close(&window, &self.options);
                    if let Some(sent) = sent {
                        self.begin(&sent, waker);
                    }
                    if let Err(payload) = ended {
                        resume_unwind(payload);
                    }
                }
            }
        }
    }

    fn wait_for_call(
        &self,
        waiting: &mut Waiting<K, V, E, L::Future>,
        call: &Arc<Call<K, V, E, L::Future>>,
        waker: &Waker,
    ) {
        if waiting.within.is_none() {
            waiting.within = Within::note(call.driven.wakes());
        }
        self.drive(seat_among(&mut waiting.seat, &call.driven), call, waker);
    }

    /// Begins calls in the order of their keys. The loads that wait for them will be polled.
    fn begin(&self, sent: &Sent<K, V, E, L::Future>, waker: &Waker) {
        for call in &sent.calls {
            self.drive(&mut None, call, waker);
        }
        sent.announce();
    }

    fn drive(&self, seat: &mut Option<Seat>, call: &Call<K, V, E, L::Future>, waker: &Waker) {
        let start = || self.loader.call(call.keys());
        if let Poll::Ready(answer) = call.driven.poll(seat, waker, start) {
            let outcomes = call.outcomes(answer);
            if outcomes.has_failed {
                let forgotten = lock(&self.state).forget(&outcomes.entries);
                drop(forgotten);
            }
            outcomes.publish();
            call.driven.wakes().wake_all();
        }
    }
}

/// The seat among those that wait for `driven`, instead of one elsewhere.
fn seat_among<'s, F>(seat: &'s mut Option<Seat>, driven: &Driven<F>) -> &'s mut Option<Seat> {
    if seat
        .as_ref()
        .is_some_and(|seat| !seat.is_of(driven.wakes()))
    {
        *seat = None;
    }
    seat
}

impl<K, V, E, L> Drop for Load<'_, K, V, E, L>
where
    K: Hash + Eq,
    L: Loader<K, V, E>,
{
    fn drop(&mut self) {
        if let Stage::Waiting(waiting) = &mut self.stage
            && waiting.entry.outcome.get().is_none()
        {
            let unused = lock(&self.batch.state).leave(&waiting.entry);
            drop(unused);
        }
    }
}

impl<K, V, E, L> fmt::Debug for Load<'_, K, V, E, L>
where
    K: Hash + Eq,
    L: Loader<K, V, E>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match &self.stage {
            Stage::New(_) => "new",
            Stage::Waiting(waiting) if waiting.entry.call.get().is_none() => "gathered",
            Stage::Waiting(_) => "asked for",
            Stage::Ended => "ended",
        };
        f.debug_tuple("Load").field(&stage).finish()
    }
}
