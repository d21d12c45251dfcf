//! Traits for messages: rustc proposes no change of the code for them.

/// For the message alone.
#[doc(hidden)]
#[must_use = "the task only waits for it: write `NAME as _` to say so, or remove it"]
pub trait Dependency {}

/// The same of one that is taken.
#[doc(hidden)]
#[must_use = "the task only drops it: write `move NAME as _` to say so, or remove it"]
pub trait TakenDependency {}

/// A value that another may borrow from and leave the graph beside it: a reference. For the message alone.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a value borrows from another task's value, a `{Self}`, and both leave the graph",
    label = "end in an owned value: `.clone()` or `.to_owned()` instead of this `&`"
)]
pub trait Lasting {
    #[doc(hidden)]
    fn lasts(&self) {}
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Lasting for &T {}

/// A value that another may refer to and leave the graph beside it: there is none. For the message alone.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a value is a reference to another task's value, a `{Self}`, and both leave the graph",
    label = "end in an owned value: `.clone()` it, or a part of it"
)]
pub trait Leaving {
    #[doc(hidden)]
    fn leaves(&self) {}
}

struct Idle;

impl Dependency for Idle {}
impl TakenDependency for Idle {}

pub fn idle_dependency() -> impl Dependency {
    Idle
}

pub fn taken_dependency() -> impl TakenDependency {
    Idle
}
