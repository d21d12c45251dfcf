//! Turns functions that take a callback last into functions that return a future.

use super::from_callback::from_callback;
use super::future::CallbackFuture;
use super::resolver::Resolver;

/// A function whose last parameter is a [`Resolver`], after up to six others. `Args` are its parameters.
///
/// It is node's `util.promisify` and Q's `nfbind`, except that you write the code that adapts the foreign callback to
/// the resolver, and that it is typed.
///
/// ```
/// use conjoin_adapters::{Promisify, Resolver};
///
/// fn read(path: &str, offset: usize, done: impl FnOnce(Option<String>, Option<Vec<u8>>)) {
///     if offset == 0 { done(None, Some(path.into())) } else { done(Some("past the end".into()), None) }
/// }
///
/// let read = (|path: &'static str, offset: usize, done: Resolver<_, _>| {
///     read(path, offset, |error, bytes| done.node(error, bytes));
/// }).promisify();
///
/// # futures::executor::block_on(async {
/// assert_eq!(read("a.txt", 0).await.unwrap(), b"a.txt");
/// assert_eq!(read("a.txt", 9).await.unwrap_err().to_string(), "past the end");
/// # });
/// ```
pub trait Promisify<Args> {
    /// The same function without the last parameter, returning a [`CallbackFuture`]: a function of `A`, `B` and
    /// `Resolver<T, E>` becomes an `impl Fn(A, B) -> CallbackFuture<T, E>`. A trait cannot say that for any number of
    /// parameters, hence the `impl Sized`; the implementations do.
    ///
    /// The function is called at once, not at the first poll.
    fn promisify(self) -> impl Sized;
}

macro_rules! promisify {
    ($($Arg:ident)*) => {
        impl<$($Arg,)* T, E, R, F> Promisify<($($Arg,)* Resolver<T, E>,)> for F
        where
            F: Fn($($Arg,)* Resolver<T, E>) -> R,
        {
            // The trait cannot say this. Each implementation refines it.
            #[allow(refining_impl_trait, non_snake_case)]
            fn promisify(self) -> impl Fn($($Arg),*) -> CallbackFuture<T, E> {
                move |$($Arg),*| from_callback(|resolver| self($($Arg,)* resolver))
            }
        }
    };
}

promisify!();
promisify!(A);
promisify!(A B);
promisify!(A B C);
promisify!(A B C D);
promisify!(A B C D G);
promisify!(A B C D G H);
