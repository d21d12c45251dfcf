//! Collections that concurrent tasks change. The traits exist for their messages.

#[cfg(feature = "alloc")]
use alloc::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
#[cfg(feature = "alloc")]
use alloc::{string::String, vec::Vec};
#[cfg(feature = "std")]
use std::collections::{HashMap, HashSet};

/// A variable that several tasks call a method of, such as `push`.
#[derive(Debug)]
pub struct Changed<'v, V>(pub &'v V);

/// A collection, whose methods of that name take `&mut self`.
pub trait Collection {}

impl<C: Collection> Collection for &mut C {}
#[cfg(feature = "alloc")]
impl<T> Collection for Vec<T> {}
#[cfg(feature = "alloc")]
impl<T> Collection for VecDeque<T> {}
#[cfg(feature = "alloc")]
impl<T> Collection for BinaryHeap<T> {}
#[cfg(feature = "alloc")]
impl<T> Collection for BTreeSet<T> {}
#[cfg(feature = "alloc")]
impl<K, V> Collection for BTreeMap<K, V> {}
#[cfg(feature = "std")]
impl<T, S> Collection for HashSet<T, S> {}
#[cfg(feature = "std")]
impl<K, V, S> Collection for HashMap<K, V, S> {}
#[cfg(feature = "alloc")]
impl Collection for String {}

/// Any other type.
#[derive(Debug)]
pub struct NoCollection;

impl<C: Collection> Changed<'_, C> {
    #[must_use]
    pub fn collection(&self) -> &C {
        self.0
    }
}

/// The method of the same name for other types. An inherent method comes first.
pub trait ChangedOther {
    fn collection(&self) -> &NoCollection {
        &NoCollection
    }
}

impl<V> ChangedOther for Changed<'_, V> {}
