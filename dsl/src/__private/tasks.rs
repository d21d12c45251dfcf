//! The tasks of a gated part, and which of them to poll.

use core::cmp::Ordering;

use super::bits::Bits;
use crate::wake::{Lending, WORDS_OF_GROUP};

/// The tasks of a gated part by their places, at most `WORDS` times 64: which have started, and which of those have not
/// completed.
#[derive(Debug)]
pub struct Tasks<const WORDS: usize> {
    started: [u64; WORDS],
    running: Bits<WORDS>,
}

/// The tasks that one poll of the part still has to poll. It lives only during that poll, outside the future.
#[derive(Debug)]
pub struct Due<const WORDS: usize> {
    /// Without those of the current word that are still to be polled.
    others: Bits<WORDS>,
    word: usize,
    left: u64,
}

impl<const WORDS: usize> Tasks<WORDS> {
    /// A part whose tasks in `ready` have no dependencies in it.
    #[inline]
    #[must_use]
    pub fn new(running: [u64; WORDS]) -> Self {
        Tasks {
            started: running,
            running: Bits::new(running),
        }
    }

    /// Begins a poll of the part that polls all running tasks: from `start` on, and then those before it.
    #[inline]
    #[must_use]
    pub fn begin_poll(&self, start: usize) -> Due<WORDS> {
        Due::all(|word| self.running.word(word), start)
    }

    /// Begins a poll of the part that polls only the woken tasks.
    #[inline]
    #[must_use]
    pub fn begin_poll_of<const GROUPS: usize>(
        &self,
        lending: &Lending<'_, GROUPS, WORDS>,
        start: usize,
    ) -> Due<WORDS> {
        Due::woken(lending, |word| self.running.word(word), start)
    }

    /// The next task to be polled.
    #[inline]
    #[must_use]
    pub fn next_due(&self, due: &mut Due<WORDS>) -> Option<usize> {
        due.next()
    }

    #[inline]
    pub fn end(&mut self, task: usize) {
        self.running.remove(task / 64, 1 << (task % 64));
    }

    /// Starts a task if all tasks of its `gate`, in words, have completed. One of them has just completed. The current
    /// poll polls the task.
    #[inline]
    pub fn start_behind<const COUNT: usize>(
        &mut self,
        due: &mut Due<WORDS>,
        task: usize,
        gate: [(usize, u64); COUNT],
    ) {
        if self.have_ended(&gate) {
            self.run(task);
            due.add(task / 64, 1 << (task % 64));
        }
    }

    /// Ends all tasks from a place on: they are not polled or awaited any more. Returns how many of them were running.
    #[inline]
    pub fn end_from(&mut self, due: &mut Due<WORDS>, place: usize) -> u32 {
        let from_there = |word: usize| match word.cmp(&(place / 64)) {
            Ordering::Less => 0,
            Ordering::Equal => u64::MAX << (place % 64),
            Ordering::Greater => u64::MAX,
        };
        let mut ended = 0;
        for word in place / 64..WORDS {
            let bits = from_there(word);
            ended += (self.running.word(word) & bits).count_ones();
            self.running.remove(word, bits);
            due.others.remove(word, bits);
        }
        due.left &= !from_there(due.word);
        ended
    }

    /// Marks a task as running.
    #[inline]
    pub(super) fn run(&mut self, task: usize) {
        self.started[task / 64] |= 1 << (task % 64);
        self.running.add(task / 64, 1 << (task % 64));
    }

    #[inline]
    pub(super) fn have_ended(&self, tasks: &[(usize, u64)]) -> bool {
        tasks
            .iter()
            .all(|&(word, bits)| self.started[word] & !self.running.word(word) & bits == bits)
    }

    /// Whether no task runs. Then none can start any more, and all have completed.
    #[inline]
    #[must_use]
    pub fn none_runs(&self) -> bool {
        self.running.is_empty()
    }
}

impl<const WORDS: usize> Due<WORDS> {
    #[inline]
    fn none() -> Self {
        Due {
            others: Bits::none(),
            word: 0,
            left: 0,
        }
    }

    /// All that are `running`, by words: from `start` on, and then those before it.
    #[inline]
    pub(super) fn all(running: impl Fn(usize) -> u64, start: usize) -> Self {
        let mut due = Due::none();
        for word in 0..WORDS {
            due.add(word, running(word));
        }
        due.start_at(start);
        due
    }

    /// Those of them that were woken.
    #[inline]
    pub(super) fn woken<const GROUPS: usize>(
        lending: &Lending<'_, GROUPS, WORDS>,
        running: impl Fn(usize) -> u64,
        start: usize,
    ) -> Self {
        let mut due = Due::none();
        for group in 0..GROUPS {
            let members = lending.group(group);
            let mut words = members.woken_words();
            while words != 0 {
                let word = words.trailing_zeros() as usize;
                words &= words - 1;
                let place = group * WORDS_OF_GROUP + word;
                let woken = members.woken_children(word);
                due.add(place, woken & running(place));
            }
        }
        due.start_at(start);
        due
    }

    /// More of them, in a word.
    #[inline]
    pub(super) fn add(&mut self, word: usize, bits: u64) {
        self.others.add(word, bits);
    }

    /// Before the first is polled: the one at this place has its turn.
    #[inline]
    fn start_at(&mut self, start: usize) {
        self.word = start / 64 % WORDS;
        let from = u64::MAX << (start % 64);
        self.left = self.others.word(self.word) & from;
        self.others.remove(self.word, from);
    }

    #[inline]
    pub(super) fn next(&mut self) -> Option<usize> {
        if self.left == 0 {
            self.word = self.others.next_word(self.word)?;
            self.left = self.others.take(self.word);
        }
        let bit = self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(self.word * 64 + bit)
    }
}

// Under loom, wakers work only in models.
#[cfg(all(test, not(loom)))]
mod tests {
    use core::iter::from_fn;
    use core::task::Waker;

    use super::Tasks;
    use crate::wake::Wakers;

    #[test]
    fn round_starts_at_its_index_and_wraps_around() {
        let tasks = Tasks::<3>::new([0b101, 1 << 63 | 0b11, 0b10]);
        let round = |start| {
            let mut due = tasks.begin_poll(start);
            from_fn(|| tasks.next_due(&mut due)).collect::<Vec<_>>()
        };
        assert_eq!(round(0), [0, 2, 64, 65, 127, 129]);
        assert_eq!(round(65), [65, 127, 129, 0, 2, 64]);
        assert_eq!(round(129), [129, 0, 2, 64, 65, 127]);
        assert_eq!(round(190), round(0));
    }

    #[test]
    fn ended_task_is_not_polled() {
        let mut tasks = Tasks::<2>::new([0b111, 1]);
        let mut wakers = Wakers::<1, 2>::new();
        tasks.end(1);
        let lending = wakers.begin_poll(Waker::noop());
        let mut due = tasks.begin_poll_of(&lending, 2);
        assert_eq!(
            [(); 4].map(|()| tasks.next_due(&mut due)),
            [Some(2), Some(64), Some(0), None]
        );
        // No task was woken since.
        drop(lending);
        let mut due = tasks.begin_poll_of(&wakers.begin_poll(Waker::noop()), 0);
        assert_eq!(tasks.next_due(&mut due), None);
    }

    #[test]
    fn task_started_in_a_round_is_polled_once() {
        let mut tasks = Tasks::<2>::new([0b110, 0]);
        let mut due = tasks.begin_poll(0);
        assert_eq!(tasks.next_due(&mut due), Some(1));
        tasks.end(1);
        tasks.start_behind(&mut due, 0, [(0, 0b110)]);
        tasks.start_behind(&mut due, 3, [(0, 0b10)]);
        assert_eq!(tasks.next_due(&mut due), Some(2));
        tasks.end(2);
        tasks.start_behind(&mut due, 0, [(0, 0b110)]);
        tasks.start_behind(&mut due, 64, [(0, 0b100)]);
        assert_eq!(
            [(); 4].map(|()| tasks.next_due(&mut due)),
            [Some(64), Some(0), Some(3), None]
        );
        for task in [0, 3, 64] {
            assert!(!tasks.none_runs());
            tasks.end(task);
        }
        assert!(tasks.none_runs());
    }
}
