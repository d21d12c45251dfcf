//! Futures of functions that call back.

use super::future::{CallbackFuture, LocalCallbackFuture};
use super::resolver::{LocalResolver, Resolver};

/// Calls `register` at once with the [`Resolver`] of a new future, which is returned.
///
/// `register` passes the resolver to the code that calls back: as a [`callback`](Resolver::callback), as a
/// [`pair`](Resolver::pair) of callbacks, or in a closure of your own. The future resolves to the value of the
/// callback, or to the [`CallbackError`](super::CallbackError) that says why none will come. A callback that is dropped
/// uncalled is an error, not an endless wait.
///
/// ```
/// use conjoin_adapters::from_callback;
///
/// /// A legacy API.
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
/// If the callback has no error, name `E`, as in `from_callback::<_, Infallible, _>(…)`.
///
/// A panic in `register` fails the future with [`Panicked`](super::CallbackError::Panicked), unless the callback was
/// called before, as a `throw` rejects a promise in JavaScript.
///
/// The return value of `register` is dropped at once. If a guard keeps the callback registered, store it elsewhere,
/// such as in a variable: `from_callback(|done| guard = Some(register(done.callback())))`.
pub fn from_callback<T, E, R>(register: impl FnOnce(Resolver<T, E>) -> R) -> CallbackFuture<T, E> {
    CallbackFuture::registered(register)
}

/// [`from_callback`] for code that stays on its thread, such as a user interface. Nothing has to be `Send`, including
/// the hooks of [`on_cancel`](Resolver::on_cancel), but for the future of [`lost_when`](CallbackFuture::lost_when). The
/// resolver and the future are not `Send` either.
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
