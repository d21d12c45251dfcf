//! C callbacks as futures, and futures that call C back.
//!
//! A C library takes a function pointer and a `void *`, the user data, which it passes back to the function. This
//! module makes both from a closure, and a future that settles with what the closure returns. Libraries differ in who
//! owns the user data:
//!
//! | | the library | user data | C calls twice, or late | C never calls |
//! | --- | --- | --- | --- | --- |
//! | [`once`] | calls exactly once | a pointer, freed by the call | **undefined behaviour** | leaks; see [`abandon`] |
//! | [`with_destroy`] | calls any number of times, then destroys the user data | a key, until it is destroyed | fine | [`Dropped`] when destroyed |
//! | [`keyed`] | may do anything | a key, until the first call or the future's end | fine | nothing leaks |
//!
//! A key is a number that looks like a pointer. It is looked up (under one of sixteen locks, in tens of nanoseconds)
//! and never dereferenced. A library that only passes the user data back cannot tell the difference.
//!
//! # Signatures
//!
//! The closure takes the parameters of the C function, each with its type, and [`UserData`] where C has the `void *`:
//! first, last or among up to six others. The type of the function pointer follows from that, so a closure that does
//! not match the C declaration does not compile. The closure returns an [`Answer`]: `Result<T, E>` settles the future,
//! and a second value goes to C.
//!
//! The function is an `unsafe extern "C" fn`, as bindgen declares callbacks. Where C accepts null, pass
//! `Some(function)`. A declaration as a safe `extern "C" fn` would let safe code call it with anything: change it.
//!
//! ```
//! use std::ffi::{c_int, c_void};
//! use conjoin_adapters::ffi::{self, UserData};
//!
//! // `int fetch(int id, void (*done)(int status, double value, void *user), void *user);`
//! # /*
//! unsafe extern "C" {
//!     fn fetch(id: c_int, done: unsafe extern "C" fn(c_int, f64, *mut c_void), user: *mut c_void) -> c_int;
//! }
//! # */
//! # struct Portable(*mut c_void);
//! # unsafe impl Send for Portable {}
//! # unsafe fn fetch(id: c_int, done: unsafe extern "C" fn(c_int, f64, *mut c_void), user: *mut c_void) -> c_int {
//! #     let user = Portable(user);
//! #     std::thread::spawn(move || { let user = user; unsafe { done(0, f64::from(id) * 1.5, user.0) } });
//! #     0
//! # }
//!
//! # futures::executor::block_on(async {
//! let (call, value) = ffi::once(|status: c_int, value: f64, _: UserData| if status == 0 { Ok(value) } else { Err(status) });
//! let registered = call.register(|done, user| {
//!     // SAFETY: Unless it returns an error, `fetch` calls exactly once.
//!     match unsafe { fetch(7, done, user) } {
//!         0 => Ok(()),
//!         error => Err(error),
//!     }
//! });
//! # registered.unwrap();
//! assert_eq!(value.await, Ok(10.5));
//! # });
//! ```
//!
//! # Futures for C
//!
//! [`export`] calls a C caller back with the output of a Rust future. It returns an [`Export`], with which C cancels.
//!
//! # Safety
//!
//! Making the pair is safe. Calling the function is unsafe, and C does that. So the `unsafe` block that calls the C
//! function with the pair takes on the obligations, which `into_raw` and `register` of each handle list. The `unsafe`
//! functions here are [`abandon`], and [`export`], which calls a C function. Closures are `Send + 'static`, because
//! nothing says on which threads C calls, and `Sync` where C may call on several at once.
//!
//! # Panics
//!
//! No panic crosses into C, from the closure, a waker, or the drop of what they hold. [`OnPanic`] decides what happens
//! to it. A panic after the future has settled reaches only the panic hook, except with [`OnPanic::Abort`]. C gets the
//! answer's [`fallback`](Answer::fallback).
//!
//! # Lent buffers
//!
//! C may write into a buffer until it calls, even long after the future was dropped. So the user data owns the buffer,
//! not the future: pass it in ([`once_lending`], [`keyed_lending`]), and the closure, which always runs, gets it back.
//!
//! [`Dropped`]: crate::CallbackError::Dropped
#![warn(clippy::undocumented_unsafe_blocks)]

mod answer;
mod export;
mod future;
mod keyed;
mod lent;
mod once;
mod options;
mod outcome;
mod registry;
mod settler;
mod signature;
mod with_destroy;

pub use answer::{Answer, FinalAnswer};
pub use export::{Export, ExportFunction, ExportStatus, ExportTask, export, export_on};
pub use future::{AnswerFuture, ForeignFuture};
pub use keyed::Keyed;
pub use once::{Once, abandon};
pub use settler::OnPanic;
pub use signature::{CallbackFn, CallbackFnOnce, Signature, UserData};
pub use with_destroy::{DestroyFunction, WithDestroy};

use settler::AnswerSettler;

use crate::callback::CallbackFuture;

/// A callback for a library that calls exactly once, on any thread, and the future of its answer. See the
/// [module](self) for an example.
///
/// It is the cheapest kind: the user data points to the closure, and the call frees it. In exchange, it trusts the
/// library: see the safety section of [`Once::into_raw`]. If the future is dropped first, the closure is still called,
/// and its answer goes to [`unclaimed`](Once::unclaimed).
pub fn once<F, S>(closure: F) -> (Once<F, S>, AnswerFuture<F::Answer>)
where
    F: CallbackFnOnce<S, Answer: FinalAnswer> + Send + 'static,
    S: Signature<Lent = ()>,
{
    once_lending((), closure)
}

/// As [`once`], with a value that C uses until it calls, such as a buffer that it fills. The closure gets it back.
///
/// ```
/// use std::ffi::c_void;
/// use conjoin_adapters::ffi::{self, UserData};
///
/// // `void read_later(char *into, size_t length, void (*done)(ssize_t, void *), void *user);`
/// # /*
/// unsafe extern "C" {
///     fn read_later(into: *mut u8, length: usize, done: unsafe extern "C" fn(isize, *mut c_void), user: *mut c_void);
/// }
/// # */
/// # struct Portable(*mut u8, *mut c_void);
/// # unsafe impl Send for Portable {}
/// # unsafe fn read_later(into: *mut u8, length: usize, done: unsafe extern "C" fn(isize, *mut c_void), user: *mut c_void) {
/// #     let portable = Portable(into, user);
/// #     std::thread::spawn(move || {
/// #         let Portable(into, user) = { portable };
/// #         unsafe { into.write_bytes(7, length / 2); done((length / 2) as isize, user) }
/// #     });
/// # }
///
/// # futures::executor::block_on(async {
/// let (mut call, read) = ffi::once_lending(vec![0; 8], |count: isize, buffer: UserData<Vec<u8>>| {
///     let mut buffer = buffer.into_lent();
///     buffer.truncate(usize::try_from(count).map_err(|_| count)?);
///     Ok::<_, isize>(buffer)
/// });
/// let buffer = call.lent();
/// let (into, length) = (buffer.as_mut_ptr(), buffer.len());
/// let (done, user) = call.into_raw();
/// // SAFETY: `read_later` calls exactly once, after it has written its last byte.
/// unsafe { read_later(into, length, done, user) };
/// assert_eq!(read.await, Ok(vec![7; 4]));
/// # });
/// ```
pub fn once_lending<L, F, S>(lent: L, closure: F) -> (Once<F, S>, AnswerFuture<F::Answer>)
where
    F: CallbackFnOnce<S, Answer: FinalAnswer> + Send + 'static,
    S: Signature<Lent = L>,
{
    let (settler, future) = AnswerSettler::new();
    (Once::new(closure, settler, lent), future)
}

/// A callback for a library that calls any number of times, on any threads at once, until it destroys its user data.
///
/// The closure is a `Fn`. Its first answer settles the future, and later ones are dropped. `None` does not settle it.
/// If the library destroys the user data before an answer, the future fails with
/// [`Dropped`](crate::CallbackError::Dropped).
///
/// The destroy function may run while calls run or begin, and inside of one. The closure is dropped once the function
/// was called and no call runs. Later calls do nothing.
///
/// For a library without a destroy function, call it yourself after you have unregistered.
///
/// ```
/// use std::ffi::{c_int, c_void};
/// use std::sync::Mutex;
/// use conjoin_adapters::ffi::{self, UserData};
///
/// // `void each_row(int (*row)(void *user, int value), void *user, void (*destroy)(void *user));`
/// # /*
/// unsafe extern "C" {
///     fn each_row(
///         row: unsafe extern "C" fn(*mut c_void, c_int) -> c_int,
///         user: *mut c_void,
///         destroy: extern "C" fn(*mut c_void),
///     );
/// }
/// # */
/// # struct Portable(*mut c_void);
/// # unsafe impl Send for Portable {}
/// # unsafe fn each_row(
/// #     row: unsafe extern "C" fn(*mut c_void, c_int) -> c_int,
/// #     user: *mut c_void,
/// #     destroy: extern "C" fn(*mut c_void),
/// # ) {
/// #     let user = Portable(user);
/// #     std::thread::spawn(move || {
/// #         let user = user;
/// #         for value in [1, 2, 3, -1] { unsafe { row(user.0, value) }; }
/// #         destroy(user.0);
/// #     });
/// # }
///
/// # futures::executor::block_on(async {
/// let rows = Mutex::new(Vec::new());
/// let (call, all) = ffi::with_destroy(move |_: UserData, value: c_int| -> (Option<Result<Vec<c_int>, ()>>, c_int) {
///     let mut rows = rows.lock().unwrap();
///     if value < 0 {
///         return (Some(Ok(std::mem::take(&mut *rows))), 0);
///     }
///     rows.push(value);
///     (None, 0)
/// });
/// let (row, user, destroy) = call.into_raw();
/// // SAFETY: The closure relies on nothing but the types.
/// unsafe { each_row(row, user, destroy) };
/// assert_eq!(all.await, Ok(vec![1, 2, 3]));
/// # });
/// ```
pub fn with_destroy<F, S>(closure: F) -> (WithDestroy<F, S>, AnswerFuture<F::Answer>)
where
    F: CallbackFn<S> + Send + Sync + 'static,
    S: Signature<Lent = ()>,
{
    let (settler, future) = AnswerSettler::new();
    let (resolver, destroyed) = CallbackFuture::open();
    (
        WithDestroy::new(closure, settler, resolver),
        future.until_destroyed(destroyed),
    )
}

/// A callback for a library that may do anything: the first call counts, and later ones do nothing, even after the end
/// of the future.
///
/// When the future is dropped or its deadline passes, the closure is dropped at once and never called. Nothing is left
/// that C would have to free. Use it for the many C interfaces whose callback may come late, or not at all, after a
/// cancellation.
///
/// ```
/// use std::ffi::{c_int, c_void};
/// use conjoin_adapters::ffi::{self, UserData};
///
/// # futures::executor::block_on(async {
/// let (call, value) = ffi::keyed(|value: c_int, _: UserData| -> Result<c_int, ()> { Ok(value) });
/// let (function, key) = call.into_raw();
/// # struct Portable(*mut c_void);
/// # unsafe impl Send for Portable {}
/// # let key = Portable(key);
/// # let library = std::thread::spawn(move || {
/// # let key = { key }.0;
/// // What a careless library does:
/// // SAFETY: The closure relies on nothing but the types.
/// unsafe {
///     function(1, key);
///     function(2, key);
/// }
/// # });
/// assert_eq!(value.await, Ok(1));
/// # library.join().unwrap();
/// # });
/// ```
pub fn keyed<F, S>(closure: F) -> (Keyed<F, S>, AnswerFuture<F::Answer>)
where
    F: CallbackFnOnce<S, Answer: FinalAnswer> + Send + 'static,
    S: Signature<Lent = ()>,
{
    let (settler, future) = AnswerSettler::new();
    (Keyed::new(closure, settler, (), false), future)
}

/// As [`keyed`], with a value that C uses until it calls. C may write to it at any time until then, so it is kept, with
/// the closure, until the first call, even if the future is dropped. If C never calls, it leaks.
pub fn keyed_lending<L, F, S>(lent: L, closure: F) -> (Keyed<F, S>, AnswerFuture<F::Answer>)
where
    F: CallbackFnOnce<S, Answer: FinalAnswer> + Send + 'static,
    S: Signature<Lent = L>,
{
    let (settler, future) = AnswerSettler::new();
    (Keyed::new(closure, settler, lent, true), future)
}
