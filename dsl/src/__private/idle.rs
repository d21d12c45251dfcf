//! Traits that exist for their messages: for traits, rustc suggests no change of the code.

/// A dependency that its task does not use. It exists for its message.
#[doc(hidden)]
#[must_use = "the task waits for it and does not use it: write `NAME as _` if you only want the order, or remove it"]
pub trait UnusedDependency {}

/// A taken dependency that its task does not use.
#[doc(hidden)]
#[must_use = "the task takes it and does not use it: write `move NAME as _` if you only want to drop it, or remove it"]
pub trait UnusedTakenDependency {}

/// A value from which another value of the result may borrow: only a reference. It exists for its message.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a task's value borrows from the `{Self}` of another task, and the graph returns both",
    label = "return an owned value: write `.clone()` or `.to_owned()` instead of this `&`"
)]
pub trait IsReference {
    #[doc(hidden)]
    fn check(&self) {}
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> IsReference for &T {}

/// A value to which another value of the result may refer. No type implements it: it exists for its message.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a task's value is a reference to the `{Self}` of another task, and the graph returns both",
    label = "return an owned value: `.clone()` it, or a part of it"
)]
pub trait MayBeReferenced {
    #[doc(hidden)]
    fn check(&self) {}
}

struct Idle;

impl UnusedDependency for Idle {}
impl UnusedTakenDependency for Idle {}

pub fn idle_dependency() -> impl UnusedDependency {
    Idle
}

pub fn taken_dependency() -> impl UnusedTakenDependency {
    Idle
}
