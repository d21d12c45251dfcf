//! A worker that has waited for its own queue, and how it notices that nothing else can wake it.

use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

use super::wait_target::WaitTarget;

/// The self-waits of one worker. See [`self_wait`](super::self_wait) for the terms.
pub(super) struct WaitingWorker {
    /// The number of the job that it works on.
    pub(super) job: i64,
    waits: Mutex<WorkerWaits>,
}

struct WorkerWaits {
    pending: Vec<PendingWait>,
    next_key: u64,
    /// The waker of the last poll, after which the worker was stuck.
    waker: Option<Arc<CountingWaker>>,
    is_deadlocked: bool,
}

struct PendingWait {
    key: u64,
    target: WaitTarget,
    /// The waker of its last poll: the worker's own, or that of a combinator in between.
    waker: Waker,
}

impl WaitingWorker {
    pub(super) fn new(job: i64) -> Self {
        let waits = WorkerWaits {
            pending: Vec::new(),
            next_key: 0,
            waker: None,
            is_deadlocked: false,
        };
        WaitingWorker {
            job,
            waits: Mutex::new(waits),
        }
    }

    /// Registers a self-wait and returns its key. `key` is the one from its last registration.
    pub(super) fn register(&self, key: Option<u64>, target: WaitTarget, waker: Waker) -> u64 {
        let mut waits = self.lock();
        let known = key.and_then(|key| waits.pending.iter_mut().find(|known| known.key == key));
        if let Some(known) = known {
            let key = known.key;
            let previous = mem::replace(&mut known.waker, waker);
            drop(waits);
            drop(previous);
            return key;
        }
        let key = waits.next_key;
        waits.next_key += 1;
        waits.pending.push(PendingWait { key, target, waker });
        key
    }

    pub(super) fn deregister(&self, key: u64) {
        let mut waits = self.lock();
        let at = waits.pending.iter().position(|known| known.key == key);
        let removed = at.map(|at| waits.pending.swap_remove(at));
        drop(waits);
        drop(removed);
    }

    /// Whether a deadlock was reported since the last call.
    pub(super) fn take_deadlocked(&self) -> bool {
        let mut waits = self.lock();
        let (is_deadlocked, waker) = (mem::take(&mut waits.is_deadlocked), waits.waker.take());
        drop(waits);
        drop(waker);
        is_deadlocked
    }

    fn lock(&self) -> MutexGuard<'_, WorkerWaits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether only self-waits can wake the worker after a poll with this waker.
    pub(super) fn is_stuck(&self, waker: &Arc<CountingWaker>) -> bool {
        let waits = self.lock();
        let is_direct =
            |pending: &&PendingWait| ptr::eq(pending.waker.data(), Arc::as_ptr(waker).cast());
        let direct = waits.pending.iter().filter(is_direct).count();
        let has_indirect = direct < waits.pending.len();
        // A direct self-wait has two clones: its future's and the one in `pending`. The caller has two as well.
        let others = Arc::strong_count(waker).saturating_sub(2 + 2 * direct);
        // Pairs with the release of a clone that was dropped: its wake happened before.
        fence(Ordering::Acquire);
        // The self-waits that a combinator polled with a waker of its own share one clone: the combinator's.
        !waits.pending.is_empty() && others <= usize::from(has_indirect) && !waker.has_woken()
    }

    /// Remembers the waker of the poll after which the worker was stuck.
    pub(super) fn set_waker(&self, waker: Arc<CountingWaker>) {
        self.lock().waker = Some(waker);
    }

    /// Whether something has woken it since it was stuck.
    pub(super) fn has_woken(&self) -> bool {
        let waits = self.lock();
        waits.waker.as_ref().is_none_or(|waker| waker.has_woken())
    }

    /// Whether it waits, and `predicate` holds for everything it waits for.
    pub(super) fn waits_only(&self, mut predicate: impl FnMut(WaitTarget) -> bool) -> bool {
        let waits = self.lock();
        !waits.pending.is_empty()
            && waits
                .pending
                .iter()
                .all(|pending| predicate(pending.target))
    }

    /// Wakes the worker so that its self-waits panic.
    pub(super) fn report_deadlock(&self) {
        let mut waits = self.lock();
        waits.is_deadlocked = true;
        let worker_waker = waits.waker.clone();
        // Removed, so that a wait that the worker no longer polls is not reported twice.
        let pending = mem::take(&mut waits.pending);
        drop(waits);
        // A combinator in between polls only the futures that were woken through its own waker.
        for PendingWait { waker, .. } in pending {
            waker.wake();
        }
        if let Some(waker) = worker_waker {
            waker.wake();
        }
    }
}

/// The waker of one poll of a worker that waits for its own queue. A fresh one for each poll, because only the futures of
/// the last poll count.
pub(super) struct CountingWaker {
    task: Waker,
    has_woken: AtomicBool,
}

impl CountingWaker {
    pub(super) fn new(task: Waker) -> Self {
        CountingWaker {
            task,
            has_woken: AtomicBool::new(false),
        }
    }

    fn has_woken(&self) -> bool {
        self.has_woken.load(Ordering::Acquire)
    }
}

impl Wake for CountingWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.has_woken.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}
