//! C callbacks as futures, and futures that call C back.
//!
//! A C library takes a function pointer and a `void *` that it hands back to the function: the user data. This module makes
//! both from a closure, and a future that is settled by what the closure returns. What differs from library to library is
//! who owns the user data:
//!
//! | | the library | user data | C calls twice, or late | C never calls |
//! | --- | --- | --- | --- | --- |
//! | [`once`] | calls exactly once | a pointer, freed by the call | **undefined** | it leaks; [`abandon`] |
//! | [`with_destroy`] | calls as often as it likes, then destroys the user data | a key, until it is destroyed | fine | [`Dropped`] when destroyed |
//! | [`keyed`] | may do anything | a key, until the first call or the future's end | fine | nothing is left behind |
//!
//! A key is a number that looks like a pointer: it is looked up (under one of sixteen locks, in tens of nanoseconds) and never
//! followed. Libraries that use the user data for nothing but handing it back, as they should, cannot tell the difference.
//!
//! # Signatures
//!
//! The closure has the parameters of the C function, each with its type, and [`UserData`] where C has the `void *`: first, last
//! or among up to six others. The type of the function pointer follows from that, so that a closure that does not fit the
//! declaration of the C function does not compile. What it returns is an [`Answer`]: `Result<T, E>` settles the future, beside
//! it there may be a value for C.
//!
//! The function is `unsafe extern "C" fn`, as bindgen declares callbacks; where it is optional, give `Some(function)`. A declaration
//! as a safe `extern "C" fn` lets safe code call it with anything, and is to be changed.
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
//! # The way out
//!
//! For a C caller that is to be called back with what a future of Rust brings, there is [`export`]. It returns an [`Export`], by
//! which C cancels.
//!
//! # What is safe here, and what is not
//!
//! Making the pair is safe; calling the function is not, and it is C that does: so the obligations, which are with `into_raw` and
//! `register` of each handle, are taken on in the `unsafe` block that calls the C function which gets the pair.
//! The `unsafe` functions here are [`abandon`], and [`export`], which calls a function of C's. Closures are `Send + 'static`, and `Sync` where C may call on several threads
//! at once, since nothing says on which threads C calls.
//!
//! # Panics
//!
//! None crosses into C, whether it comes from the closure, from a waker, or from the drop of what either holds. [`OnPanic`] says
//! what becomes of it; one that comes when the future is settled already goes nowhere but to the panic hook, except with
//! [`OnPanic::Abort`]. C gets the answer's [`fallback`](Answer::fallback).
//!
//! # Lent buffers
//!
//! C may write into a buffer until it calls, also when the future was dropped long before. So the buffer does not belong to the
//! future, but to the user data: it is passed in ([`once_lending`], [`keyed_lending`]) and comes back to the closure, which
//! is called in any case.
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

/// A callback for a library that calls exactly once, on whatever thread, and the future of what the closure makes of it. See
/// the [module](self) for an example.
///
/// It is the cheapest: the user data points to the closure, and the call frees it. In exchange, the library is trusted: see
/// the safety section of [`Once::into_raw`]. When the future is dropped before, the closure is still called, and what it
/// returns goes to [`unclaimed`](Once::unclaimed).
pub fn once<F, S>(closure: F) -> (Once<F, S>, AnswerFuture<F::Answer>)
where
    F: CallbackFnOnce<S, Answer: FinalAnswer> + Send + 'static,
    S: Signature<Lent = ()>,
{
    once_lending((), closure)
}

/// As [`once`], with something that C works on until it calls, such as a buffer that it fills. The closure gets it back.
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

/// A callback for a library that calls as often as it likes, on any threads at once, until it destroys its user data.
///
/// The closure is a `Fn`, and settles the future once: what it answers after that is dropped. An answer of `None` does not settle.
/// When the library destroys the user data before there was an answer, the future fails with
/// [`Dropped`](crate::CallbackError::Dropped).
///
/// The destroy function may be called while calls run, also from within one, and calls may begin while it runs: the closure
/// is dropped when it has been called and no call runs. Calls after that do nothing.
///
/// A library without a destroy function of its own is served just as well: call it yourself when you have unregistered.
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

/// A callback for a library that nothing is certain about: the first call counts, and all later ones do nothing, also after
/// the end of the future.
///
/// When the future is dropped or its deadline is over, the closure is dropped at once, and never called: nothing is left behind
/// that C would have to free. There are many C interfaces whose callback may come late or not at all after a cancellation.
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

/// As [`keyed`], with something that C works on until it calls. As C may write to it at any time until then, it is kept, and
/// the closure with it, until the first call, whatever becomes of the future: if C never calls, it leaks.
pub fn keyed_lending<L, F, S>(lent: L, closure: F) -> (Keyed<F, S>, AnswerFuture<F::Answer>)
where
    F: CallbackFnOnce<S, Answer: FinalAnswer> + Send + 'static,
    S: Signature<Lent = L>,
{
    let (settler, future) = AnswerSettler::new();
    (Keyed::new(closure, settler, lent, true), future)
}
