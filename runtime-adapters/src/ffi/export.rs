//! Futures that call C back: the way out.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::fmt;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::{Pin, pin};
use std::ptr;
use std::task::{Poll, Waker};

use tokio::runtime::Handle;

use super::OnPanic;
use super::registry::{Key, registry};
use super::settler::{contain, discard};
use crate::callback::{Aborted, IntoCallback};
use crate::panic::call_both;
use crate::sync::{Arc, Mutex, lock};

registry!(EXPORTS, Arc<Shared>);

/// How a future that was [exported](export) has ended. In C it is an `int32_t`, or an `enum` with these numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum ExportStatus {
    /// With a value, which is not null.
    Done = 0,
    /// C has [cancelled](Export::cancel) it.
    Cancelled = 1,
    /// What ran it has dropped it before its end: a runtime that has shut down, for example.
    Aborted = 2,
    /// It has panicked. The panic hook has told of it.
    Panicked = 3,
}

/// What C is called back with: how the future has ended, its value, and the user data. In C:
///
/// ```c
/// void done(int32_t status, T *value, void *user);
/// ```
///
/// The value is C's until the function returns, to read and to change. Then Rust drops it. It is null unless the status is
/// [`Done`](ExportStatus::Done).
pub type ExportFunction<T> = unsafe extern "C" fn(ExportStatus, *mut T, *mut c_void);

/// What runs an exported future. See [`export_on`].
pub type ExportTask = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs a future, and calls C back when it has ended: exactly once, also when it panics, is cancelled, or is dropped by what
/// runs it. It is [`into_callback`](crate::IntoCallback::into_callback) for C.
///
/// The future runs on the tokio runtime in which this is called; enter it where C calls, by
/// [`Handle::enter`](tokio::runtime::Handle::enter). For another executor, see [`export_on`].
///
/// The handle that is returned is for C, to cancel and to free, by functions of yours that call [`Export::cancel`] and
/// [`Export::free`]:
///
/// ```c
/// typedef struct square *square;
/// square square_later(int number, void (*done)(int32_t status, int64_t *value, void *user), void *user);
/// bool square_cancel(square);
/// void square_free(square);
/// ```
///
/// ```
/// use std::ffi::{c_int, c_void};
/// use std::sync::LazyLock;
/// use std::time::Duration;
///
/// use conjoin_adapters::ffi::{self, Export, ExportFunction};
/// use tokio::runtime::Runtime;
///
/// static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("threads can be started"));
///
/// /// # Safety
/// ///
/// /// See `ffi::export`.
/// #[unsafe(no_mangle)]
/// unsafe extern "C" fn square_later(number: c_int, done: ExportFunction<i64>, user: *mut c_void) -> Export {
///     let _entered = RUNTIME.enter();
///     let square = async move {
///         tokio::time::sleep(Duration::from_millis(10)).await;
///         i64::from(number).pow(2)
///     };
///     // SAFETY: The caller grants it.
///     unsafe { ffi::export(square, done, user) }
/// }
///
/// #[unsafe(no_mangle)]
/// extern "C" fn square_cancel(square: Export) -> bool {
///     square.cancel()
/// }
///
/// #[unsafe(no_mangle)]
/// extern "C" fn square_free(square: Export) {
///     square.free();
/// }
///
/// // What C does:
/// # use std::sync::mpsc::{Sender, channel};
/// # use conjoin_adapters::ffi::ExportStatus;
/// type Sent = (ExportStatus, Option<i64>);
///
/// unsafe extern "C" fn done(status: ExportStatus, value: *mut i64, user: *mut c_void) {
///     // SAFETY: The user data is that of below, and this is called once.
///     let sender = unsafe { Box::from_raw(user.cast::<Sender<Sent>>()) };
///     // SAFETY: The value is there during this call, or null.
///     sender.send((status, unsafe { value.as_ref() }.copied())).unwrap();
/// }
///
/// let (sender, receiver) = channel::<Sent>();
/// // SAFETY: `done` fits the value and the user data, which may go to another thread.
/// let square = unsafe { square_later(7, done, Box::into_raw(Box::new(sender)).cast()) };
/// assert_eq!(receiver.recv(), Ok((ExportStatus::Done, Some(49))));
/// // It is over. Nothing happens, and nothing bad.
/// assert!(!square_cancel(square));
/// square_free(square);
/// ```
///
/// # When and where C is called
///
/// - On the thread that ends the future: one of the runtime's that polls it or shuts down, with all that the future held
///   dropped before. [`cancel`](Export::cancel) and [`free`](Export::free) never call, so that C may hold locks there that
///   its function takes.
/// - It may be before this function returns, on another thread; on a runtime that has shut down, on this one.
/// - The call is the last thing that is done with the user data: there, C may free it.
/// - A function that blocks holds up a thread of the runtime.
///
/// # Values
///
/// The value is the future's output, of any type; one that C looks into is `#[repr(C)]`, or a number or pointer. A `Result`
/// becomes a struct with a code, by an `async` block around the future. It is dropped after the call. What C is to keep
/// goes into an `Option<Box<T>>`, which is a `T **` in C: C takes the pointer, writes null in its place, and gives it back to
/// a function of yours later.
///
/// # Panics
///
/// When it is called outside of a tokio runtime: then C is not called. A panic of the future, or of a drop in it or its
/// value, goes on to what runs it after the call, as a task's; none reaches C.
///
/// # Safety
///
/// - `function` may be called once, on any thread, with `user_data` and a pointer to a value of the future's output, or null.
///   It does not unwind.
/// - `user_data` may be used on the thread on which that is, and until then.
#[track_caller]
pub unsafe fn export<F>(
    future: F,
    function: ExportFunction<F::Output>,
    user_data: *mut c_void,
) -> Export
where
    F: Future + Send + 'static,
{
    let runtime = Handle::try_current()
        .expect("a future is exported outside of a tokio runtime: enter one, or use `export_on`");
    // SAFETY: The caller grants it.
    unsafe { export_on(|task| runtime.spawn(task), future, function, user_data) }
}

/// [`export`], with a function that hands the task to the executor of your choice. What it returns is dropped: where that
/// would cancel the task, detach it.
///
/// ```
/// # use std::ffi::c_void;
/// use std::sync::atomic::{AtomicI32, Ordering};
///
/// use conjoin_adapters::ffi::{self, ExportStatus};
/// use futures::task::LocalSpawnExt;
///
/// unsafe extern "C" fn done(_: ExportStatus, value: *mut i32, user: *mut c_void) {
///     // SAFETY: They are those of below.
///     let (value, sum) = unsafe { (value.as_ref(), &*user.cast::<AtomicI32>()) };
///     sum.fetch_add(value.copied().unwrap_or(-1), Ordering::Relaxed);
/// }
///
/// let sum = AtomicI32::new(0);
/// let user = (&raw const sum).cast_mut().cast::<c_void>();
/// let mut executor = futures::executor::LocalPool::new();
/// let spawner = executor.spawner();
/// // SAFETY: `done` fits the value and the user data, and the sum is there until the executor is done.
/// let export = unsafe { ffi::export_on(|task| spawner.spawn_local(task), async { 7 }, done, user) };
/// executor.run();
/// assert_eq!(sum.load(Ordering::Relaxed), 7);
/// export.free();
/// ```
///
/// # Panics
///
/// When `spawn` does: C has been called then, unless `spawn` has kept the task.
///
/// # Safety
///
/// As [`export`]. A task that is leaked never calls.
pub unsafe fn export_on<F, R>(
    spawn: impl FnOnce(ExportTask) -> R,
    future: F,
    function: ExportFunction<F::Output>,
    user_data: *mut c_void,
) -> Export
where
    F: Future + Send + 'static,
{
    let shared = Arc::new(Shared {
        key: EXPORTS.vacant_key(),
        stage: Mutex::new(Stage::Running(None)),
    });
    let key = shared.key;
    // Before the task is there, which takes it out.
    EXPORTS.insert(key, Arc::clone(&shared));
    let caller = Caller {
        function,
        user_data,
    };
    let cancellable = {
        let shared = Arc::clone(&shared);
        async move {
            let mut future = pin!(future);
            poll_fn(|cx| {
                if shared.goes_on(cx.waker()) {
                    future.as_mut().poll(cx).map(Some)
                } else {
                    Poll::Ready(None)
                }
            })
            .await
        }
    };
    let _ = cancellable.into_callback(
        |task| spawn(Box::pin(task)),
        move |result| {
            let is_cancelled = shared.end();
            let (unwanted, result) = match result {
                Ok(Some(value)) if is_cancelled => (Some(value), Err(ExportStatus::Cancelled)),
                Ok(Some(value)) => (None, Ok(value)),
                Err(aborted) if !is_cancelled => (None, Err(ExportStatus::of(&aborted))),
                Ok(None) | Err(_) => (None, Err(ExportStatus::Cancelled)),
            };
            // SAFETY: Who exports grants it, and `into_callback` calls once.
            let call = || unsafe { caller.call(result) };
            call_both(|| drop(unwanted), call);
        },
    );
    Export(key.into_user_data())
}

impl ExportStatus {
    fn of(aborted: &Aborted) -> Self {
        if aborted.panic().is_some() {
            ExportStatus::Panicked
        } else {
            ExportStatus::Aborted
        }
    }
}

/// A handle to a future that was [exported](export), for C to keep: a pointer that is looked up, and never followed.
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
    /// Cancels the future: it is dropped, by what runs it, and C is called with [`Cancelled`](ExportStatus::Cancelled), even
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

/// Runs code of others, such as a waker's, where a panic would be in C's way. The panic hook has told of it.
fn unwind_nowhere(run: impl FnOnce()) {
    contain(OnPanic::Reject, run).unwrap_or_else(discard);
}

/// Who to call.
struct Caller<T> {
    function: ExportFunction<T>,
    user_data: *mut c_void,
}

// SAFETY: Who exports grants that the function may be called on any thread, and that the user data may be used there.
unsafe impl<T> Send for Caller<T> {}

impl<T> Caller<T> {
    /// # Safety
    ///
    /// What [`export`] asks for holds, and it is called once.
    unsafe fn call(self, result: Result<T, ExportStatus>) {
        let (status, mut value) = match result {
            Ok(value) => (ExportStatus::Done, Some(value)),
            Err(status) => (status, None),
        };
        let pointer = value.as_mut().map_or(ptr::null_mut(), ptr::from_mut);
        // SAFETY: The caller grants it. The value is there until the function returns, and nothing else uses it.
        unsafe { (self.function)(status, pointer, self.user_data) };
    }
}

/// What the task and the handle share.
struct Shared {
    key: Key,
    stage: Mutex<Stage>,
}

enum Stage {
    /// With the waker of its last poll.
    Running(Option<Waker>),
    Cancelled,
    Over,
}

impl Shared {
    fn cancel(&self) -> bool {
        let mut stage = lock(&self.stage);
        let Stage::Running(waker) = &mut *stage else {
            return false;
        };
        let waker = waker.take();
        *stage = Stage::Cancelled;
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
    fn goes_on(&self, waker: &Waker) -> bool {
        let mut stage = lock(&self.stage);
        match &mut *stage {
            Stage::Running(Some(kept)) if kept.will_wake(waker) => true,
            Stage::Running(_) => {
                drop(stage);
                // Wakers are another's code, which does not run under the lock.
                let mut waker = Some(waker.clone());
                let mut stage = lock(&self.stage);
                let is_running = match &mut *stage {
                    Stage::Running(kept) => {
                        mem::swap(kept, &mut waker);
                        true
                    }
                    Stage::Cancelled | Stage::Over => false,
                };
                drop(stage);
                drop(waker);
                is_running
            }
            Stage::Cancelled | Stage::Over => false,
        }
    }

    /// C is about to be called. Whether it had been cancelled before.
    fn end(&self) -> bool {
        let stage = mem::replace(&mut *lock(&self.stage), Stage::Over);
        let is_cancelled = matches!(stage, Stage::Cancelled);
        let removed = EXPORTS.remove(self.key);
        unwind_nowhere(|| drop((stage, removed)));
        is_cancelled
    }
}
