//! The state that handles and layers share: the ended runs, and the streams of runs.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::mem;
use std::sync::Weak;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::scope::RecordScope;
use super::stream::RunStream;
use crate::events::Emitter;
use crate::panic::contain;
use crate::sync::{Arc, Mutex, lock};
use crate::waterfall::model::run::Run;

pub(in crate::waterfall) type Clock = dyn Fn() -> Instant + Send + Sync;

/// See the [`WaterfallsBuilder`](crate::waterfall::WaterfallsBuilder).
#[derive(Debug)]
pub(in crate::waterfall) struct RecordLimits {
    pub(in crate::waterfall) runs: usize,
    pub(in crate::waterfall) open: usize,
    pub(in crate::waterfall) tasks: usize,
    pub(in crate::waterfall) polls: usize,
    pub(in crate::waterfall) sample: u64,
    pub(in crate::waterfall) give_up_after: Duration,
}

/// The numbers of runs, from [`Waterfalls::stats`](crate::waterfall::Waterfalls::stats).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Runs that are being recorded.
    pub open: usize,
    /// Runs that were recorded to their end, whether or not they are still kept.
    pub recorded: u64,
    /// Runs that were left out by [sampling](crate::waterfall::WaterfallsBuilder::sample).
    pub unsampled: u64,
    /// Runs that were left out because too many were [open](crate::waterfall::WaterfallsBuilder::open).
    pub missed: u64,
}

/// A run that is being recorded, as seen by the store.
pub(super) trait OpenRecording: Send + Sync {
    fn scope(&self) -> Option<&RecordScope>;

    /// Ends the run, with everything in it that has not ended.
    fn finish(&self, now: Instant);

    /// Ends the run if its root and the root's tasks have ended, even if a span is still open.
    fn finish_if_over(&self, now: Instant);
}

pub(in crate::waterfall) struct RunStore {
    pub(super) limits: RecordLimits,
    pub(in crate::waterfall) labels: Vec<String>,
    pub(super) built: Instant,
    clock: Box<Clock>,
    /// Root graphs that were subject to sampling.
    seen: AtomicU64,
    state: Mutex<StoreState>,
}

#[derive(Default)]
struct StoreState {
    next: u64,
    ended: VecDeque<Arc<Run>>,
    /// The open recordings, oldest first.
    open: BTreeMap<u64, (Instant, Weak<dyn OpenRecording>)>,
    scopes: BTreeMap<u64, Weak<RecordScope>>,
    watchers: Vec<Arc<Emitter<Arc<Run>>>>,
    stats: Stats,
}

impl RunStore {
    pub(in crate::waterfall) fn new(
        limits: RecordLimits,
        labels: Vec<String>,
        clock: Box<Clock>,
    ) -> Self {
        let built = clock();
        RunStore {
            limits,
            labels,
            built,
            clock,
            seen: AtomicU64::new(0),
            state: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> Instant {
        (self.clock)()
    }

    /// Whether to record the next root graph.
    pub(super) fn samples(&self) -> bool {
        let is_sampled = self.seen.fetch_add(1, Relaxed) % self.limits.sample == 0;
        if !is_sampled {
            lock(&self.state).stats.unsampled += 1;
        }
        is_sampled
    }

    /// Adds a recording, which `make` creates with its id. `None` if there is no room.
    pub(super) fn open<R: OpenRecording + 'static>(
        &self,
        now: Instant,
        make: impl FnOnce(u64) -> R,
    ) -> Option<Arc<R>> {
        self.give_up_the_oldest(now);
        let mut state = lock(&self.state);
        if state.open.len() >= self.limits.open {
            state.stats.missed += 1;
            return None;
        }
        let id = state.next();
        let recording = Arc::new(make(id));
        let weak: Weak<R> = Arc::downgrade(&recording);
        state.open.insert(id, (now, weak));
        Some(recording)
    }

    /// Makes room, if there is none, by ending the oldest run if it has been open for too long.
    fn give_up_the_oldest(&self, now: Instant) {
        let mut state = lock(&self.state);
        if state.open.len() < self.limits.open {
            return;
        }
        let Some(oldest) = state.open.first_entry() else {
            return;
        };
        if now.saturating_duration_since(oldest.get().0) < self.limits.give_up_after {
            return;
        }
        let (_, oldest) = oldest.remove();
        drop(state);
        // Without the lock: this may drop the recording, which takes the lock.
        if let Some(oldest) = oldest.upgrade() {
            oldest.finish(now);
        }
    }

    /// Removes a recording that has ended or was dropped.
    pub(super) fn forget(&self, id: u64) {
        lock(&self.state).open.remove(&id);
    }

    /// Keeps a run and sends it to the streams.
    pub(super) fn publish(&self, run: &Arc<Run>, scope: Option<&RecordScope>) {
        let mut state = lock(&self.state);
        state.open.remove(&run.id);
        state.stats.recorded += 1;
        state.ended.push_back(Arc::clone(run));
        let surplus = state.ended.len().saturating_sub(self.limits.runs);
        let old: Vec<_> = state.ended.drain(..surplus).collect();
        let closed = state.take_closed();
        let watchers = state.watchers.clone();
        drop(state);
        drop((old, closed));
        if let Some(scope) = scope {
            scope.push(run, self.limits.runs);
        }
        for watcher in watchers {
            // This wakes a task, whose panic must not reach the code that drops a span here.
            contain(|| _ = watcher.emit(Arc::clone(run)));
        }
    }

    pub(in crate::waterfall) fn ended(&self) -> Vec<Arc<Run>> {
        lock(&self.state).ended.iter().cloned().collect()
    }

    pub(in crate::waterfall) fn clear(&self) {
        let ended = mem::take(&mut lock(&self.state).ended);
        drop(ended);
    }

    pub(in crate::waterfall) fn stats(&self) -> Stats {
        let state = lock(&self.state);
        Stats {
            open: state.open.len(),
            ..state.stats
        }
    }

    pub(in crate::waterfall) fn watch(&self) -> RunStream {
        let (runs, emitter) = RunStream::new(self.limits.runs);
        let mut state = lock(&self.state);
        // Streams are removed here as well as when a run ends, because no run may end for long.
        let closed = state.take_closed();
        state.watchers.push(Arc::new(emitter));
        drop(state);
        drop(closed);
        runs
    }

    pub(super) fn open_scope(&self) -> Arc<RecordScope> {
        // Unique among all stores: another store's layer may see its span.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let scope = Arc::new(RecordScope::new(NEXT.fetch_add(1, Relaxed)));
        lock(&self.state)
            .scopes
            .insert(scope.id, Arc::downgrade(&scope));
        scope
    }

    pub(super) fn scope(&self, id: u64) -> Option<Arc<RecordScope>> {
        lock(&self.state).scopes.get(&id)?.upgrade()
    }

    /// Ends the runs of a scope that only wait for a span to close.
    pub(super) fn finish_ended(&self, scope: &RecordScope) {
        let open: Vec<_> = lock(&self.state)
            .open
            .values()
            .filter_map(|(_, recording)| recording.upgrade())
            .collect();
        // Without the lock, which each recording takes when it ends or is dropped.
        let now = self.now();
        for recording in open {
            let inner = recording.scope();
            if inner.is_some_and(|inner| inner.id == scope.id) {
                recording.finish_if_over(now);
            }
        }
    }

    pub(super) fn close_scope(&self, scope: &RecordScope) {
        lock(&self.state).scopes.remove(&scope.id);
    }
}

impl StoreState {
    fn next(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Removes the emitters of dropped streams and returns them, to be dropped without the lock.
    fn take_closed(&mut self) -> Vec<Arc<Emitter<Arc<Run>>>> {
        let watchers = mem::take(&mut self.watchers).into_iter();
        let (closed, open) = watchers.partition(|watcher| watcher.is_closed());
        self.watchers = open;
        closed
    }
}

impl fmt::Debug for RunStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunStore")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures::FutureExt;

    use crate::Waterfalls;
    use crate::sync::lock;

    #[test]
    fn closed_streams_are_removed_without_a_run() {
        let waterfalls = Waterfalls::new();
        for _ in 0..10 {
            drop(waterfalls.subscribe());
        }
        assert_eq!(lock(&waterfalls.store.state).watchers.len(), 1);
    }

    #[test]
    fn ended_and_dropped_recordings_are_removed() {
        let waterfalls = Waterfalls::new();
        let scopes = || lock(&waterfalls.store.state).scopes.len();
        let mut dropped = Box::pin(waterfalls.record(pending::<()>()));
        assert!((&mut dropped).now_or_never().is_none());
        assert_eq!(scopes(), 1);
        drop(dropped);
        waterfalls
            .record(async {})
            .now_or_never()
            .expect("it waits for nothing");
        assert_eq!(scopes(), 0);
    }
}
