//! Loads one key.

use std::fmt;
use std::hash::Hash;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::time::sleep;

use super::call::{KeyEntry, LoaderCall};
use super::error::BatchError;
use super::gathering::RoundsSeen;
use super::handle::Batch;
use super::loader::Loader;
use super::self_wait::NestedWait;
use super::shared_future::SharedFuture;
use super::state::{LoadStep, SentCalls};
use super::waiters::WaiterTicket;
use crate::sync::lock;

/// The future of one value. See [`Batch::load`].
#[must_use = "futures do nothing unless polled"]
pub struct Load<'b, K, V, E, L>
where
    K: Hash + Eq,
    L: Loader<K, V, E>,
{
    batch: &'b Batch<K, V, E, L>,
    stage: LoadStage<K, V, E, L::Future>,
}

enum LoadStage<K, V, E, F> {
    New(K),
    Waiting(PendingLoad<K, V, E, F>),
    Ended,
}

struct PendingLoad<K, V, E, F> {
    entry: Arc<KeyEntry<K, V, E, F>>,
    seen: RoundsSeen,
    /// Its ticket for a window or a call.
    ticket: Option<WaiterTicket>,
    /// Set while a loader polls it.
    within: Option<NestedWait>,
}

// A load pins nothing.
impl<K: Hash + Eq, V, E, L: Loader<K, V, E>> Unpin for Load<'_, K, V, E, L> {}

impl<'b, K, V, E, L> Load<'b, K, V, E, L>
where
    K: Hash + Eq,
    L: Loader<K, V, E>,
{
    pub(super) fn new(batch: &'b Batch<K, V, E, L>, key: K) -> Self {
        Load {
            batch,
            stage: LoadStage::New(key),
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
        let is_first = matches!(this.stage, LoadStage::New(_));
        if is_first {
            if let LoadStage::New(key) = std::mem::replace(&mut this.stage, LoadStage::Ended) {
                this.stage = LoadStage::Waiting(this.batch.join(key));
            }
        }
        let LoadStage::Waiting(waiting) = &mut this.stage else {
            panic!("a load of a batch was polled after its end");
        };
        if waiting.entry.outcome.get().is_none() {
            this.batch.wait(waiting, is_first, cx.waker());
        }
        let Some(outcome) = waiting.entry.outcome.get().cloned() else {
            return Poll::Pending;
        };
        this.stage = LoadStage::Ended;
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
    /// Loads the value of a key: a future that does nothing until it is polled.
    ///
    /// # Errors
    ///
    /// When the loader fails, panics, or has no value for the key. See the [module](super#how-a-load-ends).
    ///
    /// # Panics
    ///
    /// The future panics when it is polled after its end, when it would wait for itself, see the
    /// [module](super#loaders-that-load), and, with a [`window`](Self::window), outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time. See the [module](super#when-a-load-is-dropped).
    pub fn load(&self, key: K) -> Load<'_, K, V, E, L> {
        Load::new(self, key)
    }

    fn join(&self, key: K) -> PendingLoad<K, V, E, L::Future> {
        let mut seen = RoundsSeen::default();
        let (entry, same) = lock(&self.state).join(key, &mut seen, &self.options);
        drop(same);
        PendingLoad {
            entry,
            seen,
            ticket: None,
            within: None,
        }
    }

    /// Takes the next step of a load. Afterwards, its outcome is known, or its waker is called when another poll makes
    /// sense.
    fn wait(&self, waiting: &mut PendingLoad<K, V, E, L::Future>, is_first: bool, waker: &Waker) {
        loop {
            let next = match waiting.entry.call.get() {
                Some(call) => LoadStep::Call(Arc::clone(call)),
                None => lock(&self.state).next(
                    &waiting.entry,
                    &mut waiting.seen,
                    is_first,
                    &self.options,
                ),
            };
            match next {
                LoadStep::Call(call) => return self.wait_for_call(waiting, &call, waker),
                LoadStep::Sent(sent) => self.begin(&sent, waker),
                LoadStep::Yield => return waker.wake_by_ref(),
                LoadStep::Window(window) => {
                    let length = self.options.window.unwrap_or_default();
                    let place = ticket_for(&mut waiting.ticket, &window);
                    let Poll::Ready(ended) = window.poll(place, waker, || sleep(length)) else {
                        // Another load may have closed it meanwhile.
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
        waiting: &mut PendingLoad<K, V, E, L::Future>,
        call: &Arc<LoaderCall<K, V, E, L::Future>>,
        waker: &Waker,
    ) {
        if waiting.within.is_none() {
            waiting.within = NestedWait::note(call.future.wakes());
        }
        self.drive(ticket_for(&mut waiting.ticket, &call.future), call, waker);
    }

    /// Starts the calls in the order of their keys. The loads that wait for them will be polled.
    fn begin(&self, sent: &SentCalls<K, V, E, L::Future>, waker: &Waker) {
        for call in &sent.calls {
            self.drive(&mut None, call, waker);
        }
        sent.announce();
    }

    fn drive(
        &self,
        ticket: &mut Option<WaiterTicket>,
        call: &LoaderCall<K, V, E, L::Future>,
        waker: &Waker,
    ) {
        let start = || self.loader.call(call.keys());
        if let Poll::Ready(answer) = call.future.poll(ticket, waker, start) {
            let outcomes = call.outcomes(answer);
            if outcomes.has_failed {
                let forgotten = lock(&self.state).forget(&outcomes.entries);
                drop(forgotten);
            }
            outcomes.publish();
            call.future.wakes().wake_all();
        }
    }
}

/// Keeps the ticket if it is for `future`, and otherwise drops it.
fn ticket_for<'s, F>(
    ticket: &'s mut Option<WaiterTicket>,
    driven: &SharedFuture<F>,
) -> &'s mut Option<WaiterTicket> {
    if ticket
        .as_ref()
        .is_some_and(|ticket| !ticket.is_of(driven.wakes()))
    {
        *ticket = None;
    }
    ticket
}

impl<K, V, E, L> Drop for Load<'_, K, V, E, L>
where
    K: Hash + Eq,
    L: Loader<K, V, E>,
{
    fn drop(&mut self) {
        if let LoadStage::Waiting(waiting) = &mut self.stage {
            if waiting.entry.outcome.get().is_none() {
                let unused = lock(&self.batch.state).leave(&waiting.entry);
                drop(unused);
            }
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
            LoadStage::New(_) => "new",
            LoadStage::Waiting(waiting) if waiting.entry.call.get().is_none() => "gathered",
            LoadStage::Waiting(_) => "requested",
            LoadStage::Ended => "ended",
        };
        f.debug_tuple("Load").field(&stage).finish()
    }
}
