//! Events for the wakes of tasks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Wake, Waker};

use tracing::dispatcher::with_default;
use tracing::{Dispatch, Id, Span};

use super::site;

/// The waker of a part, and the task that it wakes.
#[derive(Debug)]
pub(super) struct Wakes {
    /// The running task. Wakers hold only a weak reference to it.
    task: Option<Arc<Task>>,
    recording: Arc<RecordingWaker>,
    waker: Waker,
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
    /// The waker of a part that is polled with `outer`.
    pub(super) fn new(outer: &Waker, task: Option<&Span>) -> Self {
        let mut wakes = Self::with(Arc::default(), None, outer);
        wakes.are_of(task);
        wakes
    }

    fn with(current: Arc<Mutex<Weak<Task>>>, task: Option<Arc<Task>>, outer: &Waker) -> Self {
        let recording = Arc::new(RecordingWaker {
            task: current,
            outer: outer.clone(),
        });
        Wakes {
            task,
            waker: Waker::from(Arc::clone(&recording)),
            recording,
        }
    }

    /// The waker for a poll with `outer`: the same as before if `outer` has not changed.
    pub(super) fn waker(&mut self, outer: &Waker) -> Waker {
        if !self.recording.outer.will_wake(outer) {
            *self = Self::with(Arc::clone(&self.recording.task), self.task.take(), outer);
        }
        self.waker.clone()
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
        *self.recording.current() = self.task.as_ref().map(Arc::downgrade).unwrap_or_default();
    }
}

impl RecordingWaker {
    /// Ignores poisoning: the state is consistent at every unlock.
    fn current(&self) -> MutexGuard<'_, Weak<Task>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for RecordingWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let task = self.current().upgrade();
        // Records before the wake, because the wake may cause a poll on another thread at once.
        if let Some(task) = task {
            with_default(&task.subscriber, || site::tell_of_wake(&task.id));
        }
        self.outer.wake_by_ref();
    }
}
