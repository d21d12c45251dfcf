//! The ways to put a page together, which differ in how they are written and in when their queries run, but not in what
//! they answer.

mod auto;
mod brew;
mod concurrent;
mod promise;
mod sync;

use std::str::FromStr;

use crate::error::AppError;
use crate::page::Page;
use crate::queries::Queries;

/// The first segment of a page's path.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    /// One query after the other.
    Sync,
    /// As soon as what they need is there, by callbacks.
    Brew,
    /// The same, by promises.
    Promise,
    /// The same, by a graph.
    Auto,
    /// The same, by the lines of `sync` in a block.
    Concurrent,
}

impl Mode {
    pub(crate) const ALL: [Self; 5] = [
        Self::Sync,
        Self::Brew,
        Self::Promise,
        Self::Auto,
        Self::Concurrent,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Brew => "brew",
            Self::Promise => "promise",
            Self::Auto => "auto",
            Self::Concurrent => "concurrent",
        }
    }

    /// Whether its queries are the tasks of a graph, which records them.
    pub(crate) fn has_graph(self) -> bool {
        matches!(self, Self::Auto | Self::Concurrent)
    }

    /// All modes, for a message.
    pub(crate) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// The page of user `id`, put together in this mode.
    pub(crate) async fn page(self, db: &Queries, id: i64) -> Result<Page, AppError> {
        match self {
            Self::Sync => sync::page(db, id).await,
            Self::Brew => brew::page(db, id).await,
            Self::Promise => promise::page(db, id).await,
            Self::Auto => auto::page(db, id).await,
            Self::Concurrent => concurrent::page(db, id).await,
        }
    }
}

impl FromStr for Mode {
    type Err = AppError;

    fn from_str(name: &str) -> Result<Self, AppError> {
        let mode = Self::ALL.into_iter().find(|mode| mode.name() == name);
        mode.ok_or_else(|| AppError::UnknownMode(name.to_owned()))
    }
}
