//! Events for the wakes of tasks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Wake, Waker};

use tracing::dispatcher::with_default;
use tracing::{Dispatch, Id, Span};

use super::site;

/// The task that the wakers of a part wake.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    /// The running task. Wakers hold only a weak reference to it.
    task: Option<Arc<Task>>,
    current: Arc<Mutex<Weak<Task>>>,
}

/// The newest waker of a part.
#[derive(Debug)]
pub(super) struct PartWaker {
    recording: Arc<RecordingWaker>,
    pub(super) waker: Waker,
}

/// A task and its subscriber. It does not keep the span open.
#[derive(Debug)]
struct Task {
    id: Id,
    subscriber: Dispatch,
}

/// A waker that records each wake.
#[derive(Debug)]
struct RecordingWaker {
    task: Arc<Mutex<Weak<Task>>>,
    outer: Waker,
}

impl Wakes {
    pub(super) fn of(task: Option<&Span>) -> Self {
        let mut wakes = Wakes::default();
        wakes.are_of(task);
        wakes
    }

    /// The waker for a poll with `outer`: the same as before if `outer` has not changed.
    pub(super) fn waker(&self, before: Option<PartWaker>, outer: &Waker) -> PartWaker {
        let is_same = |it: &PartWaker| it.recording.outer.will_wake(outer);
        before.filter(is_same).unwrap_or_else(|| {
            let recording = Arc::new(RecordingWaker {
                task: Arc::clone(&self.current),
                outer: outer.clone(),
            });
            PartWaker {
                waker: Waker::from(Arc::clone(&recording)),
                recording,
            }
        })
    }

    /// Sets the task of all wakes from now on.
    pub(super) fn are_of(&mut self, task: Option<&Span>) {
        let known = |(id, subscriber): (&Id, &Dispatch)| Task {
            id: id.clone(),
            subscriber: subscriber.clone(),
        };
        self.task = task
            .and_then(|task| task.with_subscriber(known))
            .map(Arc::new);
        *lock(&self.current) = self.task.as_ref().map(Arc::downgrade).unwrap_or_default();
    }
}

/// Ignores poisoning: the state is consistent at every unlock.
fn lock(current: &Mutex<Weak<Task>>) -> MutexGuard<'_, Weak<Task>> {
    current.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Wake for RecordingWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let task = lock(&self.task).upgrade();
        // Records before the wake, because the wake may cause a poll on another thread at once.
        if let Some(task) = task {
            with_default(&task.subscriber, || site::tell_of_wake(&task.id));
        }
        self.outer.wake_by_ref();
    }
}
