//! Which tasks of a gated part are to be polled.

/// The tasks of a gated part, by their places in it, `WORDS` times 64 at most: which of them run, which of those are
/// still to be polled in this poll of the part, and which have ended.
#[derive(Debug)]
pub struct Tasks<const WORDS: usize> {
    running: [u64; WORDS],
    due: [u64; WORDS],
    ended: [u64; WORDS],
    /// The place of the task that was polled last.
    at: usize,
}

impl<const WORDS: usize> Tasks<WORDS> {
    /// With the tasks that wait for nothing.
    #[inline]
    #[must_use]
    pub fn new(running: [u64; WORDS]) -> Self {
        Tasks { running, due: [0; WORDS], ended: [0; WORDS], at: 0 }
    }

    /// Begins a poll of the part, in which all that run are polled.
    #[inline]
    pub fn begin_poll(&mut self, start: usize) {
        self.due = self.running;
        self.at = start;
    }

    /// Begins a poll of the part, in which of those that run only some are polled.
    #[inline]
    pub fn begin_poll_of(&mut self, woken: [u64; WORDS], start: usize) {
        self.due = core::array::from_fn(|word| self.running[word] & woken[word]);
        self.at = start;
    }

    /// The next task to be polled: upwards from the last one, and round once.
    #[inline]
    #[must_use]
    pub fn next_due(&mut self) -> Option<usize> {
        if self.due == [0; WORDS] {
            return None;
        }
        for round in 0..=WORDS {
            let word = (self.at / 64 + round) % WORDS;
            let from = if round == 0 { u64::MAX << (self.at % 64) } else { u64::MAX };
            let bits = self.due[word] & from;
            if bits != 0 {
                let bit = bits.trailing_zeros();
                self.due[word] &= !(1 << bit);
                self.at = word * 64 + bit as usize;
                return Some(self.at);
            }
        }
        None
    }

    #[inline]
    pub fn end(&mut self, task: usize) {
        self.running[task / 64] &= !(1 << (task % 64));
        self.ended[task / 64] |= 1 << (task % 64);
    }

    /// Starts a task if all those at its `gate`, of which one has just ended, have ended.
    #[inline]
    pub fn start_behind(&mut self, task: usize, gate: [u64; WORDS]) {
        if self.have_ended(gate) {
            self.run(task);
            self.due[task / 64] |= 1 << (task % 64);
        }
    }

    /// Counts a task among those that run.
    #[inline]
    pub(super) fn run(&mut self, task: usize) {
        self.running[task / 64] |= 1 << (task % 64);
    }

    #[inline]
    pub(super) fn have_ended(&self, tasks: [u64; WORDS]) -> bool {
        (0..WORDS).all(|word| self.ended[word] & tasks[word] == tasks[word])
    }

    /// Whether none runs. Then none can start any more, and all have ended.
    #[inline]
    #[must_use]
    pub fn none_runs(&self) -> bool {
        self.running == [0; WORDS]
    }
}
