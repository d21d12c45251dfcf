//! How many lines may wait for the log, and how many were dropped.
//!
//! `tests/output/loom.rs` includes this file, and explores the interleavings of its threads.

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

/// The cost of a line beyond its text.
const LINE: usize = 64;

/// The memory for waiting lines.
#[derive(Debug)]
pub(super) struct LineBudget {
    taken: AtomicUsize,
    most: usize,
}

/// How many lines of one pipe were dropped since the log last said so.
#[derive(Clone, Debug, Default)]
pub(super) struct DroppedLines(Arc<AtomicU64>);

/// An entry of the log.
#[derive(Debug)]
pub(super) enum LogEntry {
    Line(String),
    /// A note that lines were dropped here.
    Dropped(DroppedLines),
}

impl LineBudget {
    /// A budget of this many bytes.
    pub(super) fn new(most: usize) -> Self {
        LineBudget {
            taken: AtomicUsize::new(0),
            most,
        }
    }

    /// Returns the entry to send to the log: the line, if there is room, and otherwise a note, unless one is already on
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
        // The note for the first dropped line also counts the following ones, until it is written.
        let is_first = dropped.0.fetch_add(1, Ordering::Relaxed) == 0;
        is_first.then(|| LogEntry::Dropped(dropped.clone()))
    }

    /// Writes an admitted entry, and releases its room.
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
