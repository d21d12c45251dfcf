//! The bridge to C, with a library that calls back from its own threads: in time, late, twice, never, and while it destroys.

#[path = "ffi/export.rs"]
mod export;
#[path = "ffi/keyed.rs"]
mod keyed;
#[path = "ffi/lending.rs"]
mod lending;
#[path = "ffi/once.rs"]
mod once;
#[path = "ffi/panics.rs"]
mod panics;
#[cfg(c_ares_is_installed)]
#[path = "ffi/resolver.rs"]
mod resolver;
#[path = "ffi/signatures.rs"]
mod signatures;
#[path = "ffi/with_destroy.rs"]
mod with_destroy;

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

#[cfg(all(feature = "c-ares", not(c_ares_is_installed)))]
#[test]
fn c_ares_is_installed() {
    panic!(
        "c-ares and its headers are not installed, so nothing was tested with them: apt-get install libc-ares-dev"
    );
}

/// So long does a failure hang.
const LIMIT: Duration = Duration::from_mins(1);

/// The output of a future that ends.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(LIMIT, future)
            .await
            .expect("the future ends")
    })
}

/// The next message of one that comes.
fn receive<T>(receiver: &mpsc::Receiver<T>) -> T {
    receiver.recv_timeout(LIMIT).expect("the message comes")
}

/// Counts its clones that are there.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new() -> Self {
        Counted(Arc::new(AtomicUsize::new(1)))
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::SeqCst);
        Counted(Arc::clone(&self.0))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
