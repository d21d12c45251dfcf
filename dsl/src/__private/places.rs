//! Limits on the items of a `for` task, alone or together with the tasks of a limited graph.

use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;

use super::bits::{Bits, SharedBits};
use super::{Due, Tasks};
use crate::wake::Lending;

/// The number in a `#[limit(…)]` on a `for` task, where it is written as `text`.
///
/// # Panics
///
/// If it is zero: the task would never complete.
#[inline]
#[must_use]
#[track_caller]
pub fn item_limit(most: usize, text: &str) -> usize {
    assert!(
        most > 0,
        "`#[limit({text})]` on a `for` task of an `auto!` graph is 0, so no item can run"
    );
    most
}

/// The places for running items.
pub trait Seats {
    /// Takes a seat for one more item, if one is free. `running` items have one.
    fn sit(&mut self, running: usize) -> bool;
    /// An item has completed. It `is_last` if no other is left.
    fn rise(&mut self, is_last: bool);
    /// The poll is over. If it `has_more`, some items still wait for seats.
    fn wait(&mut self, has_more: bool, running: usize);
}

/// All items run.
#[derive(Debug)]
pub struct Unlimited;

impl Seats for Unlimited {
    #[inline]
    fn sit(&mut self, _: usize) -> bool {
        true
    }

    #[inline]
    fn rise(&mut self, _: bool) {}

    #[inline]
    fn wait(&mut self, _: bool, _: usize) {}
}

/// At most this many items run at once.
#[derive(Debug)]
pub struct AtMost(pub usize);

impl Seats for AtMost {
    #[inline]
    fn sit(&mut self, running: usize) -> bool {
        running < self.0
    }

    #[inline]
    fn rise(&mut self, _: bool) {}

    #[inline]
    fn wait(&mut self, _: bool, _: usize) {}
}

/// The places that tasks of a limited part share with the items of its `for` tasks.
///
/// Atomic only to be `Sync`: the tasks are polled in turn.
#[derive(Debug)]
pub struct Places<const WORDS: usize> {
    /// How many more may run.
    free: AtomicUsize,
    /// The `for` tasks with items that wait for a free place.
    waiting: SharedBits<WORDS>,
    /// The task that may start something now, the first one in declaration order.
    turn: AtomicUsize,
}

impl<const WORDS: usize> Places<WORDS> {
    #[inline]
    #[must_use]
    pub const fn new(most: usize) -> Self {
        Places {
            free: AtomicUsize::new(most),
            waiting: SharedBits::none(),
            turn: AtomicUsize::new(usize::MAX),
        }
    }

    /// The seats for the items of the task at a place, at most `most`. The first one is the task's own place.
    #[inline]
    #[must_use]
    pub const fn seats(&self, task: usize, most: usize) -> SharedSeats<'_, WORDS> {
        SharedSeats {
            places: self,
            task,
            most,
            held: 1,
        }
    }

    fn take(&self) {
        self.free.store(self.free.load(Relaxed) - 1, Relaxed);
    }

    fn give(&self, seats: usize) {
        self.free.store(self.free.load(Relaxed) + seats, Relaxed);
    }
}

/// The seats of a `for` task in a limited part. When it completes, it holds only its own.
#[derive(Debug)]
pub struct SharedSeats<'p, const WORDS: usize> {
    places: &'p Places<WORDS>,
    task: usize,
    most: usize,
    held: usize,
}

impl<const WORDS: usize> SharedSeats<'_, WORDS> {
    fn set_waiting(&self, is_waiting: bool) {
        if is_waiting {
            self.places.waiting.insert(self.task);
        } else {
            self.places.waiting.remove(self.task);
        }
    }
}

impl<const WORDS: usize> Seats for SharedSeats<'_, WORDS> {
    fn sit(&mut self, running: usize) -> bool {
        if running >= self.most {
            return false;
        }
        if running < self.held {
            return true;
        }
        let places = self.places;
        let may_sit = places.turn.load(Relaxed) == self.task && places.free.load(Relaxed) > 0;
        if may_sit {
            places.take();
            self.held += 1;
        }
        may_sit
    }

    fn rise(&mut self, is_last: bool) {
        if !is_last {
            self.held -= 1;
            self.places.give(1);
        }
    }

    fn wait(&mut self, has_more: bool, running: usize) {
        self.set_waiting(has_more && running < self.most);
    }
}

impl<const WORDS: usize> Drop for SharedSeats<'_, WORDS> {
    fn drop(&mut self) {
        self.set_waiting(false);
        self.places.give(self.held.saturating_sub(1));
    }
}

/// [`Limited`](super::Limited) for parts with `for` tasks.
#[derive(Debug)]
pub struct LimitedItems<'p, const WORDS: usize> {
    tasks: Tasks<WORDS>,
    /// The tasks that wait only for the limit.
    ready: Bits<WORDS>,
    places: &'p Places<WORDS>,
}

impl<'p, const WORDS: usize> LimitedItems<'p, WORDS> {
    /// A part whose tasks in `ready` have no dependencies in it.
    #[inline]
    #[must_use]
    pub fn new(ready: [u64; WORDS], places: &'p Places<WORDS>) -> Self {
        LimitedItems {
            tasks: Tasks::new([0; WORDS]),
            ready: Bits::new(ready),
            places,
        }
    }

    /// Begins a poll of the part.
    #[inline]
    #[must_use]
    pub fn begin_poll(&self, start: usize) -> Due<WORDS> {
        self.tasks.begin_poll(start)
    }

    /// Begins a poll of the part that polls only some of the running tasks.
    #[inline]
    #[must_use]
    pub fn begin_poll_of<const GROUPS: usize>(
        &self,
        lending: &Lending<'_, GROUPS, WORDS>,
        start: usize,
    ) -> Due<WORDS> {
        self.tasks.begin_poll_of(lending, start)
    }

    /// The next task to poll. If a place is free, it is the first task that can start, or whose items can. Otherwise it
    /// is a running one.
    pub fn next_due(&mut self, due: &mut Due<WORDS>) -> Option<usize> {
        let places = self.places;
        if places.free.load(Relaxed) > 0 {
            let (ready, waiting) = (self.ready.first(), places.waiting.first());
            // Without any, it is the largest number.
            let is_ready = ready.is_some_and(|ready| ready <= waiting.unwrap_or(usize::MAX));
            if let Some(task) = if is_ready { ready } else { waiting } {
                if is_ready {
                    self.ready.remove(task / 64, 1 << (task % 64));
                    places.take();
                    self.tasks.run(task);
                } else {
                    places.waiting.remove(task);
                }
                places.turn.store(task, Relaxed);
                return Some(task);
            }
        }
        places.turn.store(usize::MAX, Relaxed);
        self.tasks.next_due(due)
    }

    #[inline]
    pub fn end(&mut self, task: usize) {
        self.tasks.end(task);
        self.places.give(1);
    }

    /// Marks a task as ready if all tasks of its `gate`, in words, have completed. One of them has just completed.
    #[inline]
    pub fn start_behind<const COUNT: usize>(
        &mut self,
        _due: &mut Due<WORDS>,
        task: usize,
        gate: [(usize, u64); COUNT],
    ) {
        if self.tasks.have_ended(&gate) {
            self.ready.add(task / 64, 1 << (task % 64));
        }
    }

    /// Whether no task runs. Then no task is ready either, because it would run, and so all have completed.
    #[inline]
    #[must_use]
    pub fn none_runs(&self) -> bool {
        self.tasks.none_runs()
    }
}
