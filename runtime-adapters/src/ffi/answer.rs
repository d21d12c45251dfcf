//! The answers of closures to calls from C.

/// The return type of a closure: a part for the future, and a part for C.
///
/// | closure returns | the future | the C function returns |
/// | --- | --- | --- |
/// | `Result<T, E>` | is settled with it | nothing, `void` |
/// | `(Result<T, E>, R)` | is settled with it | the `R` |
/// | `Option<Result<T, E>>` | is settled with what there is | nothing, `void` |
/// | `(Option<Result<T, E>>, R)` | is settled with what there is | the `R` |
///
/// If the closure panicked or is gone, C gets `R::default()`. If that means the wrong thing to the library, implement
/// this trait for a type of your own:
///
/// ```
/// use std::ffi::c_int;
/// use conjoin_adapters::ffi::{Answer, FinalAnswer};
///
/// /// Zero to go on, -1 to stop the library.
/// struct Checked<T, E>(Result<T, E>);
///
/// impl<T: Send + 'static, E: Send + 'static> Answer for Checked<T, E> {
///     type Value = T;
///     type Error = E;
///     type Returned = c_int;
///
///     fn split(self) -> (Option<Result<T, E>>, c_int) {
///         let returned = if self.0.is_ok() { 0 } else { -1 };
///         (Some(self.0), returned)
///     }
///
///     fn fallback() -> c_int {
///         -1
///     }
/// }
///
/// impl<T: Send + 'static, E: Send + 'static> FinalAnswer for Checked<T, E> {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an answer to a C callback",
    note = "a closure returns `Result<T, E>`, or `(Result<T, E>, R)` where the C function returns `R`"
)]
pub trait Answer {
    /// What the future resolves to.
    type Value: Send + 'static;
    /// What the future is rejected with.
    type Error: Send + 'static;
    /// What the C function returns; a type that may stand in `extern "C"` functions.
    type Returned: 'static;

    /// Returns the future's part, if there is one, and C's part.
    #[allow(clippy::type_complexity)] // A name for it would only be one more to look up.
    fn split(self) -> (Option<Result<Self::Value, Self::Error>>, Self::Returned);

    /// The return value for C if no closure answers. A panic here aborts the process.
    fn fallback() -> Self::Returned;
}

/// An [`Answer`] that always settles the future, as a closure must that is called only once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not always settle the future",
    note = "a closure that is called once returns `Result<T, E>`, or `(Result<T, E>, R)`; with `with_destroy`, it may be an `Option`"
)]
pub trait FinalAnswer: Answer {}

impl<T: Send + 'static, E: Send + 'static> Answer for Result<T, E> {
    type Value = T;
    type Error = E;
    type Returned = ();

    fn split(self) -> (Option<Result<T, E>>, ()) {
        (Some(self), ())
    }

    fn fallback() {}
}

impl<T: Send + 'static, E: Send + 'static> FinalAnswer for Result<T, E> {}

impl<T: Send + 'static, E: Send + 'static> Answer for Option<Result<T, E>> {
    type Value = T;
    type Error = E;
    type Returned = ();

    fn split(self) -> (Option<Result<T, E>>, ()) {
        (self, ())
    }

    fn fallback() {}
}

impl<A: Answer<Returned = ()>, R: Default + 'static> Answer for (A, R) {
    type Value = A::Value;
    type Error = A::Error;
    type Returned = R;

    fn split(self) -> (Option<Result<A::Value, A::Error>>, R) {
        (self.0.split().0, self.1)
    }

    fn fallback() -> R {
        R::default()
    }
}

impl<A: FinalAnswer<Returned = ()>, R: Default + 'static> FinalAnswer for (A, R) {}
