//! Traits for messages: rustc proposes no change of the code for them.

/// For the message alone.
#[doc(hidden)]
#[must_use = "the task waits for it and does not use it: write `NAME as _` if you only want the order, or remove it"]
pub trait Dependency {}

/// The same of one that is taken.
#[doc(hidden)]
#[must_use = "the task takes it and does not use it: write `move NAME as _` if you only want to drop it, or remove it"]
pub trait TakenDependency {}

/// A value that another may borrow from and leave the graph beside it: a reference. For the message alone.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a task's value borrows from the `{Self}` of another task, and the graph returns both",
    label = "return an owned value: write `.clone()` or `.to_owned()` instead of this `&`"
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
    message = "a task's value is a reference to the `{Self}` of another task, and the graph returns both",
    label = "return an owned value: `.clone()` it, or a part of it"
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
