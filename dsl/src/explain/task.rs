//! Tasks and their dependencies.

use core::fmt;

/// One task of an [`Explanation`](super::Explanation).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    pub(super) name: &'static str,
    pub(super) line: u32,
    pub(super) is_conditional: bool,
    pub(super) is_for: bool,
    pub(super) item_limit: Option<&'static str>,
    pub(super) is_fallible: bool,
    pub(super) dependencies: &'static [Dependency],
}

impl Task {
    /// Its name, without `r#`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The line of the source file in which it is declared, from 1.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// Whether it has a condition, so that its value is an `Option`.
    #[must_use]
    pub const fn is_conditional(&self) -> bool {
        self.is_conditional
    }

    /// Whether it is a `for` task: its body runs for each item, and its value is a `Vec`.
    #[must_use]
    pub const fn is_for(&self) -> bool {
        self.is_for
    }

    /// The expression in the `#[limit(…)]` of a `for` task: how many items run at once.
    #[must_use]
    pub const fn item_limit(&self) -> Option<&'static str> {
        self.item_limit
    }

    /// Whether it can fail: its body, its condition or its iterable has a `?`.
    #[must_use]
    pub const fn is_fallible(&self) -> bool {
        self.is_fallible
    }

    /// The entries of its brackets in order, then the inferred dependencies.
    #[must_use]
    pub const fn dependencies(&self) -> &'static [Dependency] {
        self.dependencies
    }
}

/// An entry in the brackets of a [`Task`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The index of the task it depends on.
    pub(super) index: usize,
    pub(super) name: &'static str,
    pub(super) access: Access,
    pub(super) is_inferred: bool,
}

impl Dependency {
    /// The name of the task it depends on.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What the task does with the value.
    #[must_use]
    pub const fn access(&self) -> Access {
        self.access
    }

    /// Whether the task uses the value without listing it, with `[..]` or `#![infer]`.
    #[must_use]
    pub const fn is_inferred(&self) -> bool {
        self.is_inferred
    }

    /// The label of its arrow in the pictures.
    #[cfg(feature = "alloc")]
    pub(super) fn label(&self) -> Option<&'static str> {
        match self.access {
            Access::Read if self.is_inferred => Some("inferred"),
            Access::Read | Access::Order => None,
            Access::Change => Some("mut"),
            Access::Take => Some("move"),
        }
    }
}

/// As in the text: `&user`, `&mut user`, `move user`, `after user` or `&user (inferred)`.
impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = match self.access {
            Access::Read => "&",
            Access::Change => "&mut ",
            Access::Take => "move ",
            Access::Order => "after ",
        };
        let after = if self.is_inferred { " (inferred)" } else { "" };
        write!(f, "{before}{}{after}", self.name)
    }
}

/// What a task does with the value of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// `[user]`, `[user as PATTERN]`: gets it as `&T`.
    Read,
    /// `[mut user]`: gets it as `&mut T`.
    Change,
    /// `[move user]`: gets it as `T`.
    Take,
    /// `[user as _]`, `[mut user as _]`: gets nothing; it only starts after it.
    Order,
}
