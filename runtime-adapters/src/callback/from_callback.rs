//! Futures of functions that call back.

use super::future::{CallbackFuture, LocalCallbackFuture};
use super::resolver::{LocalResolver, Resolver};

/// Calls `register` at once with the [`Resolver`] of a new future, which is returned.
///
/// `register` hands the resolver on to whatever calls back: as [`callback`](Resolver::callback), as a
/// [`pair`](Resolver::pair) of callbacks, or in a closure of its own. The future resolves to what the callback brings,
/// or to the [`CallbackError`](super::CallbackError) that says why nothing will come: a callback that is dropped uncalled is an error, not a
/// wait for ever.
///
/// ```
/// use conjoin_adapters::from_callback;
///
/// /// What people call a legacy API.
/// fn query(sql: &str, done: impl FnOnce(Result<usize, String>) + Send + 'static) {
///     let rows = sql.len();
///     std::thread::spawn(move || done(Ok(rows)));
/// }
///
/// # futures::executor::block_on(async {
/// let rows = from_callback(|done| query("SELECT 1", done.callback())).await?;
/// assert_eq!(rows, 8);
/// # Ok::<_, conjoin_adapters::CallbackError<String>>(()) }).unwrap();
/// ```
///
/// Where there is no error for the callback to bring, nothing says what `E` is: name it, as in
/// `from_callback::<_, Infallible, _>(…)`.
///
/// A panic in `register` is the future's error, [`Panicked`](super::CallbackError::Panicked), unless the callback was called
/// before, as a throw rejects a promise in JavaScript.
///
/// What `register` returns is dropped at once. A guard that keeps the callback registered is to be kept elsewhere, such
/// as in a variable outside: `from_callback(|done| guard = Some(register(done.callback())))`.
pub fn from_callback<T, E, R>(register: impl FnOnce(Resolver<T, E>) -> R) -> CallbackFuture<T, E> {
    CallbackFuture::registered(register)
}

/// [`from_callback`], for code that is bound to its thread, as that of a user interface is: nothing needs to be `Send` (but for what
/// [`lost_when`](CallbackFuture::lost_when) waits for), the hooks
/// of [`on_cancel`](Resolver::on_cancel) neither, and the resolver and the future are not.
///
/// ```
/// use std::cell::RefCell;
/// use std::rc::Rc;
///
/// use conjoin_adapters::from_local_callback;
///
/// let listener = Rc::new(RefCell::new(None));
/// let clicked = from_local_callback(|done| {
///     let registered = Rc::clone(&listener);
///     done.on_cancel(move || drop(registered.take()));
///     *listener.borrow_mut() = Some(done);
/// });
///
/// listener.take().unwrap().resolve("a click").unwrap();
/// assert_eq!(futures::executor::block_on(clicked), Ok::<_, conjoin_adapters::CallbackError<()>>("a click"));
/// ```
pub fn from_local_callback<T, E, R>(
    register: impl FnOnce(LocalResolver<T, E>) -> R,
) -> LocalCallbackFuture<T, E> {
    CallbackFuture::registered(register)
}
