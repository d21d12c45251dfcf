//! Every order in which threads can log workers' lines while the log is written:
//! `RUSTFLAGS="--cfg loom" cargo test -p conjoin-adapters --test output_loom --release`.
#![cfg(loom)]

#[path = "../../src/process/printer/budget.rs"]
mod budget;

use std::collections::VecDeque;

use loom::sync::{Arc, Mutex};
use loom::thread;

use self::budget::{DroppedLines, LineBudget, LogEntry};

/// With what it costs beyond its text.
const LINE: usize = 65;

/// What pipes and log share. Loom's own channel has no end.
#[derive(Clone)]
struct Log {
    budget: Arc<LineBudget>,
    records: Arc<Mutex<VecDeque<LogEntry>>>,
}

impl Log {
    /// With budget for so many lines.
    fn new(lines: usize) -> Self {
        Log {
            budget: Arc::new(LineBudget::new(lines * LINE)),
            records: Arc::default(),
        }
    }

    /// As a pipe's task does it.
    fn line(&self, dropped: &DroppedLines) {
        if let Some(what) = self.budget.admit("x".into(), dropped) {
            self.records.lock().unwrap().push_back(what);
        }
    }

    fn next(&self) -> Option<LogEntry> {
        self.records.lock().unwrap().pop_front()
    }
}

/// The lines that were written, and those that the log says were dropped.
#[derive(Default)]
struct Log {
    written: usize,
    dropped: usize,
}

impl Log {
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

/// Each pipe has a thread that logs two lines, and the log is written meanwhile. Threads are interrupted this often.
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
        let mut log = Log::default();
        // What there is now, and the rest at the end.
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

/// For how many lines there is budget.
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
