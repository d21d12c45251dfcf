//! How a graph is put together.

use core::fmt;

/// A part of a graph, and how it is run.
///
/// [What `auto!` compiles to](crate::auto!#what-it-compiles-to) says what becomes of each. The text of an
/// [`Explanation`](super::Explanation) draws it as a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Plan {
    /// One task.
    Task(&'static str),
    /// Parts of which each begins when the one before it has ended.
    Series(&'static [Plan]),
    /// Parts that have nothing to do with each other, side by side.
    Parallel(Parallel),
    /// Tasks side by side, of which some begin when others have ended.
    Staged(Staged),
    /// Tasks side by side, each of which begins when those that it waits for have ended.
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

    /// Whether each part has a waker of its own, so that only those are polled that were woken. It takes eight of them;
    /// fewer are polled together whichever of them was woken, which is cheaper then.
    #[must_use]
    pub const fn own_wakers(&self) -> bool {
        self.own_wakers
    }
}

/// The stages of a [`Plan::Staged`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staged {
    pub(super) stages: &'static [Stage],
    pub(super) reason: Reason,
}

impl Staged {
    /// The stages, one after the other.
    #[must_use]
    pub const fn stages(&self) -> &'static [Stage] {
        self.stages
    }

    /// Why this part does not fall apart into series and parallel ones.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }
}

/// A step of a [`Plan::Staged`]: some tasks start, and when some have ended the next stage begins. The others run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    pub(super) start: &'static [&'static str],
    pub(super) finish: &'static [&'static str],
}

impl Stage {
    /// The tasks that start when the stage begins.
    #[must_use]
    pub const fn start(&self) -> &'static [&'static str] {
        self.start
    }

    /// The tasks, of this stage or of earlier ones, with whose end it is over.
    #[must_use]
    pub const fn finish(&self) -> &'static [&'static str] {
        self.finish
    }
}

/// The tasks of a [`Plan::Gated`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gated {
    pub(super) tasks: &'static [&'static str],
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

    /// Why this part is run in this way, which costs more than the others.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// Whether each task has a waker of its own, so that only those are polled that were woken. It takes eight that can
    /// run at a time.
    #[must_use]
    pub const fn own_wakers(&self) -> bool {
        self.own_wakers
    }

    /// The values that the tasks of this part pass on to each other: all others are plain local variables.
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

/// What a value is kept in between two tasks. `Display` names the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Storage {
    /// In a `OnceLock`, as it is only read.
    Once,
    /// In a `Mutex`, as tasks change or take it, one after the other. None ever waits for the lock.
    Passed,
    /// In a `Mutex` and an `Arc`, as some tasks change or take it, and others read it.
    Shared,
}

impl fmt::Display for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Storage::Once => "OnceLock",
            Storage::Passed => "Mutex",
            Storage::Shared => "Mutex of an Arc",
        })
    }
}

/// Why a part is run in stages or behind gates. `Display` says it in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// `#![limit]`: tasks that could start may have to wait for a place.
    Limit,
    /// Parallel parts are nested in each other more than twelve deep, and rustc cannot follow futures in futures for
    /// ever.
    Depth,
    /// Two chains cross.
    Crossing(Crossing),
    /// Four tasks form an N, and there are stages for it.
    N(N),
    /// Four tasks form an N, and stages, whose futures live until the last one ends, could not pass this value on.
    PassedOn(N, &'static str),
    /// Four tasks form an N, and there are so many tasks that stages would cost more than gates do.
    Large(N),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Limit => f.write_str("the limit may hold tasks back"),
            Reason::Depth => f.write_str("parallel parts are nested too deep here"),
            Reason::Crossing(crossing) => crossing.fmt(f),
            Reason::N(n) => n.fmt(f),
            Reason::PassedOn(n, value) => write!(f, "{n}; stages could not pass on `{value}`"),
            Reason::Large(n) => write!(f, "{n}; for stages it is too large"),
        }
    }
}

/// Four tasks in the shape of an N: one task waits for the first, another for the first and the second. They are
/// neither in a row nor side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct N {
    pub(super) first: &'static str,
    pub(super) second: &'static str,
    pub(super) of_first: &'static str,
    pub(super) of_both: &'static str,
}

impl N {
    /// The two tasks that are waited for: the first by both others, the second by the second of them.
    #[must_use]
    pub const fn before(&self) -> [&'static str; 2] {
        [self.first, self.second]
    }

    /// The two tasks that wait: the first for the first of those before, the second for both.
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

/// Two chains of two tasks each that have nothing to do with each other, in a part that holds together: whoever would
/// wait for the end of both first tasks, as stages do, would hold up one of the chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    pub(super) one: [&'static str; 2],
    pub(super) other: [&'static str; 2],
}

impl Crossing {
    /// The two chains: in each the second task waits for the first.
    #[must_use]
    pub const fn chains(&self) -> [[&'static str; 2]; 2] {
        [self.one, self.other]
    }
}

impl fmt::Display for Crossing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Crossing {
            one: [one, after_one],
            other: [other, after_other],
        } = self;
        write!(f, "`{after_one}` waits for `{one}` and not for `{other}`, ")?;
        write!(f, "`{after_other}` for `{other}` and not for `{one}`")
    }
}
