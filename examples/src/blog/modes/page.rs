//! A user's page: three queries, two of which need the first.

mod auto;
mod brew;
mod concurrent;
mod layers;
mod promise;
mod sync;

use super::{Mode, callbacks, promises};
use crate::blog::error::AppError;
use crate::blog::page::{Comment, Page, Post, User};
use crate::blog::queries::Queries;

pub(super) async fn page(mode: Mode, db: &Queries, id: i64) -> Result<Page, AppError> {
    match mode {
        Mode::Sync => sync::page(db, id).await,
        Mode::Layers => layers::page(db, id).await,
        Mode::Brew => brew::page(db, id).await,
        Mode::Promise => promise::page(db, id).await,
        Mode::Auto => auto::page(db, id).await,
        Mode::Concurrent => concurrent::page(db, id).await,
    }
}
