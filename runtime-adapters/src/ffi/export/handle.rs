//! What C cancels by, and what the task hears of it.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::fmt;
use std::mem;
use std::task::Waker;

use crate::ffi::registry::{Key, registry};
use crate::ffi::settler::{OnPanic, contain, discard};
use crate::sync::{Arc, Mutex, lock};

registry!(EXPORTS, Arc<ExportCell>);

/// A handle to a future that was [exported](crate::ffi::export), for C to keep: a pointer that is looked up, and never followed.
///
/// It is valid until it is [freed](Self::free) or C has been called back, whichever is first; then nothing is left of it. All
/// of its methods may be called at any time, by any threads at once, also from C's function, and as often as C likes: with a
/// handle that is not valid any more, or never was, they do nothing. So the functions for C that call them may be safe.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[must_use = "it is for C, to cancel and to free"]
#[repr(transparent)]
pub struct Export(*mut c_void);

// SAFETY: The pointer is a key, which is looked up under a lock.
unsafe impl Send for Export {}
// SAFETY: As above.
unsafe impl Sync for Export {}

impl Export {
    /// A handle, and what the task has of it.
    pub(super) fn new() -> (Self, Arc<ExportCell>) {
        let shared = Arc::new(ExportCell {
            key: EXPORTS.vacant_key(),
            stage: Mutex::new(ExportStage::Running(None)),
        });
        EXPORTS.insert(shared.key, Arc::clone(&shared));
        (Export(shared.key.into_user_data()), shared)
    }

    /// Cancels the future: it is dropped, by what runs it, and C is called with [`Cancelled`](crate::ffi::ExportStatus::Cancelled), even
    /// if the future should end at the same moment. `true` says that this is so.
    ///
    /// `false` says that the handle is not valid, or that it was cancelled before: what C has been called with, or will be,
    /// stays as it is.
    ///
    /// This does not wait for the call, nor does it make it. A future that is polled at the time goes on until its poll is
    /// over.
    #[must_use = "it says whether C is called with `Cancelled`"]
    pub fn cancel(self) -> bool {
        self.key()
            .and_then(|key| EXPORTS.get_if(key, |_| true))
            .is_some_and(|shared| shared.cancel())
    }

    /// Gives the handle up, as C must if it is not to wait for the call. The future goes on, and so does C's user data: C is
    /// called back in any case. To free is not to [cancel](Self::cancel), which is done before, if at all.
    pub fn free(self) {
        let freed = self.key().and_then(|key| EXPORTS.remove(key));
        unwind_nowhere(|| drop(freed));
    }

    /// The handle as a pointer, for C declarations that have a `void *`.
    #[must_use]
    pub fn into_raw(self) -> *mut c_void {
        self.0
    }

    /// The handle that [`into_raw`](Self::into_raw) has made a pointer of. Any other pointer, null as well, is a handle that
    /// is not valid.
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

/// What the task and the handle share.
pub(super) struct ExportCell {
    key: Key,
    stage: Mutex<ExportStage>,
}

enum ExportStage {
    /// With the waker of its last poll.
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
        // Whoever panics does so in C's call.
        unwind_nowhere(|| {
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        true
    }

    /// Whether it goes on, after it has been cancelled or not. The waker is kept.
    pub(super) fn goes_on(&self, waker: &Waker) -> bool {
        let mut stage = lock(&self.stage);
        match &mut *stage {
            ExportStage::Running(Some(kept)) if kept.will_wake(waker) => true,
            ExportStage::Running(_) => {
                drop(stage);
                // Wakers are another's code, which does not run under the lock.
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

    /// C is about to be called. Whether it had been cancelled before.
    pub(super) fn end(&self) -> bool {
        let stage = mem::replace(&mut *lock(&self.stage), ExportStage::Over);
        let is_cancelled = matches!(stage, ExportStage::Cancelled);
        let removed = EXPORTS.remove(self.key);
        unwind_nowhere(|| drop((stage, removed)));
        is_cancelled
    }
}

/// Runs code of others, such as a waker's, where a panic would be in C's way. The panic hook has told of it.
fn unwind_nowhere(run: impl FnOnce()) {
    contain(OnPanic::Reject, run).unwrap_or_else(discard);
}
