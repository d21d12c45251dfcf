//! The tasks of a gated part, and which of them to poll.

use core::cmp::Ordering;
use core::mem;
use core::task::Waker;

use crate::wake::Wakers;

/// The tasks of a gated part by their places, at most `WORDS` times 64: which have started, and which of those have not
/// completed.
#[derive(Debug)]
pub struct Tasks<const WORDS: usize> {
    started: [u64; WORDS],
    running: [u64; WORDS],
}

/// The tasks that one poll of the part still has to poll. It lives only during that poll, outside the future.
#[derive(Debug)]
pub struct Due<const WORDS: usize> {
    /// The due tasks by words, without those of the current word.
    words: [u64; WORDS],
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
            running,
        }
    }

    /// Begins a poll of the part that polls all running tasks: from `start` on, and then those before it.
    #[inline]
    #[must_use]
    pub fn begin_poll(&self, start: usize) -> Due<WORDS> {
        Due::new(self.running, start)
    }

    /// Begins a poll of the part that polls only the woken tasks.
    #[inline]
    #[must_use]
    pub fn begin_poll_of<const GROUPS: usize>(
        &self,
        wakers: &mut Wakers<GROUPS, WORDS>,
        parent: &Waker,
        start: usize,
    ) -> Due<WORDS> {
        let mut words = [0; WORDS];
        wakers.begin_poll(parent, |word, bits| {
            words[word] |= bits & self.running[word];
        });
        Due::new(words, start)
    }

    /// The next task to be polled.
    #[inline]
    #[must_use]
    pub fn next_due(&self, due: &mut Due<WORDS>) -> Option<usize> {
        due.next()
    }

    #[inline]
    pub fn end(&mut self, task: usize) {
        self.running[task / 64] &= !(1 << (task % 64));
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
            due.words[task / 64] |= 1 << (task % 64);
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
        for (word, running) in self.running.iter_mut().enumerate() {
            let bits = from_there(word);
            ended += (*running & bits).count_ones();
            *running &= !bits;
            due.words[word] &= !bits;
        }
        due.left &= !from_there(due.word);
        ended
    }

    /// Marks a task as running.
    #[inline]
    pub(super) fn run(&mut self, task: usize) {
        self.started[task / 64] |= 1 << (task % 64);
        self.running[task / 64] |= 1 << (task % 64);
    }

    #[inline]
    pub(super) fn have_ended(&self, tasks: &[(usize, u64)]) -> bool {
        tasks
            .iter()
            .all(|&(word, bits)| self.started[word] & !self.running[word] & bits == bits)
    }

    /// Whether no task runs. Then none can start any more, and all have completed.
    #[inline]
    #[must_use]
    pub fn none_runs(&self) -> bool {
        self.running.iter().all(|&running| running == 0)
    }
}

impl<const WORDS: usize> Due<WORDS> {
    #[inline]
    fn new(mut words: [u64; WORDS], start: usize) -> Self {
        let (word, from) = (start / 64 % WORDS, u64::MAX << (start % 64));
        let left = words[word] & from;
        words[word] &= !from;
        Due { words, word, left }
    }

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.left == 0 {
            self.word = self.next_word()?;
            self.left = mem::take(&mut self.words[self.word]);
        }
        let bit = self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(self.word * 64 + bit)
    }

    /// The next word with due tasks, wrapping around to this one.
    #[inline]
    fn next_word(&self) -> Option<usize> {
        (1..=WORDS)
            .map(|on| (self.word + on) % WORDS)
            .find(|&word| self.words[word] != 0)
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
        let mut due = tasks.begin_poll_of(&mut wakers, Waker::noop(), 2);
        assert_eq!(
            [(); 4].map(|()| tasks.next_due(&mut due)),
            [Some(2), Some(64), Some(0), None]
        );
        // No task was woken since.
        let mut due = tasks.begin_poll_of(&mut wakers, Waker::noop(), 0);
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
