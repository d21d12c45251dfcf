//! The modes: the service's own handlers, and a page by hand that the service does not have.

/// The modes of the service. This module replaces the one around them there.
#[path = "../../../../examples/src/blog/modes/activity"]
mod activity {
    mod auto;
    mod layers;
    mod sync;

    use super::{Mode, hand};
    use crate::error::AppError;
    use crate::page::Activity;
    use crate::queries::Queries;

    pub(super) async fn activity(mode: Mode, db: &Queries, id: i64) -> Result<Activity, AppError> {
        match mode {
            Mode::Sync => sync::activity(db, id).await,
            Mode::Layers => layers::activity(db, id).await,
            Mode::Hand => hand::activity(db, id).await,
            Mode::Auto => auto::activity(db, id).await,
        }
    }
}
mod hand;
/// The same for the other page.
#[path = "../../../../examples/src/blog/modes/page"]
mod page {
    mod auto;
    mod layers;
    mod sync;

    use super::Mode;
    use crate::error::AppError;
    use crate::page::Page;
    use crate::queries::Queries;

    pub(super) async fn page(mode: Mode, db: &Queries, id: i64) -> Result<Page, AppError> {
        match mode {
            Mode::Sync => sync::page(db, id).await,
            // In a page, each query of the layers starts as early as possible.
            Mode::Layers | Mode::Hand => layers::page(db, id).await,
            Mode::Auto => auto::page(db, id).await,
        }
    }
}

use std::str::FromStr;

use self::activity::activity;
use self::page::page;
use crate::error::AppError;
use crate::page::{Activity, Page};
use crate::queries::Queries;

/// The first segment of a path.
#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
pub(crate) enum Mode {
    /// The queries in sequence
    Sync,
    /// `try_join!` by hand, in layers
    Layers,
    /// `try_join!` by hand, each query as early as possible
    Hand,
    /// A graph
    Auto,
}

impl Mode {
    pub(crate) async fn page(self, db: &Queries, id: i64) -> Result<Page, AppError> {
        page(self, db, id).await
    }

    pub(crate) async fn activity(self, db: &Queries, id: i64) -> Result<Activity, AppError> {
        activity(self, db, id).await
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
