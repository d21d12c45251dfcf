//! Workers that wait for their own queue, and so for themselves.
//!
//! Futures of a queue ([`JobHandle`](super::JobHandle), `send`, [`QueueEvents`](super::QueueEvents)) that a worker of the same
//! queue polls, and that are pending, are *own waits* of that worker. A worker *stands still* when nothing but own waits
//! can wake it. Whether that is so shows in its waker: from the first own wait on it is polled with a [`CountingWaker`], of which
//! each future that can wake it keeps a clone. Once the own waits hold all the clones there are, nothing else is left.
//!
//! What workers that stand still wait for, and whether it can come at all, is for the [`QueueState`](super::state::QueueState) to
//! say. One for which it cannot is [told](WaitingWorker::report_deadlock): it is woken, and its own waits panic when they are polled.

use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use super::shared::QueueShared;

/// What a future of a queue waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitTarget {
    /// The end of the item with this number.
    Item(i64),
    /// Room for one more item.
    Room,
    /// Something that happens.
    Event,
    /// The end of all work.
    Drained,
}

impl WaitTarget {
    /// What a worker is told that waits for it in vain.
    fn message(self) -> &'static str {
        match self {
            WaitTarget::Item(_) => {
                "a worker awaits an item of its own queue that waits for this worker: its own end; \
                 drop the handle, or raise the concurrency"
            }
            WaitTarget::Room => {
                "a worker awaits room in its own queue, and no worker is free to make it: its own end; \
                 use `try_push`, or raise the concurrency"
            }
            WaitTarget::Event => {
                "a worker awaits an event of its own queue, and no worker is free to cause it: its own end; \
                 receive events outside of the workers"
            }
            WaitTarget::Drained => "a worker awaits that its own queue is drained: its own end",
        }
    }
}

thread_local! {
    /// The worker that this thread is polling.
    static CURRENT: Cell<CurrentWorker> = const { Cell::new(CurrentWorker::NONE) };
    /// The work of those that this thread is polling and that have waited for their own queue, the innermost last.
    static WORKS: RefCell<Vec<Arc<WaitingWorker>>> = const { RefCell::new(Vec::new()) };
}

/// Cheap to set, as it is for each poll of each worker.
#[derive(Clone, Copy)]
struct CurrentWorker {
    /// Which queue it is of.
    queue: usize,
    item: i64,
    /// What it waits for comes never.
    is_deadlocked: bool,
    /// It has waited for its own queue: its work is the last one.
    has_work: bool,
}

impl CurrentWorker {
    const NONE: CurrentWorker = CurrentWorker {
        queue: 0,
        item: 0,
        is_deadlocked: false,
        has_work: false,
    };
}

/// A worker that has waited for its own queue.
pub(super) struct WaitingWorker {
    pub(super) item: i64,
    waits: Mutex<WorkerWaits>,
}

struct WorkerWaits {
    pending: Vec<PendingWait>,
    next_key: u64,
    /// What it was last polled with.
    waker_in_use: Option<Arc<CountingWaker>>,
    is_deadlocked: bool,
}

struct PendingWait {
    key: u64,
    wait: WaitTarget,
    /// What it was polled with: the worker's own, or that of a combinator in between.
    waker: Waker,
}

impl WaitingWorker {
    fn new(item: i64) -> Self {
        let waits = WorkerWaits {
            pending: Vec::new(),
            next_key: 0,
            waker_in_use: None,
            is_deadlocked: false,
        };
        WaitingWorker {
            item,
            waits: Mutex::new(waits),
        }
    }

    /// Notes a wait, by the key that it had before, if it had one.
    fn note(&self, key: Option<u64>, wait: WaitTarget, waker: Waker) -> u64 {
        let mut waits = self.lock();
        let known = key.and_then(|key| waits.pending.iter_mut().find(|known| known.key == key));
        if let Some(known) = known {
            let key = known.key;
            let before = mem::replace(&mut known.waker, waker);
            drop(waits);
            drop(before);
            return key;
        }
        let key = waits.next_key;
        waits.next_key += 1;
        waits.pending.push(PendingWait { key, wait, waker });
        key
    }

    fn forget(&self, key: u64) {
        let mut waits = self.lock();
        let at = waits.pending.iter().position(|known| known.key == key);
        let forgotten = at.map(|at| waits.pending.swap_remove(at));
        drop(waits);
        drop(forgotten);
    }

    /// Whether it was told since this was last asked.
    pub(super) fn take_deadlocked(&self) -> bool {
        let mut waits = self.lock();
        let (is_deadlocked, waker_in_use) = (
            mem::take(&mut waits.is_deadlocked),
            waits.waker_in_use.take(),
        );
        drop(waits);
        drop(waker_in_use);
        is_deadlocked
    }

    fn lock(&self) -> MutexGuard<'_, WorkerWaits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing but own waits can wake it, after a poll with this `waker_in_use`.
    fn stands_still(&self, waker_in_use: &Arc<CountingWaker>) -> bool {
        let waits = self.lock();
        let is_direct = |pending: &&PendingWait| {
            ptr::eq(pending.waker.data(), Arc::as_ptr(waker_in_use).cast())
        };
        let direct = waits.pending.iter().filter(is_direct).count();
        let is_behind_others = direct < waits.pending.len();
        // Each has two clones: that of its future, and the one here. The caller has two as well.
        let others = Arc::strong_count(waker_in_use).saturating_sub(2 + 2 * direct);
        // Whoever dropped a clone has rung before.
        fence(Ordering::Acquire);
        // Those that were polled by a combinator with a waker of its own have one clone together: that combinator's.
        !waits.pending.is_empty()
            && others <= usize::from(is_behind_others)
            && !waker_in_use.has_woken()
    }

    /// Whether it has been woken since it stood still.
    pub(super) fn has_woken(&self) -> bool {
        self.lock()
            .waker_in_use
            .as_ref()
            .is_none_or(|waker_in_use| waker_in_use.has_woken())
    }

    /// Whether it waits, and whether all that it waits for is so.
    pub(super) fn waits_only(&self, mut predicate: impl FnMut(WaitTarget) -> bool) -> bool {
        let waits = self.lock();
        !waits.pending.is_empty() && waits.pending.iter().all(|pending| predicate(pending.wait))
    }

    /// Wakes the worker to tell it that it waits in vain.
    pub(super) fn report_deadlock(&self) {
        let mut waits = self.lock();
        waits.is_deadlocked = true;
        let waker_in_use = waits.waker_in_use.clone();
        // So that it is not told twice what it does not hear: a wait that it does not poll any more.
        let pending = mem::take(&mut waits.pending);
        drop(waits);
        // A combinator in between polls what is woken through its waker.
        for PendingWait { waker, .. } in pending {
            waker.wake();
        }
        if let Some(waker_in_use) = waker_in_use {
            waker_in_use.wake();
        }
    }
}

/// The waker of a worker that waits for its own queue. Each poll has one of its own, since what counts are the futures
/// that were polled last.
struct CountingWaker {
    task: Waker,
    has_woken: AtomicBool,
}

impl CountingWaker {
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

/// Polls the worker of one item.
pub(super) struct WorkerPoller {
    queue: usize,
    item: i64,
    /// There if it has waited for its own queue.
    work: Option<Arc<WaitingWorker>>,
}

impl WorkerPoller {
    pub(super) fn new(queue: usize, item: i64) -> Self {
        WorkerPoller {
            queue,
            item,
            work: None,
        }
    }

    /// Polls it, and says so if it stands still afterwards.
    pub(super) fn poll<T, R, E, F: Future>(
        &mut self,
        shared: &Arc<QueueShared<T, R, E>>,
        mut future: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> thread::Result<Poll<F::Output>> {
        if self.work.is_none() {
            let polled = self.within(false, || future.as_mut().poll(cx));
            if self.work.is_none() || !matches!(polled, Ok(Poll::Pending)) {
                return polled;
            }
            // It waits for its own queue, as few do: once more, with a waker_in_use.
        }
        self.poll_counting(shared, future, cx)
    }

    #[cold]
    fn poll_counting<T, R, E, F: Future>(
        &mut self,
        shared: &Arc<QueueShared<T, R, E>>,
        future: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> thread::Result<Poll<F::Output>> {
        let is_deadlocked = self.work.as_ref().is_some_and(|work| shared.go_on(work));
        let waker_in_use = Arc::new(CountingWaker {
            task: cx.waker().clone(),
            has_woken: AtomicBool::new(false),
        });
        let waker = Waker::from(Arc::clone(&waker_in_use));
        let polled = self.within(is_deadlocked, || {
            future.poll(&mut Context::from_waker(&waker))
        });
        if let (Ok(Poll::Pending), Some(work)) = (&polled, &self.work)
            && work.stands_still(&waker_in_use)
        {
            work.lock().waker_in_use = Some(waker_in_use);
            shared.stand_still(work);
        }
        polled
    }

    /// Panics are caught.
    fn within<P>(&mut self, is_deadlocked: bool, poll: impl FnOnce() -> P) -> thread::Result<P> {
        let work = self.work.take();
        let current = CurrentWorker {
            queue: self.queue,
            item: self.item,
            is_deadlocked,
            has_work: work.is_some(),
        };
        if let Some(work) = work {
            WORKS.with_borrow_mut(|works| works.push(work));
        }
        let outer = CURRENT.replace(current);
        let polled = catch_unwind(AssertUnwindSafe(poll));
        if CURRENT.replace(outer).has_work {
            self.work = WORKS.with_borrow_mut(Vec::pop);
        }
        polled
    }
}

/// Notes that a future of a queue waits, if it is a worker of that queue that polls it.
pub(super) struct SelfWait {
    queue: usize,
    wait: WaitTarget,
    noted: Option<RegisteredWait>,
}

struct RegisteredWait {
    work: Arc<WaitingWorker>,
    key: u64,
}

impl Drop for RegisteredWait {
    fn drop(&mut self) {
        self.work.forget(self.key);
    }
}

impl SelfWait {
    pub(super) fn new(queue: usize, wait: WaitTarget) -> Self {
        SelfWait {
            queue,
            wait,
            noted: None,
        }
    }

    /// Passes on what the future was polled with.
    ///
    /// # Panics
    ///
    /// When a worker waits in vain.
    #[track_caller]
    pub(super) fn note<P>(&mut self, cx: &Context<'_>, polled: Poll<P>) -> Poll<P> {
        if polled.is_ready() {
            self.noted = None;
            return polled;
        }
        // Whoever polls with what wakes nothing, as `now_or_never` does, only has a look.
        if cx.waker().data().is_null() {
            return polled;
        }
        let current = self.current();
        let is_deadlock = match &current {
            Some((_, is_deadlocked)) => *is_deadlocked || self.wait == WaitTarget::Drained,
            None => false,
        };
        // Better than never to end.
        assert!(!is_deadlock, "{}", self.wait.message());
        let noted = self.noted.take();
        self.noted = current.map(|(work, _)| {
            let noted = noted.filter(|noted| Arc::ptr_eq(&work, &noted.work));
            let key = noted.as_ref().map(|noted| noted.key);
            let key = work.note(key, self.wait, cx.waker().clone());
            match noted {
                Some(noted) if noted.key == key => noted,
                _ => RegisteredWait { work, key },
            }
        });
        polled
    }

    /// The worker that polls it, if that is one of the same queue, and whether it was told.
    fn current(&self) -> Option<(Arc<WaitingWorker>, bool)> {
        let mut current = CURRENT.get();
        if current.queue != self.queue {
            return None;
        }
        let work = WORKS.with_borrow_mut(|works| {
            if !current.has_work {
                works.push(Arc::new(WaitingWorker::new(current.item)));
                current.has_work = true;
                CURRENT.set(current);
            }
            works.last().map(Arc::clone)
        })?;
        Some((work, current.is_deadlocked))
    }
}
