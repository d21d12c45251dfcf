//! What runs around tasks.

/// An object that runs every task of a graph with `#![around(object)]`. Use it for timeouts, metrics, permits, and fakes in
/// tests.
///
/// Each task becomes `object.task("name", async { … }).await`. The object needs only a method of this name, not this trait.
///
/// ```
/// use std::cell::Cell;
///
/// use conjoin::auto;
///
/// #[derive(Default)]
/// struct Count {
///     tasks: Cell<usize>,
/// }
///
/// impl Count {
///     async fn task<T>(&self, _name: &'static str, body: impl Future<Output = T>) -> T {
///         self.tasks.set(self.tasks.get() + 1);
///         body.await
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let count = Count::default();
/// let sum = auto! {
///     #![around(count)]
///     a => 1,
///     b: [a] => a + 1,
///     => a + b,
/// }.await;
/// assert_eq!((sum, count.tasks.get()), (3, 2));
/// # });
/// ```
///
/// `T` is a `Result`. If the task cannot fail, its error is [`Never`](crate::Never). So a method that reads or creates errors
/// takes `body: impl Future<Output = Result<V, E>>` and returns a `Result<V, E>`, with bounds of its own. A method that does
/// not await `body` replaces the task. See [`auto!`](crate::auto!#around).
///
/// Implement this trait to use objects in pairs: `(a, b)` runs `b` within `a`. `auto!` brings the trait into scope.
///
/// ```
/// use conjoin::{Around, auto};
///
/// struct Log(&'static str);
///
/// impl<T> Around<T> for Log {
///     async fn task(&self, name: &'static str, body: impl Future<Output = T>) -> T {
///         println!("{} {name}", self.0);
///         body.await
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let seven = auto! {
///     #![around((Log("outside"), Log("inside")))]
///     seven => 7,
///     => seven,
/// };
/// assert_eq!(seven.await, 7);
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run a task that resolves to `{T}`",
    note = "its implementation of `Around` may have bounds that the task does not meet"
)]
pub trait Around<T> {
    /// Runs the task `name`. Its code, `body`, runs when it is awaited.
    fn task(&self, name: &'static str, body: impl Future<Output = T>) -> impl Future<Output = T>;
}

impl<T, A: Around<T> + ?Sized> Around<T> for &A {
    #[inline]
    fn task(&self, name: &'static str, body: impl Future<Output = T>) -> impl Future<Output = T> {
        (**self).task(name, body)
    }
}

/// The second runs within the first.
impl<T, A: Around<T>, B: Around<T>> Around<T> for (A, B) {
    #[inline]
    fn task(&self, name: &'static str, body: impl Future<Output = T>) -> impl Future<Output = T> {
        self.0.task(name, self.1.task(name, body))
    }
}
