//! The handle with which C cancels, and the state that the task reads.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::fmt;
use std::mem;
use std::task::Waker;

use crate::ffi::registry::{Key, registry};
use crate::ffi::settler::{OnPanic, contain, discard};
use crate::sync::{Arc, Mutex, lock};

registry!(EXPORTS, Arc<ExportCell>);

/// A handle to an [exported](crate::ffi::export) future, for C to keep: a pointer that is looked up, and never
/// dereferenced.
///
/// It is valid until it is [freed](Self::free) or C is called back. Then nothing of it is left. Its methods may be
/// called at any time, on any threads at once, from C's function, and repeatedly. On an invalid handle they do nothing,
/// so the functions for C that call them can be safe.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[must_use = "C needs the handle to cancel and to free"]
#[repr(transparent)]
pub struct Export(*mut c_void);

// SAFETY: The pointer is a key, which is looked up under a lock.
unsafe impl Send for Export {}
// SAFETY: As above.
unsafe impl Sync for Export {}

impl Export {
    /// A handle, and the task's part.
    pub(super) fn new() -> (Self, Arc<ExportCell>) {
        let shared = Arc::new(ExportCell {
            key: EXPORTS.vacant_key(),
            stage: Mutex::new(ExportStage::Running(None)),
        });
        EXPORTS.insert(shared.key, Arc::clone(&shared));
        (Export(shared.key.into_user_data()), shared)
    }

    /// Cancels the future: its runtime drops it, and C is called with
    /// [`Cancelled`](crate::ffi::ExportStatus::Cancelled), even if the future ends at the same moment. Returns `true`
    /// if so.
    ///
    /// `false` means that the handle is invalid or was cancelled before. What C is called with stays the same.
    ///
    /// It neither waits for the call nor makes it. A running poll of the future continues to its end.
    #[must_use = "says whether C is called with `Cancelled`"]
    pub fn cancel(self) -> bool {
        self.key()
            .and_then(|key| EXPORTS.get_if(key, |_| true))
            .is_some_and(|shared| shared.cancel())
    }

    /// Frees the handle. C does this if it does not wait for the call. The future continues, and C is still called
    /// back. To stop it, [cancel](Self::cancel) first.
    pub fn free(self) {
        let freed = self.key().and_then(|key| EXPORTS.remove(key));
        unwind_nowhere(|| drop(freed));
    }

    /// The handle as a pointer, for C declarations that have a `void *`.
    #[must_use]
    pub fn into_raw(self) -> *mut c_void {
        self.0
    }

    /// The handle of a pointer from [`into_raw`](Self::into_raw). Any other pointer, also null, is an invalid handle.
    pub fn from_raw(pointer: *mut c_void) -> Self {
        Export(pointer)
    }

    fn key(self) -> Option<Key> {
        Key::from_user_data(self.0)
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Export").field(&self.0).finish()
    }
}

/// The state that the task and the handle share.
pub(super) struct ExportCell {
    key: Key,
    stage: Mutex<ExportStage>,
}

enum ExportStage {
    /// Holds the waker of the last poll.
    Running(Option<Waker>),
    Cancelled,
    Over,
}

impl ExportCell {
    fn cancel(&self) -> bool {
        let mut stage = lock(&self.stage);
        let ExportStage::Running(waker) = &mut *stage else {
            return false;
        };
        let waker = waker.take();
        *stage = ExportStage::Cancelled;
        drop(stage);
        // Panics must not reach C's call.
        unwind_nowhere(|| {
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        true
    }

    /// Whether the future is still running. Stores the waker.
    pub(super) fn goes_on(&self, waker: &Waker) -> bool {
        let mut stage = lock(&self.stage);
        match &mut *stage {
            ExportStage::Running(Some(kept)) if kept.will_wake(waker) => true,
            ExportStage::Running(_) => {
                drop(stage);
                // Wakers are foreign code, which must not run under the lock.
                let mut waker = Some(waker.clone());
                let mut stage = lock(&self.stage);
                let is_running = match &mut *stage {
                    ExportStage::Running(kept) => {
                        mem::swap(kept, &mut waker);
                        true
                    }
                    ExportStage::Cancelled | ExportStage::Over => false,
                };
                drop(stage);
                drop(waker);
                is_running
            }
            ExportStage::Cancelled | ExportStage::Over => false,
        }
    }

    /// C is about to be called. Returns whether it was cancelled.
    pub(super) fn end(&self) -> bool {
        let stage = mem::replace(&mut *lock(&self.stage), ExportStage::Over);
        let is_cancelled = matches!(stage, ExportStage::Cancelled);
        let removed = EXPORTS.remove(self.key);
        unwind_nowhere(|| drop((stage, removed)));
        is_cancelled
    }
}

/// Catches the panics of foreign code, such as wakers, before they reach C. The panic hook has reported them.
fn unwind_nowhere(run: impl FnOnce()) {
    contain(OnPanic::Reject, run).unwrap_or_else(discard);
}
