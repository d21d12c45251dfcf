//! The thread that logs workers' output.
//!
//! The reader of the log may be slow, or gone: a write can block for ever. Hence no runtime thread writes. Lines wait
//! for one separate thread, up to [`MOST`] bytes of them. Further lines are dropped and counted, and the log says how
//! many: neither the parent nor a worker waits for the log.

mod budget;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread;

#[cfg(feature = "tracing")]
use tracing::dispatcher::{self, Dispatch};
#[cfg(feature = "tracing")]
use tracing::subscriber::NoSubscriber;

use self::budget::{DroppedLines, LineBudget, LogEntry};

/// The source of the output.
#[derive(Clone, Copy, Debug)]
pub(super) struct OutputSource {
    pub(super) role: &'static str,
    pub(super) index: usize,
    pub(super) pid: u32,
    pub(super) stream: &'static str,
}

/// How many bytes of lines may wait: 1 MiB.
pub(super) const MOST: usize = 1024 * 1024;

/// A handle of the thread.
#[derive(Clone, Debug)]
pub(super) struct Printer {
    records: Sender<LogRecord>,
    budget: Arc<LineBudget>,
}

/// One worker's standard output or error, on its way to the log.
#[derive(Debug)]
pub(super) struct LoggedPipe {
    printer: Printer,
    log: LogTarget,
    dropped: DroppedLines,
}

#[derive(Debug)]
struct LogRecord {
    log: LogTarget,
    what: LogEntry,
}

/// The destination and the source of lines.
#[derive(Clone, Debug)]
pub(super) struct LogTarget {
    source: OutputSource,
    /// The subscriber of the code that started the worker, because the thread has none of its own.
    #[cfg(feature = "tracing")]
    dispatch: Dispatch,
}

impl Printer {
    /// The thread of this process, started on first use. It lives as long as the process.
    pub(super) fn get() -> io::Result<Self> {
        static PRINTER: OnceLock<Printer> = OnceLock::new();
        if let Some(printer) = PRINTER.get() {
            return Ok(printer.clone());
        }
        let printer = Self::start(LogTarget::write)?;
        // If two threads start at the same time, one has nothing to do and ends.
        Ok(PRINTER.get_or_init(|| printer).clone())
    }

    /// Starts a thread that calls `write` with each line.
    pub(super) fn start(write: impl FnMut(&LogTarget, &str) + Send + 'static) -> io::Result<Self> {
        let (records, received) = channel();
        let budget = Arc::new(LineBudget::new(MOST));
        let written = Arc::clone(&budget);
        thread::Builder::new()
            .name("conjoin-output".into())
            .spawn(move || write_all(&received, &written, write))?;
        Ok(Self { records, budget })
    }

    /// Connects a pipe to the log of the calling thread.
    pub(super) fn output(self, source: OutputSource) -> LoggedPipe {
        LoggedPipe {
            printer: self,
            log: LogTarget {
                source,
                #[cfg(feature = "tracing")]
                dispatch: dispatcher::get_default(Clone::clone),
            },
            dropped: DroppedLines::default(),
        }
    }
}

impl LoggedPipe {
    /// Logs a line, or drops it if too many wait. Never blocks.
    pub(super) fn line(&self, line: String) {
        let Self {
            printer: Printer { records, budget },
            log,
            dropped,
        } = self;
        let Some(what) = budget.admit(line, dropped) else {
            return;
        };
        let log = log.clone();
        // The thread lives as long as the process.
        drop(records.send(LogRecord { log, what }));
    }
}

fn write_all(
    records: &Receiver<LogRecord>,
    budget: &LineBudget,
    mut write: impl FnMut(&LogTarget, &str),
) {
    for LogRecord { log, what } in records {
        budget.write(what, |line| {
            // The writer is the user's subscriber. Its panic loses this line, not all that follow.
            drop(catch_unwind(AssertUnwindSafe(|| write(&log, line))));
        });
    }
}

impl LogTarget {
    /// Logs a line through `tracing`, or writes it to standard error if no subscriber is set.
    fn write(&self, line: &str) {
        let OutputSource {
            role,
            index,
            pid,
            stream,
        } = self.source;
        #[cfg(feature = "tracing")]
        {
            let log = || {
                tracing::info!(target: "conjoin_adapters::worker", role, worker = index, pid, stream, "{line}");
            };
            if !self.dispatch.is::<NoSubscriber>() {
                return dispatcher::with_default(&self.dispatch, log);
            }
            // A subscriber may have been set since.
            if dispatcher::has_been_set() {
                return log();
            }
        }
        // Unlike `eprintln!`, it does not panic if nobody reads.
        let line = format!("{role} worker {index} ({pid}) {stream}: {line}\n");
        drop(io::Write::write_all(&mut io::stderr(), line.as_bytes()));
    }
}
