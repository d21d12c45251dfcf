//! Collections that concurrent tasks change. The traits exist for their messages.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};

/// A variable that several tasks call a method of, such as `push`.
#[derive(Debug)]
pub struct Changed<'v, V>(pub &'v V);

/// A collection, whose methods of that name take `&mut self`.
pub trait Collection {}

impl<C: Collection> Collection for &mut C {}
impl<T> Collection for Vec<T> {}
impl<T> Collection for VecDeque<T> {}
impl<T> Collection for BinaryHeap<T> {}
impl<T> Collection for BTreeSet<T> {}
impl<K, V> Collection for BTreeMap<K, V> {}
impl<T, S> Collection for HashSet<T, S> {}
impl<K, V, S> Collection for HashMap<K, V, S> {}
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
