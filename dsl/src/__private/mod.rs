//! Items for the expansions. Not part of the public API: they change without notice.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

pub use core::convert::identity;
pub use core::future::Future;
pub use core::ops::ControlFlow;
pub use core::option::Option::{self, None, Some};
pub use core::pin::pin;
pub use core::result::Result::{self, Err, Ok};
pub use core::task::{Context, Poll};

pub use conjoin_macros::explain;
#[cfg(not(any(rust_analyzer, feature = "tracing")))]
pub use conjoin_macros::{auto, concurrent};
#[cfg(rust_analyzer)]
pub use conjoin_macros::{editor_auto as auto, editor_concurrent as concurrent};
#[cfg(all(not(rust_analyzer), feature = "tracing"))]
pub use conjoin_macros::{traced_auto as auto, traced_concurrent as concurrent};

pub use self::block::{
    Branch, Completion, Exits, LineOutcome, MayExit, NeverExits, OrExit, Reach, UnlessLeft, branch,
    exit, taken,
};
pub use self::chains::{Chains, Round, piece};
pub use self::children::{
    BlockChild, CallChild, Child, block_child, call_child, called, join_2, join_3, join_4, join_5,
    join_6, join_7, never_fails,
};
#[cfg(feature = "alloc")]
pub use self::each::{Each, Item, Iterable, TryEach, each, iterate, try_each};
pub use self::few_chains::{chains_2, chains_3, chains_4, chains_5, chains_6, chains_7};
pub use self::gates::{Gate, Gates};
#[cfg(feature = "tracing")]
pub use self::hooks::{
    ends, fails, graph, item, items, left, part, returns, single, skips, starts,
};
pub use self::idle::{
    IsReference, MayBeReferenced, UnusedDependency, UnusedTakenDependency, idle_dependency,
    taken_dependency,
};
pub use self::join::{Join, join};
pub use self::limited::{Limited, limit};
pub use self::outcome::{
    Absent, Decides, Failed, Failure, Fallible, FallibleConverted, FallibleNamed, FallibleSettled,
    Kind, Outcome, Same, SameError, SameKind, fail, whole,
};
#[cfg(feature = "alloc")]
pub use self::places::{AtMost, LimitedItems, Places, SharedSeats, Unlimited, item_limit};
pub use self::poll::{Awaited, Call, Called, Turn, call, poll_once, suspend};
pub use self::settle::{Outcomes, done, done_mut, handed_over, kept, kept_mut};
pub use self::shared::{Changed, ChangedOther, Collection, NoCollection};
pub use self::stop::{Stop, stop, stopped, stopped_alike, stopped_by};
pub use self::tasks::{Due, Tasks};
pub use self::warnings::{
    changes_same_variable, line_with_attribute, line_with_break, line_with_else,
    line_with_temporary, line_without_await, line_without_name, needs_line_before, no_line,
    one_line, sequential_line, statement_between,
};
pub use self::wide::{Chunk, Failing, Step, Turns, Wide};
pub use crate::around::Around;
pub use crate::explain::construct as explain;
pub use crate::settled::{Never, Settled};
pub use crate::slot::{Giver, Passed, Reader, Reading, Row, Setter, Setters, Slot, Taker, Uses};
pub use crate::task_error::TaskError;
#[cfg(feature = "alloc")]
pub use crate::wake::Items;
pub use crate::wake::{Borrowed, Lending, Wakers};

mod bits;
mod block;
mod chains;
mod children;
#[cfg(feature = "alloc")]
mod each;
mod few_chains;
mod gates;
#[cfg(feature = "tracing")]
mod hooks;
mod idle;
mod join;
mod limited;
mod outcome;
#[cfg(feature = "alloc")]
mod places;
mod poll;
mod settle;
mod shared;
mod stop;
mod tasks;
#[cfg(feature = "tracing")]
pub mod trace;
pub mod warnings;
mod wide;

/// A value of any type, in code that never runs.
#[must_use]
pub fn nothing<T>() -> T {
    unreachable!("nobody comes here")
}

/// The smaller one.
#[inline]
#[must_use]
pub fn least(one: usize, other: usize) -> usize {
    one.min(other)
}

/// The output of a child that has ended.
#[inline]
pub fn take<T>(output: &mut Option<T>) -> T {
    output.take().expect("a task that has ended has a value")
}

/// A value of the type of another, in code that never runs.
#[allow(clippy::must_use_candidate)]
pub fn value_of<T>(_: &T) -> T {
    nothing()
}

/// The same within an `Option`.
#[allow(clippy::must_use_candidate)]
pub fn value_of_option<T>(_: &Option<T>) -> T {
    nothing()
}

/// The same for a task that settles.
#[allow(clippy::must_use_candidate)]
pub fn value_of_settled<T, E>(_: &Settled<T, E>) -> T {
    nothing()
}

/// The same with a condition.
#[allow(clippy::must_use_candidate)]
pub fn value_of_settled_option<T, E>(_: &Settled<Option<T>, E>) -> T {
    nothing()
}

/// The same for an item of a `for` task.
#[cfg(feature = "alloc")]
#[allow(clippy::must_use_candidate)]
pub fn value_of_items<T>(_: &Vec<T>) -> T {
    nothing()
}

/// The same for an item of a task that settles.
#[cfg(feature = "alloc")]
#[allow(clippy::must_use_candidate)]
pub fn value_of_settled_items<T, E>(_: &Settled<Vec<T>, E>) -> T {
    nothing()
}
