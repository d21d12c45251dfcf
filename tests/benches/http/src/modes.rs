//! The ways to put an answer together. For a page `auto` and `sync` are the service's own handlers.

#[path = "../../../../examples/src/bin/blog/modes/auto.rs"]
mod auto;
mod by_hand;
#[path = "../../../../examples/src/bin/blog/modes/sync.rs"]
mod sync;

mod activity;

use std::str::FromStr;

use crate::error::AppError;
use crate::page::{Activity, Page};
use crate::queries::Queries;

/// The first segment of a path.
#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
pub(crate) enum Mode {
    /// One query after the other
    Sync,
    /// `try_join!` by hand, in layers
    Layers,
    /// `try_join!` by hand, each query as early as it can be
    Hand,
    /// A graph
    Auto,
}

impl Mode {
    pub(crate) async fn page(self, db: &Queries, id: i64) -> Result<Page, AppError> {
        match self {
            Self::Sync => sync::page(db, id).await,
            // A page's layers are as early as can be.
            Self::Layers | Self::Hand => by_hand::page(db, id).await,
            Self::Auto => auto::page(db, id).await,
        }
    }

    pub(crate) async fn activity(self, db: &Queries, id: i64) -> Result<Activity, AppError> {
        match self {
            Self::Sync => activity::sync(db, id).await,
            Self::Layers => activity::layers(db, id).await,
            Self::Hand => activity::hand(db, id).await,
            Self::Auto => activity::auto(db, id).await,
        }
    }
}

impl FromStr for Mode {
    type Err = AppError;

    fn from_str(name: &str) -> Result<Self, AppError> {
        match name {
            "sync" => Ok(Self::Sync),
            "layers" => Ok(Self::Layers),
            "hand" => Ok(Self::Hand),
            "auto" => Ok(Self::Auto),
            _ => Err(AppError::UnknownMode(name.to_owned())),
        }
    }
}
