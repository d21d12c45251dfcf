//! The tasks of a graph with a limit.

use super::bits::Bits;
use super::{Due, Tasks};
use crate::wake::Lending;

/// The number in a `#![limit(…)]`, where it is written as `text`.
///
/// # Panics
///
/// If it is zero: the graph would never complete.
#[inline]
#[must_use]
#[track_caller]
pub fn limit(most: usize, text: &str) -> usize {
    assert!(
        most > 0,
        "`#![limit({text})]` of an `auto!` graph is 0, so no task can run"
    );
    most
}

/// [`Tasks`] that start in the order of their places as others complete.
#[derive(Debug)]
pub struct Limited<const WORDS: usize> {
    tasks: Tasks<WORDS>,
    /// The tasks that wait only for the limit.
    ready: Bits<WORDS>,
    /// How many more may run.
    free: usize,
}

impl<const WORDS: usize> Limited<WORDS> {
    /// A part whose tasks in `ready` have no dependencies in it.
    #[inline]
    #[must_use]
    pub fn new(ready: [u64; WORDS], most: usize) -> Self {
        Limited {
            tasks: Tasks::new([0; WORDS]),
            ready: Bits::new(ready),
            free: most,
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

    /// The next task to poll: a ready one, which starts, if the limit allows; otherwise a running one.
    #[inline]
    #[must_use]
    pub fn next_due(&mut self, due: &mut Due<WORDS>) -> Option<usize> {
        let ready = if self.free > 0 {
            self.ready.first()
        } else {
            None
        };
        if let Some(task) = ready {
            self.ready.remove(task / 64, 1 << (task % 64));
            self.free -= 1;
            self.tasks.run(task);
            return Some(task);
        }
        self.tasks.next_due(due)
    }

    #[inline]
    pub fn end(&mut self, task: usize) {
        self.tasks.end(task);
        self.free += 1;
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

    /// Ends all tasks from a place on, including ready ones.
    #[inline]
    pub fn end_from(&mut self, due: &mut Due<WORDS>, place: usize) {
        self.free += self.tasks.end_from(due, place) as usize;
        for word in place / 64..WORDS {
            let from = if word == place / 64 { place % 64 } else { 0 };
            self.ready.remove(word, u64::MAX << from);
        }
    }

    /// Whether no task runs. Then no task is ready either, because it would run, and so all have completed.
    #[inline]
    #[must_use]
    pub fn none_runs(&self) -> bool {
        self.tasks.none_runs()
    }
}

#[cfg(test)]
mod tests {
    use super::Limited;

    #[test]
    fn limit_starts_in_order_and_polls_each_once() {
        let mut tasks = Limited::<2>::new([1 << 63 | 0b101, 0b10], 3);
        let mut due = tasks.begin_poll(0);
        assert_eq!(
            [
                tasks.next_due(&mut due),
                tasks.next_due(&mut due),
                tasks.next_due(&mut due)
            ],
            [Some(0), Some(2), Some(63)]
        );
        assert_eq!(tasks.next_due(&mut due), None);

        let mut due = tasks.begin_poll(2);
        assert_eq!(tasks.next_due(&mut due), Some(2));
        tasks.end(2);
        // A ready task takes its place in the same poll, before the running ones are polled.
        assert_eq!(
            [
                tasks.next_due(&mut due),
                tasks.next_due(&mut due),
                tasks.next_due(&mut due)
            ],
            [Some(65), Some(63), Some(0)]
        );
        assert_eq!(tasks.next_due(&mut due), None);
        assert!(!tasks.none_runs());
    }

    #[test]
    fn gated_task_starts_by_its_rank() {
        let mut tasks = Limited::<1>::new([0b1100], 1);
        let mut due = tasks.begin_poll(0);
        assert_eq!(tasks.next_due(&mut due), Some(2));
        tasks.end(2);
        tasks.start_behind(&mut due, 0, [(0, 0b1000)]);
        tasks.start_behind(&mut due, 1, [(0, 0b100)]);
        // 3 was ready before 1, but 1 comes first in declaration order.
        assert_eq!(tasks.next_due(&mut due), Some(1));
        tasks.end(1);
        assert_eq!(tasks.next_due(&mut due), Some(3));
        tasks.end(3);
        tasks.start_behind(&mut due, 0, [(0, 0b1000)]);
        assert_eq!(tasks.next_due(&mut due), Some(0));
        tasks.end(0);
        assert_eq!(tasks.next_due(&mut due), None);
        assert!(tasks.none_runs());
    }

    #[test]
    #[should_panic = "`#![limit(n - 2)]` of an `auto!` graph is 0"]
    fn limit_of_zero_panics() {
        let _ = super::limit(0, "n - 2");
    }
}
