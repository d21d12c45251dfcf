//! Futures that call C back.
#![allow(unsafe_code)]

mod handle;

use std::ffi::c_void;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::ptr;
use std::task::Poll;

use tokio::runtime::Handle;

pub use handle::Export;

use crate::callback::{Aborted, IntoCallback};
use crate::panic::call_both;
use crate::sync::Arc;

/// How an [exported](export) future ended. In C it is an `int32_t`, or an `enum` with these numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum ExportStatus {
    /// With a value. The pointer is not null.
    Done = 0,
    /// C has [cancelled](Export::cancel) it.
    Cancelled = 1,
    /// Its runtime dropped it early, for example at shutdown.
    Aborted = 2,
    /// It panicked. The panic hook has reported it.
    Panicked = 3,
}

/// The C callback. It gets how the future ended, its value, and the user data. In C:
///
/// ```c
/// void done(int32_t status, T *value, void *user);
/// ```
///
/// C may read and change the value until the function returns. Then Rust drops it. It is null unless the status is
/// [`Done`](ExportStatus::Done).
pub type ExportFunction<T> = unsafe extern "C" fn(ExportStatus, *mut T, *mut c_void);

/// The task of an exported future. See [`export_on`].
pub type ExportTask = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs a future, and calls C back when it has ended: exactly once, even if it panics, is cancelled, or is dropped by
/// its runtime. It is [`into_callback`](crate::IntoCallback::into_callback) for C.
///
/// The future runs on the current tokio runtime. Enter one where C calls, by
/// [`Handle::enter`](tokio::runtime::Handle::enter). For another executor, use [`export_on`].
///
/// C cancels and frees the returned handle with functions of yours that call [`Export::cancel`] and [`Export::free`]:
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
/// // It has ended, so these do nothing.
/// assert!(!square_cancel(square));
/// square_free(square);
/// ```
///
/// # When and where C is called
///
/// - C is called on the thread that ends the future: one of the runtime's that polls it or shuts down, after everything
///   that the future held was dropped. [`cancel`](Export::cancel) and [`free`](Export::free) never call, so C may hold
///   locks there that its function takes.
/// - The call may come before this function returns, on another thread; on a runtime that has shut down, on this one.
/// - The call is the last use of the user data: C may free it there.
/// - A C function that blocks holds up a thread of the runtime.
///
/// # Values
///
/// The value is the future's output, of any type. A type that C looks into is `#[repr(C)]`, a number or a pointer. For
/// a `Result`, wrap the future in an `async` block that makes a struct with a code. The value is dropped after the
/// call. To let C keep it, use an `Option<Box<T>>`, a `T **` in C: C takes the pointer, writes null in its place, and
/// returns it to a function of yours later.
///
/// # Panics
///
/// Outside of a tokio runtime: C is not called then. A panic of the future, or of a drop in it or its value, continues
/// in its task after the call. None reaches C.
///
/// # Safety
///
/// - `function` may be called once, on any thread, with `user_data` and a pointer to the future's output, or null. It
///   does not unwind.
/// - `user_data` may be used on the thread of that call, and until then.
#[track_caller]
pub unsafe fn export<F>(
    future: F,
    function: ExportFunction<F::Output>,
    user_data: *mut c_void,
) -> Export
where
    F: Future + Send + 'static,
{
    let runtime = Handle::try_current().expect(
        "a future is exported outside of a tokio runtime; help: enter one, or use `export_on`",
    );
    // SAFETY: The caller grants it.
    unsafe { export_on(|task| runtime.spawn(task), future, function, user_data) }
}

/// [`export`] with a function that passes the task to the executor of your choice. Its return value is dropped: if that
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
/// When `spawn` panics: C has been called then, unless `spawn` has kept the task.
///
/// # Safety
///
/// As [`export`]. A leaked task never calls.
pub unsafe fn export_on<F, R>(
    spawn: impl FnOnce(ExportTask) -> R,
    future: F,
    function: ExportFunction<F::Output>,
    user_data: *mut c_void,
) -> Export
where
    F: Future + Send + 'static,
{
    // Before the task exists, which removes it.
    let (export, shared) = Export::new();
    let caller = ForeignCaller {
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
    export
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

/// The C function and its user data.
struct ForeignCaller<T> {
    function: ExportFunction<T>,
    user_data: *mut c_void,
}

// SAFETY: Who exports grants that the function may be called on any thread, and that the user data may be used there.
unsafe impl<T> Send for ForeignCaller<T> {}

impl<T> ForeignCaller<T> {
    /// # Safety
    ///
    /// The conditions of [`export`] hold, and it is called once.
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
