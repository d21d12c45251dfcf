//! Lists of bounded length that merge neighbours.

use crate::waterfall::model::run::{Poll, Wake};

pub(super) trait Mergeable: Copy {
    fn count(&self) -> u64;
    fn merge(&mut self, next: &Self);
}

impl Mergeable for Poll {
    fn count(&self) -> u64 {
        self.count
    }

    fn merge(&mut self, next: &Self) {
        self.end = next.end;
        self.busy += next.busy;
        self.count += next.count;
    }
}

impl Mergeable for Wake {
    fn count(&self) -> u64 {
        self.count
    }

    fn merge(&mut self, next: &Self) {
        self.count += next.count;
    }
}

/// A list of bounded length. When it is full, neighbours are merged in pairs, and from then on each item stands for
/// twice as many. So all items have the same resolution, and a push takes constant time on average.
#[derive(Debug)]
pub(super) struct MergedList<T> {
    list: Vec<T>,
    capacity: usize,
    each: u64,
}

impl<T: Mergeable> MergedList<T> {
    pub(super) fn new(capacity: usize) -> Self {
        MergedList {
            list: Vec::new(),
            capacity,
            each: 1,
        }
    }

    pub(super) fn push(&mut self, item: T) {
        if self.list.len() == self.capacity && self.is_whole() {
            self.halve();
        }
        match self.list.last_mut() {
            Some(last) if last.count() < self.each => last.merge(&item),
            _ => self.list.push(item),
        }
    }

    /// Whether the next item is not to be merged with the last one.
    fn is_whole(&self) -> bool {
        self.list
            .last()
            .is_none_or(|last| last.count() >= self.each)
    }

    fn halve(&mut self) {
        self.each *= 2;
        let mut kept = 0;
        for first in (0..self.list.len()).step_by(2) {
            let mut item = self.list[first];
            if let Some(second) = self.list.get(first + 1) {
                item.merge(second);
            }
            self.list[kept] = item;
            kept += 1;
        }
        self.list.truncate(kept);
    }

    pub(super) fn into_vec(self) -> Vec<T> {
        self.list
    }
}
