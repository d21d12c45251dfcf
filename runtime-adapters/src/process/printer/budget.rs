//! How many lines may wait for the log, and how many were dropped.
//!
//! `tests/output/loom.rs` includes this file, and explores what threads can do to each other here.

#[cfg(not(loom))]
use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

#[cfg(loom)]
use loom::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

/// What a line costs beyond its text.
const LINE: usize = 64;

/// The memory for lines that wait.
#[derive(Debug)]
pub(super) struct LineBudget {
    taken: AtomicUsize,
    most: usize,
}

/// The lines of one pipe that were dropped since the log was last told of them.
#[derive(Clone, Debug, Default)]
pub(super) struct DroppedLines(Arc<AtomicU64>);

/// What goes to the log.
#[derive(Debug)]
pub(super) enum LogEntry {
    Line(String),
    /// Lines were dropped here.
    Dropped(DroppedLines),
}

impl LineBudget {
    /// For so many bytes.
    pub(super) fn new(most: usize) -> Self {
        LineBudget {
            taken: AtomicUsize::new(0),
            most,
        }
    }

    /// What the log is to be sent for this line: the line, while there is room, and otherwise a note, unless one is on
    /// its way. Never blocks.
    pub(super) fn admit(&self, line: String, dropped: &DroppedLines) -> Option<LogEntry> {
        let size = line.len() + LINE;
        let fits = self
            .taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
                taken.checked_add(size).filter(|&sum| sum <= self.most)
            });
        if fits.is_ok() {
            return Some(LogEntry::Line(line));
        }
        // The note that the first one needs tells of those after it, until it is written.
        let is_first = dropped.0.fetch_add(1, Ordering::Relaxed) == 0;
        is_first.then(|| LogEntry::Dropped(dropped.clone()))
    }

    /// Writes what was admitted, and gives its room back.
    pub(super) fn write(&self, what: LogEntry, mut write: impl FnMut(&str)) {
        match what {
            LogEntry::Line(line) => {
                write(&line);
                self.taken.fetch_sub(line.len() + LINE, Ordering::Relaxed);
            }
            LogEntry::Dropped(DroppedLines(lines)) => {
                let lines = lines.swap(0, Ordering::Relaxed);
                write(&format!("({lines} lines dropped: the log is too slow)"));
            }
        }
    }
}
