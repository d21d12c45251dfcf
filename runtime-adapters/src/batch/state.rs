//! The state of a batch, which its lock guards. Methods return what they remove, so that the caller drops it after it
//! has released the lock.

use std::collections::HashSet;
use std::hash::Hash;
use std::mem;
use std::sync::Arc;

use tokio::time::Sleep;

use super::call::{EntryByKey, KeyEntries, KeyEntry, LoaderCall};
use super::gathering::{Gathering, RoundsSeen};
use super::options::BatchOptions;
use super::shared_future::SharedFuture;

pub(super) struct BatchState<K, V, E, F> {
    known: HashSet<EntryByKey<K, V, E, F>>,
    gathering: Gathering<K, V, E, F>,
}

/// What a load that waits does next.
pub(super) enum LoadStep<K, V, E, F> {
    /// Await this call.
    Call(Arc<LoaderCall<K, V, E, F>>),
    /// Begin these calls, then await this one.
    Sent(SentCalls<K, V, E, F>),
    /// Await the end of the window.
    Window(Arc<SharedFuture<Sleep>>),
    /// Yield: ask to be polled again.
    Yield,
}

/// The calls that the gathered keys were made into.
pub(super) struct SentCalls<K, V, E, F> {
    /// In the order in which their keys were gathered.
    pub(super) calls: Vec<Arc<LoaderCall<K, V, E, F>>>,
    window: Option<Arc<SharedFuture<Sleep>>>,
    _removed: Vec<EntryByKey<K, V, E, F>>,
    _given_up: KeyEntries<K, V, E, F>,
}

impl<K, V, E, F> Default for BatchState<K, V, E, F> {
    fn default() -> Self {
        BatchState {
            known: HashSet::new(),
            gathering: Gathering::default(),
        }
    }
}

impl<K, V, E, F> BatchState<K, V, E, F> {
    /// How many keys the batch holds, and how many of them wait for a call.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.known.len(), self.gathering.entries.len())
    }
}

impl<K: Hash + Eq, V, E, F> BatchState<K, V, E, F> {
    /// Registers a load of a key. Returns the load's own key if the batch holds an equal one.
    #[expect(clippy::type_complexity, reason = "it is a pair")]
    pub(super) fn join(
        &mut self,
        key: K,
        seen: &mut RoundsSeen,
        options: &BatchOptions,
    ) -> (Arc<KeyEntry<K, V, E, F>>, Option<K>) {
        if let Some(EntryByKey(entry)) = self.known.get(&key) {
            let entry = Arc::clone(entry);
            if entry.outcome.get().is_none() {
                entry.loads.add();
                match entry.call.get() {
                    Some(call) => call.loads.add(),
                    None => self.gathering.register(seen, false),
                }
            }
            return (entry, Some(key));
        }
        if options.window.is_some() && self.gathering.window.is_none() {
            self.gathering.window = Some(Arc::new(SharedFuture::new()));
        }
        let entry = Arc::new(KeyEntry::new(key));
        entry.loads.add();
        // First, as the key's `Hash` may panic.
        self.known.insert(EntryByKey(Arc::clone(&entry)));
        self.gathering.entries.push(Arc::clone(&entry));
        self.gathering.register(seen, true);
        (entry, None)
    }

    /// What a load does next that is polled again, or that has just joined.
    pub(super) fn next(
        &mut self,
        entry: &KeyEntry<K, V, E, F>,
        seen: &mut RoundsSeen,
        is_first: bool,
        options: &BatchOptions,
    ) -> LoadStep<K, V, E, F> {
        if let Some(call) = entry.call.get() {
            return LoadStep::Call(Arc::clone(call));
        }
        let is_complete = match &self.gathering.window {
            Some(window) if !self.is_full(options) => return LoadStep::Window(Arc::clone(window)),
            Some(_) => true,
            None => !is_first && self.gathering.is_complete(seen),
        };
        if is_complete {
            LoadStep::Sent(self.send(options))
        } else {
            LoadStep::Yield
        }
    }

    fn is_full(&self, options: &BatchOptions) -> bool {
        let entries = &self.gathering.entries;
        entries.len() >= options.max
            && entries.iter().filter(|it| it.loads.get() > 0).count() >= options.max
    }

    /// Ends the window: calls the loader for its keys, unless that has happened.
    pub(super) fn close(
        &mut self,
        window: &Arc<SharedFuture<Sleep>>,
        options: &BatchOptions,
    ) -> Option<SentCalls<K, V, E, F>> {
        let current = self.gathering.window.as_ref();
        let is_current = current.is_some_and(|current| Arc::ptr_eq(current, window));
        is_current.then(|| self.send(options))
    }

    /// Makes calls of the gathered keys.
    fn send(&mut self, options: &BatchOptions) -> SentCalls<K, V, E, F> {
        let gathered = mem::take(&mut self.gathering);
        let (wanted, given_up): (Vec<_>, Vec<_>) = gathered
            .entries
            .into_iter()
            .partition(|entry| entry.loads.get() > 0);
        let calls = wanted.chunks(options.max).map(|entries| {
            let call = Arc::new(LoaderCall::new(entries.to_vec()));
            for entry in entries {
                let _ = entry.call.set(Arc::clone(&call));
            }
            call
        });
        let calls = calls.collect();
        let mut removed = self.forget(&given_up);
        if !options.is_cached {
            removed.extend(self.forget(&wanted));
        }
        SentCalls {
            calls,
            window: gathered.window,
            _removed: removed,
            _given_up: given_up,
        }
    }

    /// Removes these entries, unless newer ones have replaced them.
    pub(super) fn forget(
        &mut self,
        entries: &KeyEntries<K, V, E, F>,
    ) -> Vec<EntryByKey<K, V, E, F>> {
        let mut forgotten = Vec::new();
        for entry in entries {
            let known = self.known.get(&entry.key);
            if known.is_some_and(|known| Arc::ptr_eq(&known.0, entry)) {
                forgotten.extend(self.known.take(&entry.key));
            }
        }
        forgotten
    }

    /// Unregisters a load that is dropped while it waits. Removes what no other load waits for.
    pub(super) fn leave(
        &mut self,
        entry: &Arc<KeyEntry<K, V, E, F>>,
    ) -> impl Sized + use<K, V, E, F> {
        entry.loads.remove();
        let (mut entries, mut future) = (Vec::new(), None);
        if let Some(call) = entry.call.get() {
            if call.loads.remove() {
                entries = call.end();
                future = Some(call.future.abandon());
            }
        } else {
            self.gathering.loads -= 1;
            if self.gathering.loads == 0 {
                entries = mem::take(&mut self.gathering).entries;
            }
        }
        (self.forget(&entries), entries, future)
    }

    /// Stores a value for a key. Returns what is not needed: the replaced entry, or the value itself.
    pub(super) fn prime(
        &mut self,
        entry: Arc<KeyEntry<K, V, E, F>>,
    ) -> impl Sized + use<K, V, E, F> {
        let known = self.known.get(&entry.key);
        let is_asked = |known: &EntryByKey<K, V, E, F>| {
            known.0.outcome.get().is_some() || known.0.loads.get() > 0
        };
        if known.is_some_and(is_asked) {
            return Some(EntryByKey(entry));
        }
        self.known.replace(EntryByKey(entry))
    }

    /// Keeps entries that wait for a call: they are not loaded yet.
    pub(super) fn clear(&mut self, key: &K) -> impl Sized + use<K, V, E, F> {
        let known = self.known.get(key);
        if known.is_some_and(EntryByKey::is_gathered) {
            return None;
        }
        self.known.take(key)
    }

    pub(super) fn clear_all(&mut self) -> impl Sized + use<K, V, E, F> {
        let known = mem::take(&mut self.known).into_iter();
        let (kept, cleared): (Vec<_>, Vec<_>) = known.partition(EntryByKey::is_gathered);
        self.known.extend(kept);
        cleared
    }
}

impl<K, V, E, F> EntryByKey<K, V, E, F> {
    /// Whether it waits for a call.
    fn is_gathered(&self) -> bool {
        self.0.call.get().is_none() && self.0.outcome.get().is_none()
    }
}

impl<K, V, E, F> SentCalls<K, V, E, F> {
    /// Wakes the loads that waited for the end of the window. Call it without the lock.
    pub(super) fn announce(&self) {
        if let Some(window) = &self.window {
            window.wakes().wake_all();
        }
    }
}
