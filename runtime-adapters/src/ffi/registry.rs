//! Maps keys to values. A key is a number disguised as a pointer: it is looked up, never dereferenced.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::sync::{Mutex, lock};

/// Several locks, for libraries that call all the time on many threads.
const SHARDS: usize = if cfg!(loom) { 2 } else { 16 };

/// One counter for all registries, so that no key is valid in two.
static NEXT: AtomicUsize = AtomicUsize::new(1);

/// The user data that C holds. Never null, which many libraries take for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(NonZeroUsize);

impl Key {
    /// A key that was never used, unless a 32-bit counter has wrapped.
    fn fresh() -> Self {
        loop {
            if let Some(key) = NonZeroUsize::new(NEXT.fetch_add(1, Ordering::Relaxed)) {
                return Key(key);
            }
        }
    }

    pub(super) fn from_user_data(user_data: *mut c_void) -> Option<Self> {
        NonZeroUsize::new(user_data.addr()).map(Key)
    }

    pub(super) fn into_user_data(self) -> *mut c_void {
        ptr::without_provenance_mut(self.0.get())
    }
}

pub(super) struct Registry<V> {
    shards: [Mutex<BTreeMap<Key, V>>; SHARDS],
}

impl<V> Registry<V> {
    pub(super) fn new() -> Self {
        Registry {
            shards: std::array::from_fn(|_| Mutex::new(BTreeMap::new())),
        }
    }

    fn shard(&self, key: Key) -> &Mutex<BTreeMap<Key, V>> {
        &self.shards[key.0.get() % SHARDS]
    }

    /// A key without a value.
    pub(super) fn vacant_key(&self) -> Key {
        loop {
            let key = Key::fresh();
            // Only after the counter has wrapped is it taken.
            if !lock(self.shard(key)).contains_key(&key) {
                return key;
            }
        }
    }

    /// Keeps `value` until its key is removed.
    pub(super) fn insert(&self, key: Key, value: V) {
        let old = lock(self.shard(key)).insert(key, value);
        debug_assert!(old.is_none(), "a key is used for one thing");
    }

    /// Removes the value, if it is there and `right`.
    pub(super) fn remove_if(&self, key: Key, right: impl FnOnce(&V) -> bool) -> Option<V> {
        let mut shard = lock(self.shard(key));
        if shard.get(&key).is_some_and(right) {
            shard.remove(&key)
        } else {
            None
        }
    }

    pub(super) fn remove(&self, key: Key) -> Option<V> {
        self.remove_if(key, |_| true)
    }

    /// Clones the value, if it is there and `right`.
    pub(super) fn get_if(&self, key: Key, right: impl FnOnce(&V) -> bool) -> Option<V>
    where
        V: Clone,
    {
        lock(self.shard(key))
            .get(&key)
            .filter(|value| right(value))
            .cloned()
    }
}

/// Declares the process-wide registry of a type of values.
macro_rules! registry {
    ($name:ident, $value:ty) => {
        #[cfg(not(loom))]
        static $name: std::sync::LazyLock<crate::ffi::registry::Registry<$value>> =
            std::sync::LazyLock::new(crate::ffi::registry::Registry::new);
        #[cfg(loom)]
        loom::lazy_static! {
            static ref $name: crate::ffi::registry::Registry<$value> = crate::ffi::registry::Registry::new();
        }
    };
}
pub(super) use registry;
