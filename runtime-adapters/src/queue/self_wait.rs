//! Detects workers that wait for their own queue, and so for themselves.
//!
//! A *self-wait* is a pending future of a queue ([`JobHandle`](super::JobHandle), `send`,
//! [`QueueEvents`](super::QueueEvents)) that a worker of the same queue polls. A worker is *stuck* when only self-waits
//! can wake it. Its waker shows that: from its first self-wait on, the worker is polled with a
//! [`CountingWaker`](super::waiting_worker::CountingWaker), and each future that can wake the worker keeps a clone of it.
//! Once the self-waits hold all clones, nothing else is left.
//!
//! [`QueueState`](super::state::QueueState) decides whether what the stuck workers wait for can still come. If it cannot,
//! one of them is woken, and its self-waits panic when they are polled.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::task::{Context, Poll};

use super::wait_target::WaitTarget;
use super::waiting_worker::WaitingWorker;

thread_local! {
    /// The worker that this thread polls.
    static CURRENT: Cell<CurrentWorker> = const { Cell::new(CurrentWorker::NONE) };
    /// The self-waits of the workers that this thread polls, the innermost last. Workers without self-waits have none.
    static WAITING: RefCell<Vec<Arc<WaitingWorker>>> = const { RefCell::new(Vec::new()) };
}

/// Small, because it is set at each poll of each worker.
#[derive(Clone, Copy)]
struct CurrentWorker {
    /// The address of its queue.
    queue: usize,
    job: i64,
    /// What it waits for never comes.
    is_deadlocked: bool,
    /// The last entry of `WAITING` is its own.
    is_waiting: bool,
}

impl CurrentWorker {
    const NONE: CurrentWorker = CurrentWorker {
        queue: 0,
        job: 0,
        is_deadlocked: false,
        is_waiting: false,
    };
}

/// Makes a worker the current one during `poll`. `waiting` holds its self-waits, if it has any. `poll` must not unwind.
pub(super) fn poll_worker<P>(
    queue: usize,
    job: i64,
    waiting: &mut Option<Arc<WaitingWorker>>,
    is_deadlocked: bool,
    poll: impl FnOnce() -> P,
) -> P {
    let known = waiting.take();
    let current = CurrentWorker {
        queue,
        job,
        is_deadlocked,
        is_waiting: known.is_some(),
    };
    if let Some(known) = known {
        WAITING.with_borrow_mut(|all| all.push(known));
    }
    let outer = CURRENT.replace(current);
    let polled = poll();
    if CURRENT.replace(outer).is_waiting {
        *waiting = WAITING.with_borrow_mut(Vec::pop);
    }
    polled
}

/// Registers that a future of a queue waits, if a worker of the same queue polls it.
pub(super) struct SelfWait {
    queue: usize,
    target: WaitTarget,
    registered: Option<RegisteredWait>,
}

struct RegisteredWait {
    worker: Arc<WaitingWorker>,
    key: u64,
}

impl Drop for RegisteredWait {
    fn drop(&mut self) {
        self.worker.deregister(self.key);
    }
}

impl SelfWait {
    pub(super) fn new(queue: usize, target: WaitTarget) -> Self {
        SelfWait {
            queue,
            target,
            registered: None,
        }
    }

    /// Returns `polled`, the result of the future's poll, after it has registered a pending one.
    ///
    /// # Panics
    ///
    /// When the worker would wait forever.
    #[track_caller]
    pub(super) fn register<P>(&mut self, cx: &Context<'_>, polled: Poll<P>) -> Poll<P> {
        if polled.is_ready() {
            self.registered = None;
            return polled;
        }
        // `now_or_never` polls with a waker that does nothing. It does not wait.
        if cx.waker().data().is_null() {
            return polled;
        }
        let current = self.current();
        let is_deadlocked = match &current {
            Some((_, is_deadlocked)) => *is_deadlocked || self.target == WaitTarget::Drained,
            None => false,
        };
        assert!(!is_deadlocked, "{}", self.target.deadlock());
        let registered = self.registered.take();
        self.registered = current.map(|(worker, _)| {
            let registered = registered.filter(|known| Arc::ptr_eq(&worker, &known.worker));
            let key = registered.as_ref().map(|known| known.key);
            let key = worker.register(key, self.target, cx.waker().clone());
            match registered {
                Some(registered) if registered.key == key => registered,
                _ => RegisteredWait { worker, key },
            }
        });
        polled
    }

    /// The worker that polls the future, if it is one of the same queue, and whether it is deadlocked.
    fn current(&self) -> Option<(Arc<WaitingWorker>, bool)> {
        let mut current = CURRENT.get();
        if current.queue != self.queue {
            return None;
        }
        let worker = WAITING.with_borrow_mut(|all| {
            if !current.is_waiting {
                all.push(Arc::new(WaitingWorker::new(current.job)));
                current.is_waiting = true;
                CURRENT.set(current);
            }
            all.last().map(Arc::clone)
        })?;
        Some((worker, current.is_deadlocked))
    }
}
