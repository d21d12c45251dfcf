//! The tasks of a graph of which only so many may run at a time.

use super::Tasks;

/// The number in a `#![limit(…)]`, where it is written as `text`.
///
/// # Panics
///
/// When it is zero: such a graph would never end.
#[inline]
#[must_use]
#[track_caller]
pub fn limit(most: usize, text: &str) -> usize {
    assert!(most > 0, "`#![limit({text})]` of an `auto!` graph is 0, with which no task could ever run");
    most
}

/// [`Tasks`] that start in the order of their places as others end.
#[derive(Debug)]
pub struct Limited<const WORDS: usize> {
    tasks: Tasks<WORDS>,
    /// Those that wait for nothing but to be let in.
    ready: [u64; WORDS],
    /// How many more may run.
    free: usize,
}

impl<const WORDS: usize> Limited<WORDS> {
    /// With the tasks that wait for nothing.
    #[inline]
    #[must_use]
    pub fn new(ready: [u64; WORDS], most: usize) -> Self {
        Limited { tasks: Tasks::new([0; WORDS]), ready, free: most }
    }

    /// Begins a poll of the part.
    #[inline]
    pub fn begin_poll(&mut self, start: usize) {
        self.tasks.begin_poll(start);
    }

    /// Begins a poll of the part, in which of those that run only some are polled.
    #[inline]
    pub fn begin_poll_of(&mut self, woken: [u64; WORDS], start: usize) {
        self.tasks.begin_poll_of(woken, start);
    }

    /// The next task to be polled: one that starts with it, if one may, else one that runs.
    #[inline]
    #[must_use]
    pub fn next_due(&mut self) -> Option<usize> {
        if self.free > 0
            && let Some(word) = self.ready.iter().position(|&bits| bits != 0)
        {
            let bit = self.ready[word].trailing_zeros();
            self.ready[word] &= !(1 << bit);
            self.free -= 1;
            let task = word * 64 + bit as usize;
            self.tasks.run(task);
            return Some(task);
        }
        self.tasks.next_due()
    }

    #[inline]
    pub fn end(&mut self, task: usize) {
        self.tasks.end(task);
        self.free += 1;
    }

    /// Lets a task in if all those at its `gate`, of which one has just ended, have ended.
    #[inline]
    pub fn start_behind(&mut self, task: usize, gate: [u64; WORDS]) {
        if self.tasks.have_ended(gate) {
            self.ready[task / 64] |= 1 << (task % 64);
        }
    }

    /// Whether none runs. Then none is ready either, as it would run, and all have ended.
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
    fn starts_as_many_as_may_run_in_order_and_polls_each_once() {
        let mut tasks = Limited::<2>::new([1 << 63 | 0b101, 0b10], 3);
        tasks.begin_poll(0);
        assert_eq!([tasks.next_due(), tasks.next_due(), tasks.next_due()], [Some(0), Some(2), Some(63)]);
        assert_eq!(tasks.next_due(), None);

        tasks.begin_poll(2);
        assert_eq!(tasks.next_due(), Some(2));
        tasks.end(2);
        // Its place is taken in the same poll, before those that run are polled on.
        assert_eq!([tasks.next_due(), tasks.next_due(), tasks.next_due()], [Some(65), Some(63), Some(0)]);
        assert_eq!(tasks.next_due(), None);
        assert!(!tasks.none_runs());
    }

    #[test]
    fn a_task_behind_a_gate_is_let_in_by_its_rank() {
        let mut tasks = Limited::<1>::new([0b1100], 1);
        tasks.begin_poll(0);
        assert_eq!(tasks.next_due(), Some(2));
        tasks.end(2);
        tasks.start_behind(0, [0b1000]);
        tasks.start_behind(1, [0b100]);
        // 3 was ready before 1 was, but 1 stands before it.
        assert_eq!(tasks.next_due(), Some(1));
        tasks.end(1);
        assert_eq!(tasks.next_due(), Some(3));
        tasks.end(3);
        tasks.start_behind(0, [0b1000]);
        assert_eq!(tasks.next_due(), Some(0));
        tasks.end(0);
        assert_eq!(tasks.next_due(), None);
        assert!(tasks.none_runs());
    }

    #[test]
    #[should_panic = "`#![limit(n - 2)]` of an `auto!` graph is 0"]
    fn zero_is_refused() {
        let _ = super::limit(0, "n - 2");
    }
}
