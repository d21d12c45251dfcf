//! The pool of workers, which chooses a worker for each call.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::connection::WorkerConnection;
use super::options::WorkerOptions;
use crate::broker::error::BrokerError;
use crate::broker::payload::Format;
use crate::broker::wire::{EncodedAnswer, RequestMessage};
use crate::process::{Child, WorkerState};

/// How long the supervisors have, beyond the grace of their workers, to kill the remaining ones and to see their ends.
const CLEAR: Duration = Duration::from_secs(15);

/// The workers of a broker. Dropping it kills them.
pub(in crate::broker) struct WorkerPool {
    workers: Arc<WorkerSlots>,
    supervisors: Vec<AbortOnDropHandle<()>>,
    /// How long their supervisors need at most, after they are told to stop.
    end_within: Duration,
    format: Format,
}

/// The state that the broker and its workers' supervisors share.
pub(super) struct WorkerSlots {
    all: watch::Sender<Vec<PoolSlot>>,
    /// Where the next search for a worker begins.
    next: AtomicUsize,
    /// True when the workers are to end.
    pub(super) stopping: CancellationToken,
}

/// A slot for a worker, whose process may be replaced.
#[derive(Clone, Debug)]
pub(super) struct PoolSlot {
    pub(super) state: WorkerState,
    /// The connection, while the worker takes or answers requests.
    pub(super) connection: Option<Arc<WorkerConnection>>,
    pub(super) child: Option<Arc<Child>>,
    /// Why the worker is incompatible.
    pub(super) incompatible: Option<String>,
}

/// The worker for a call, if there is one.
enum Route {
    To(Arc<WorkerConnection>),
    /// No worker is ready now.
    Later,
    Nowhere(BrokerError<bytes::Bytes>),
}

impl WorkerSlots {
    pub(super) fn new(count: usize) -> Arc<Self> {
        let slot = PoolSlot {
            state: WorkerState::Starting,
            connection: None,
            child: None,
            incompatible: None,
        };
        let (all, _) = watch::channel(vec![slot; count]);
        Arc::new(WorkerSlots {
            all,
            next: AtomicUsize::new(0),
            stopping: CancellationToken::new(),
        })
    }

    /// Applies `change` to a slot and notifies the waiters.
    pub(super) fn change<R>(&self, index: usize, change: impl FnOnce(&mut PoolSlot) -> R) -> R {
        let mut result = None;
        self.all
            .send_modify(|slots| result = Some(change(&mut slots[index])));
        result.expect("it was called")
    }

    fn kill(&self) {
        for slot in &*self.all.borrow() {
            if let Some(child) = &slot.child {
                child.kill();
            }
        }
    }

    /// The worker with the fewest requests; among equals, they take turns.
    fn choose(&self, name: &str) -> Route {
        let slots = self.all.borrow();
        let first = self.next.fetch_add(1, Ordering::Relaxed) % slots.len();
        let in_turn = slots[first..].iter().chain(&slots[..first]);
        let open = in_turn.filter_map(|slot| {
            let connection = slot.connection.as_ref()?;
            Some((connection.load()?, connection))
        });
        let mut is_any_open = false;
        let able = open
            .inspect(|_| is_any_open = true)
            .filter(|(_, connection)| connection.answers(name));
        if let Some((_, connection)) = able.min_by_key(|&(load, _)| load) {
            return Route::To(Arc::clone(connection));
        }
        if is_any_open {
            return Route::Nowhere(BrokerError::UnknownRequest(name.into()));
        }
        if !slots.iter().all(|slot| slot.state.is_final()) {
            return Route::Later;
        }
        Route::Nowhere(
            match slots.iter().find_map(|slot| slot.incompatible.clone()) {
                _ if self.stopping.is_cancelled() => BrokerError::Closed,
                Some(incompatible) => BrokerError::Incompatible(incompatible),
                None => BrokerError::NoWorkers,
            },
        )
    }
}

impl WorkerPool {
    pub(super) fn new(
        workers: Arc<WorkerSlots>,
        supervisors: Vec<AbortOnDropHandle<()>>,
        options: &WorkerOptions,
    ) -> Self {
        WorkerPool {
            workers,
            supervisors,
            end_within: options.grace.saturating_add(CLEAR),
            format: options.format,
        }
    }

    pub(in crate::broker) fn format(&self) -> Format {
        self.format
    }

    /// Has a worker answer a request. It waits for one if none is ready.
    pub(in crate::broker) async fn call(&self, message: &RequestMessage) -> EncodedAnswer {
        let mut changes = None;
        loop {
            match self.workers.choose(message.name) {
                // A worker whose connection closes in this moment returns the request, and is not chosen again.
                Route::To(connection) => {
                    if let Some(answer) = connection.call(message).await {
                        return answer;
                    }
                }
                Route::Nowhere(error) => return Err(error),
                Route::Later => match &mut changes {
                    // No change after this is missed: the slots are checked once more.
                    None => changes = Some(self.workers.all.subscribe()),
                    // The sender lives as long as `self`.
                    Some(changes) => drop(changes.changed().await),
                },
            }
        }
    }

    /// Stops the workers, and waits for their ends. If the runtime of their supervisors does not run, they are killed.
    pub(in crate::broker) async fn stop(&self) {
        self.workers.stopping.cancel();
        let all_ended = |slots: &Vec<PoolSlot>| slots.iter().all(|slot| slot.state.is_final());
        let mut changes = self.workers.all.subscribe();
        let ended = timeout(self.end_within, changes.wait_for(all_ended))
            .await
            .is_ok();
        if !ended {
            self.workers.kill();
        }
    }

    pub(in crate::broker) fn health(&self) -> Vec<WorkerState> {
        states(&self.workers.all.borrow())
    }

    pub(in crate::broker) fn health_changes(
        &self,
    ) -> impl Stream<Item = Vec<WorkerState>> + Send + use<> {
        let mut changes = self.workers.all.subscribe();
        changes.mark_changed();
        unfold((changes, None), |(mut changes, last)| async move {
            loop {
                changes.changed().await.ok()?;
                let states = states(&changes.borrow_and_update());
                // Slots also change in ways other than their states.
                if last.as_ref() != Some(&states) {
                    return Some((states.clone(), (changes, Some(states))));
                }
            }
        })
    }
}

fn states(slots: &[PoolSlot]) -> Vec<WorkerState> {
    slots.iter().map(|slot| slot.state.clone()).collect()
}

impl Drop for WorkerPool {
    fn drop(&mut self) {
        self.workers.stopping.cancel();
        self.supervisors.clear();
        // Does not wait for a runtime that may never run again.
        self.workers.kill();
    }
}

impl fmt::Debug for WorkerPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Worker<'a>(&'a PoolSlot);
        impl fmt::Debug for Worker<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let PoolSlot {
                    state,
                    connection,
                    child,
                    ..
                } = self.0;
                f.debug_struct("Worker")
                    .field("state", state)
                    .field("pid", &child.as_ref().map(|child| child.id()))
                    .field("connection", connection)
                    .finish()
            }
        }
        f.write_str("Workers ")?;
        f.debug_list()
            .entries(self.workers.all.borrow().iter().map(Worker))
            .finish()
    }
}
