//! Functions that generated bodies call. Each call is recorded, and any fallible call can be made to fail.

mod check;

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::{Future, poll_fn, ready};
use std::task::Poll;

pub use check::{Check, Done, Reading};

/// The error of most calls, and the one that graphs fail with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fail(pub u32);

/// An error that a `?` converts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Small(u32);

impl From<Small> for Fail {
    fn from(small: Small) -> Self {
        Fail(small.0 + 1_000)
    }
}

/// A struct for literals and patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Across.
    pub x: i64,
    /// Down.
    pub y: i64,
}

impl Point {
    /// Both together.
    #[must_use]
    pub fn sum(self) -> i64 {
        self.x + self.y
    }
}

/// A trait with generic arguments, for paths with commas in them.
pub trait Turn<A, B> {
    /// A constant.
    const MOST: i64;

    /// A function.
    #[must_use]
    fn turn(self) -> i64;
}

impl Turn<u8, Vec<u16>> for i64 {
    const MOST: i64 = 5;

    fn turn(self) -> i64 {
        self % 11
    }
}

/// A constant that needs its drop: each use of it is a new value.
#[derive(Debug)]
pub struct Fixed(pub i64);

impl Drop for Fixed {
    fn drop(&mut self) {}
}

/// A constant of that type.
pub const FIXED: Fixed = Fixed(4);

/// Another, whose name looks like a variable's.
#[expect(
    non_upper_case_globals,
    reason = "the macro cannot tell it from a variable"
)]
pub const fixed: Fixed = Fixed(6);

/// Borrows its argument while it waits.
pub async fn look(value: &Fixed) -> i64 {
    pause().await;
    value.0
}

/// The same for any number.
pub async fn peek(value: &i64) -> i64 {
    pause().await;
    *value
}

/// A function with a world, which fails when it is told to.
///
/// # Errors
///
/// As [`World::check`].
pub async fn attempt(world: &World, mark: u32, value: i64) -> Result<i64, Fail> {
    world.try_later(mark, value).await
}

/// Waits for one poll.
fn pause() -> impl Future<Output = ()> {
    let mut has_waited = false;
    poll_fn(move |context| {
        if std::mem::replace(&mut has_waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

/// One run of a body.
#[derive(Debug, Default)]
pub struct World {
    log: RefCell<Vec<String>>,
    calls: Cell<u32>,
    fails_at: Option<u32>,
}

impl World {
    /// One in which the fallible call of this number fails.
    #[must_use]
    pub fn new(fails_at: Option<u32>) -> Self {
        World {
            fails_at,
            ..World::default()
        }
    }

    fn record(&self, event: String) {
        self.log.borrow_mut().push(event);
    }

    fn fails(&self) -> bool {
        let call = self.calls.get();
        self.calls.set(call + 1);
        self.fails_at == Some(call)
    }

    /// Gives the value back.
    pub fn mark(&self, mark: u32, value: i64) -> i64 {
        self.record(format!("mark {mark} {value}"));
        value
    }

    /// Gives the value back after one poll.
    pub async fn later(&self, mark: u32, value: i64) -> i64 {
        self.record(format!("later {mark} {value}"));
        let guard = self.guard(mark);
        pause().await;
        guard.touch(value)
    }

    /// Gives the value back, or fails.
    ///
    /// # Errors
    ///
    /// If this call is the one to fail.
    pub fn check(&self, mark: u32, value: i64) -> Result<i64, Fail> {
        self.record(format!("check {mark} {value}"));
        if self.fails() {
            Err(Fail(mark))
        } else {
            Ok(value)
        }
    }

    /// The same with another error.
    ///
    /// # Errors
    ///
    /// If this call is the one to fail.
    pub fn small(&self, mark: u32, value: i64) -> Result<i64, Small> {
        self.record(format!("small {mark} {value}"));
        if self.fails() {
            Err(Small(mark))
        } else {
            Ok(value)
        }
    }

    /// The same after one poll.
    ///
    /// # Errors
    ///
    /// If this call is the one to fail.
    pub async fn try_later(&self, mark: u32, value: i64) -> Result<i64, Fail> {
        self.record(format!("try later {mark} {value}"));
        let guard = self.guard(mark);
        pause().await;
        if self.fails() {
            Err(Fail(mark))
        } else {
            Ok(guard.touch(value))
        }
    }

    /// Fails.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn stop(&self, mark: u32) -> Result<Infallible, Fail> {
        self.record(format!("stop {mark}"));
        Err(Fail(mark))
    }

    /// The value, in one of two runs.
    pub fn maybe(&self, mark: u32, value: i64) -> Option<i64> {
        self.record(format!("maybe {mark} {value}"));
        self.calls.get().is_multiple_of(2).then_some(value)
    }

    /// Records when it is dropped.
    pub fn guard(&self, mark: u32) -> Guard<'_> {
        Guard { world: self, mark }
    }

    /// A task that runs concurrently with the body and leaves no trace.
    pub async fn beside(&self, value: i64) -> i64 {
        pause().await;
        value
    }

    /// The same, with a `?`.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn try_beside(&self, value: i64) -> impl Future<Output = Result<i64, Fail>> {
        ready(Ok(value))
    }
}

/// Records its drop.
#[derive(Debug)]
pub struct Guard<'w> {
    world: &'w World,
    mark: u32,
}

impl Guard<'_> {
    /// Gives the value back.
    #[expect(clippy::must_use_candidate, reason = "it is called for its record")]
    pub fn touch(&self, value: i64) -> i64 {
        self.world.record(format!("touch {} {value}", self.mark));
        value
    }

    /// The number of its mark.
    #[must_use]
    pub fn number(&self) -> i64 {
        i64::from(self.mark)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.world.record(format!("drop {}", self.mark));
    }
}
