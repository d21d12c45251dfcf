//! What rustc warns of when a task does not use a dependency. Traits, as rustc proposes no change of the code for them.

/// For the message alone.
#[doc(hidden)]
#[must_use = "the task only waits for it: write `NAME as _` to say so, or remove it"]
pub trait Dependency {}

/// The same of one that is taken.
#[doc(hidden)]
#[must_use = "the task only drops it: write `move NAME as _` to say so, or remove it"]
pub trait TakenDependency {}

struct Idle;

impl Dependency for Idle {}
impl TakenDependency for Idle {}

pub fn idle_dependency() -> impl Dependency {
    Idle
}

pub fn taken_dependency() -> impl TakenDependency {
    Idle
}
