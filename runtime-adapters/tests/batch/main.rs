//! Tests how many calls a batch makes, and how each load ends.
#![cfg(not(loom))]

mod dataloader;
mod drops;
mod faults;
mod levels;
mod loading_loaders;
mod threads;
mod window;

use std::sync::Mutex;

/// The keys of each call of a loader.
#[derive(Debug, Default)]
struct Calls<K>(Mutex<Vec<Vec<K>>>);

impl<K: Clone> Calls<K> {
    fn new() -> Self {
        Calls(Mutex::new(Vec::new()))
    }

    /// Records a call.
    fn note(&self, keys: &[K]) {
        self.0.lock().unwrap().push(keys.to_vec());
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }

    /// All calls since the last call of this.
    fn take(&self) -> Vec<Vec<K>> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}
