//! The ways to put a page together. They differ in code and in when their queries run, not in what they answer.

mod callbacks;
mod page;
mod promises;

use std::str::FromStr;

use self::page::page;
use crate::blog::error::AppError;
use crate::blog::page::Page;
use crate::blog::queries::Queries;

/// The first segment of a page's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// One query after the other.
    Sync,
    /// `try_join!` of the queries whose needs are met, layer by layer.
    Layers,
    /// Each query once its data is there, by callbacks.
    Brew,
    /// The same, by promises.
    Promise,
    /// The same, by a graph.
    Auto,
    /// The same, by the lines of `sync` in a block.
    Concurrent,
}

impl Mode {
    pub(crate) const ALL: [Self; 6] = [
        Self::Sync,
        Self::Layers,
        Self::Brew,
        Self::Promise,
        Self::Auto,
        Self::Concurrent,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Layers => "layers",
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

    /// All modes, for an error message.
    pub(crate) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// The page of user `id`, put together in this mode.
    pub(crate) async fn page(self, db: &Queries, id: i64) -> Result<Page, AppError> {
        page(self, db, id).await
    }
}

impl FromStr for Mode {
    type Err = AppError;

    fn from_str(name: &str) -> Result<Self, AppError> {
        let mode = Self::ALL.into_iter().find(|mode| mode.name() == name);
        mode.ok_or_else(|| AppError::UnknownMode(name.to_owned()))
    }
}
