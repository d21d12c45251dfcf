//! Logs what happens to workers.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// The names of the requests that a worker left unanswered.
#[derive(Debug, Default, PartialEq)]
pub(super) struct UnansweredRequests {
    sent_again: RequestCounts,
    failed: RequestCounts,
}

/// As text: `blog.posts, 3 x blog.user`, or `nothing`.
#[derive(Debug, Default, PartialEq)]
struct RequestCounts(BTreeMap<&'static str, usize>);

/// How a worker ended.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "tracing"),
    expect(dead_code, reason = "the log reads them")
)]
pub(super) struct WorkerEnd {
    /// `None` if the process could not be started.
    pub(super) pid: Option<u32>,
    /// Such as `killed by signal 9`.
    pub(super) reason: String,
    pub(super) unanswered: UnansweredRequests,
    /// Whether it ended gracefully by itself.
    pub(super) is_drained: bool,
}

impl UnansweredRequests {
    pub(super) fn add(&mut self, name: &'static str, is_repeated: bool) {
        let counts = if is_repeated {
            &mut self.sent_again
        } else {
            &mut self.failed
        };
        *counts.0.entry(name).or_default() += 1;
    }
}

impl fmt::Display for RequestCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for (index, (name, count)) in self.0.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            match count {
                1 => write!(f, "{separator}{name}")?,
                _ => write!(f, "{separator}{count} x {name}")?,
            }
        }
        Ok(())
    }
}

/// A worker is ready, and may replace one that ended.
#[cfg_attr(not(feature = "tracing"), expect(unused_variables))]
pub(super) fn ready(worker: usize, new_pid: u32, replaces: Option<&WorkerEnd>) {
    #[cfg(feature = "tracing")]
    match replaces {
        None => tracing::debug!(target: TARGET, worker, pid = new_pid, "worker ready"),
        Some(end) if end.is_drained => {
            tracing::info!(target: TARGET, worker, pid = end.pid, new_pid, "worker replaced");
        }
        Some(end) => tracing::warn!(
            target: TARGET,
            worker,
            pid = end.pid,
            reason = end.reason,
            sent_again = %end.unanswered.sent_again,
            failed = %end.unanswered.failed,
            new_pid,
            "worker replaced"
        ),
    }
}

/// A worker has ended, and is restarted after a delay.
#[cfg_attr(not(feature = "tracing"), expect(unused_variables))]
pub(super) fn ended(worker: usize, end: &WorkerEnd, restart_in: Duration) {
    #[cfg(feature = "tracing")]
    if end.is_drained {
        tracing::info!(target: TARGET, worker, pid = end.pid, ?restart_in, "worker left");
    } else {
        tracing::warn!(
            target: TARGET,
            worker,
            pid = end.pid,
            reason = end.reason,
            sent_again = %end.unanswered.sent_again,
            failed = %end.unanswered.failed,
            ?restart_in,
            "worker died"
        );
    }
}

/// A worker has ended, and is not restarted.
#[cfg_attr(not(feature = "tracing"), expect(unused_variables))]
pub(super) fn failed(worker: usize, end: &WorkerEnd) {
    #[cfg(feature = "tracing")]
    tracing::error!(
        target: TARGET,
        worker,
        pid = end.pid,
        reason = end.reason,
        sent_again = %end.unanswered.sent_again,
        failed = %end.unanswered.failed,
        "worker failed and is not restarted"
    );
}

#[cfg(feature = "tracing")]
const TARGET: &str = "conjoin_adapters::broker";
