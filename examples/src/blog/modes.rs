//! The ways to put a page together. They differ in code and in when their queries run, not in what they answer.

mod activity;
mod callbacks;
mod page;
mod promises;

use std::str::FromStr;

use self::activity::activity;
use self::page::page;
use crate::blog::error::AppError;
use crate::blog::page::{Activity, Answer, Page};
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

/// What a mode puts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Five queries in a shape that layers do not fit.
    Activity,
    /// Three queries in two layers.
    Page,
}

impl Shape {
    pub(crate) const ALL: [Self; 2] = [Self::Activity, Self::Page];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Page => "page",
        }
    }
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

    /// The activity of user `id`, put together in this mode.
    pub(crate) async fn activity(self, db: &Queries, id: i64) -> Result<Activity, AppError> {
        activity(self, db, id).await
    }
}

impl Mode {
    /// The answer of this shape for user `id`, put together in this mode.
    pub(crate) async fn answer(
        self,
        shape: Shape,
        db: &Queries,
        id: i64,
    ) -> Result<Answer, AppError> {
        Ok(match shape {
            Shape::Activity => Answer::Activity(self.activity(db, id).await?),
            Shape::Page => Answer::Page(self.page(db, id).await?),
        })
    }

    /// The code of [`answer`](Self::answer).
    pub(crate) fn source(self, shape: Shape) -> &'static str {
        macro_rules! source {
            ($name:literal) => {
                match shape {
                    Shape::Activity => include_str!(concat!("modes/activity/", $name)),
                    Shape::Page => include_str!(concat!("modes/page/", $name)),
                }
            };
        }
        match self {
            Self::Sync => source!("sync.rs"),
            Self::Layers => source!("layers.rs"),
            Self::Brew => source!("brew.rs"),
            Self::Promise => source!("promise.rs"),
            Self::Auto => source!("auto.rs"),
            Self::Concurrent => source!("concurrent.rs"),
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
