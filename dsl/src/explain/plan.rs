//! The plan of a graph: how `auto!` runs its parts.

use core::fmt;

/// A part of a graph, and how it is run.
///
/// [What `auto!` compiles to](crate::auto!#what-it-compiles-to) describes each form. The text of an
/// [`Explanation`](super::Explanation) draws the plan as a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Plan {
    /// One task.
    Task(&'static str),
    /// Parts in sequence: each begins when the one before it has completed.
    Series(&'static [Plan]),
    /// Independent parts, which run concurrently.
    Parallel(Parallel),
    /// Concurrent tasks, each of which starts once its dependencies complete.
    Gated(Gated),
}

/// The parts of a [`Plan::Parallel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parallel {
    pub(super) parts: &'static [Plan],
    pub(super) own_wakers: bool,
}

impl Parallel {
    /// The parts, in the order in which they are polled first.
    #[must_use]
    pub const fn parts(&self) -> &'static [Plan] {
        self.parts
    }

    /// Whether each part has a waker of its own, so that a wake polls only that part. Eight or more parts do. With fewer parts,
    /// it is cheaper to poll all of them at each wake.
    #[must_use]
    pub const fn own_wakers(&self) -> bool {
        self.own_wakers
    }
}

/// The tasks of a [`Plan::Gated`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gated {
    pub(super) tasks: &'static [&'static str],
    pub(super) chains: &'static [&'static [&'static str]],
    pub(super) reason: Reason,
    pub(super) own_wakers: bool,
    pub(super) slots: &'static [Slot],
}

impl Gated {
    /// The tasks, such that each stands behind those that it waits for.
    #[must_use]
    pub const fn tasks(&self) -> &'static [&'static str] {
        self.tasks
    }

    /// The same tasks as chains: each is one `async` block, whose tasks run in sequence. A task waits for its chain, and for
    /// the tasks of other chains that it depends on. Under a limit each task is a chain of its own.
    #[must_use]
    pub const fn chains(&self) -> &'static [&'static [&'static str]] {
        self.chains
    }

    /// Why this part is run in this way, which costs more than the others.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// Whether each chain has a waker of its own, so that only those are polled that were woken. It takes eight that can
    /// run at a time.
    #[must_use]
    pub const fn own_wakers(&self) -> bool {
        self.own_wakers
    }

    /// The values that go from chain to chain: all others are plain local variables.
    #[must_use]
    pub const fn slots(&self) -> &'static [Slot] {
        self.slots
    }
}

/// Where the tasks of a [`Plan::Gated`] find a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub(super) task: &'static str,
    pub(super) storage: Storage,
}

impl Slot {
    /// The task whose value it is.
    #[must_use]
    pub const fn task(&self) -> &'static str {
        self.task
    }

    /// What it is kept in.
    #[must_use]
    pub const fn storage(&self) -> Storage {
        self.storage
    }
}

/// What a value is kept in between two tasks. `Display` says it in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Storage {
    /// In a slot that is filled once: tasks only read the value.
    Once,
    /// In a slot that passes the value from task to task: each of them changes or takes it.
    Passed,
    /// In a slot that passes the value on and also lends it: some tasks read it.
    Shared,
}

impl fmt::Display for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Storage::Once => "slot that is filled once",
            Storage::Passed => "slot that passes it on",
            Storage::Shared => "slot that passes it on and lends it",
        })
    }
}

/// Why a part runs behind gates. `Display` explains it in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// `#![limit]`: a ready task may have to wait for a place.
    Limit,
    /// Parallel parts are nested more than twelve deep. rustc limits how deep futures can nest.
    Depth,
    /// Four tasks form an N.
    N(N),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Limit => f.write_str("the limit may hold tasks back"),
            Reason::Depth => f.write_str("parallel parts are nested too deep here"),
            Reason::N(n) => n.fmt(f),
        }
    }
}

/// Four tasks in the shape of an N: one task waits for the first, another for the first and the second. They form neither a
/// series nor parallel parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct N {
    pub(super) first: &'static str,
    pub(super) second: &'static str,
    pub(super) of_first: &'static str,
    pub(super) of_both: &'static str,
}

impl N {
    /// The two dependencies: both other tasks wait for the first, and one of them also waits for the second.
    #[must_use]
    pub const fn before(&self) -> [&'static str; 2] {
        [self.first, self.second]
    }

    /// The two dependents: the first waits for the first dependency, the second for both.
    #[must_use]
    pub const fn after(&self) -> [&'static str; 2] {
        [self.of_first, self.of_both]
    }
}

impl fmt::Display for N {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let N {
            first,
            second,
            of_first,
            of_both,
        } = self;
        write!(
            f,
            "`{of_both}` waits for `{first}` and `{second}`, `{of_first}` for `{first}` but not for `{second}`"
        )
    }
}
