//! What keys stand for. A key is a number in the clothes of a pointer: it is looked up, never followed.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::sync::{Mutex, lock};

/// Several locks for the many threads of libraries that call all the time.
const SHARDS: usize = if cfg!(loom) { 2 } else { 16 };

/// One for all registries, so that no key means anything in two.
static NEXT: AtomicUsize = AtomicUsize::new(1);

/// What C holds for user data. Never null, which means none in many libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(NonZeroUsize);

impl Key {
    /// One that there has not been before, unless a 32-bit counter has gone round since.
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

    /// A key that nothing is kept under.
    pub(super) fn vacant_key(&self) -> Key {
        loop {
            let key = Key::fresh();
            // It is taken only where the counter has gone round.
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

    /// Takes the value out if there is one and it is `right`.
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

    /// A clone of the value if there is one and it is `right`.
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

/// The one registry of its values in the process.
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
