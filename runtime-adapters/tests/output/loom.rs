//! Explores all interleavings of threads that log workers' lines while the log is written:
//! `RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test -p conjoin-adapters --release --test output_loom`.
#![cfg(loom)]

#[path = "../../src/process/printer/budget.rs"]
mod budget;

use std::collections::VecDeque;

use loom::sync::{Arc, Mutex};
use loom::thread;

use self::budget::{DroppedLines, LineBudget, LogEntry};

/// The size of a line with its overhead.
const LINE: usize = 65;

/// The state that pipes and log share. Loom's own channel cannot be closed.
#[derive(Clone)]
struct Log {
    budget: Arc<LineBudget>,
    records: Arc<Mutex<VecDeque<LogEntry>>>,
}

impl Log {
    /// With a budget for this many lines.
    fn new(lines: usize) -> Self {
        Log {
            budget: Arc::new(LineBudget::new(lines * LINE)),
            records: Arc::default(),
        }
    }

    /// Logs like a pipe's task.
    fn line(&self, dropped: &DroppedLines) {
        if let Some(what) = self.budget.admit("x".into(), dropped) {
            self.records.lock().unwrap().push_back(what);
        }
    }

    fn next(&self) -> Option<LogEntry> {
        self.records.lock().unwrap().pop_front()
    }
}

/// The written lines, and the number of lines that the log reports as dropped.
#[derive(Default)]
struct LogCounts {
    written: usize,
    dropped: usize,
}

impl LogCounts {
    fn write(&mut self, budget: &LineBudget, what: LogEntry) {
        budget.write(what, |text| match text.strip_prefix('(') {
            None => self.written += 1,
            Some(note) => {
                let (number, _) = note.split_once(" lines").expect("a note");
                let number: usize = number.parse().expect("a number");
                assert!(number > 0, "a note about nothing");
                self.dropped += number;
            }
        });
    }
}

/// Each pipe has a thread that logs two lines while the log is written, with this many preemptions.
fn explore(pipes: usize, room_for: usize, interruptions: Option<usize>) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = interruptions;
    model.check(move || {
        let shared = Log::new(room_for);
        let threads: Vec<_> = (0..pipes)
            .map(|_| {
                let shared = shared.clone();
                thread::spawn(move || {
                    let dropped = DroppedLines::default();
                    shared.line(&dropped);
                    shared.line(&dropped);
                })
            })
            .collect();
        let mut log = LogCounts::default();
        // The lines that are there now, and the rest at the end.
        for _ in 0..2 {
            if let Some(what) = shared.next() {
                log.write(&shared.budget, what);
            }
        }
        for thread in threads {
            thread.join().unwrap();
        }
        while let Some(what) = shared.next() {
            log.write(&shared.budget, what);
        }
        assert_eq!(log.written + log.dropped, 2 * pipes);
        assert!(log.written >= room_for, "the first ones have budget");
        assert_eq!(free(&shared.budget), room_for);
    });
}

/// The number of lines in the budget.
fn free(budget: &LineBudget) -> usize {
    let dropped = DroppedLines::default();
    let is_line = |what: &Option<LogEntry>| matches!(what, Some(LogEntry::Line(_)));
    let admitted = std::iter::from_fn(|| Some(budget.admit("x".into(), &dropped)));
    admitted.take_while(is_line).count()
}

#[test]
fn one_pipe_loses_no_count() {
    explore(1, 1, None);
}

#[test]
fn two_pipes_lose_no_count() {
    explore(2, 1, Some(3));
}

#[test]
fn lines_that_wait_never_exceed_the_room() {
    loom::model(|| {
        let shared = Log::new(1);
        let other = shared.clone();
        // Nothing is written meanwhile.
        let foreign = thread::spawn(move || other.line(&DroppedLines::default()));
        shared.line(&DroppedLines::default());
        foreign.join().unwrap();
        let records: Vec<_> = std::iter::from_fn(|| shared.next()).collect();
        let lines = records
            .iter()
            .filter(|what| matches!(what, LogEntry::Line(_)));
        assert_eq!((lines.count(), records.len()), (1, 2));
    });
}
