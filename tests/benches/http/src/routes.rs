//! The service's routes without its middleware, so that the modes differ more.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};

use crate::error::AppError;
use crate::modes::Mode;
use crate::page::{Activity, Page};
use crate::queries::Queries;

type Segments = Result<Path<(String, String)>, PathRejection>;

pub(crate) fn router(queries: Queries) -> Router {
    Router::new()
        .route("/{mode}/{user_id}", get(page))
        .route("/{mode}/{user_id}/activity", get(activity))
        .with_state(queries)
}

async fn page(State(queries): State<Queries>, path: Segments) -> Result<Json<Page>, AppError> {
    let (mode, user_id) = parse(path)?;
    Ok(Json(mode.page(&queries, user_id).await?))
}

async fn activity(
    State(queries): State<Queries>,
    path: Segments,
) -> Result<Json<Activity>, AppError> {
    let (mode, user_id) = parse(path)?;
    Ok(Json(mode.activity(&queries, user_id).await?))
}

fn parse(path: Segments) -> Result<(Mode, i64), AppError> {
    let Path((mode, user_id)) = path?;
    let mode = mode.parse()?;
    match user_id.parse() {
        Ok(id) if id > 0 => Ok((mode, id)),
        _ => Err(AppError::UserId(user_id)),
    }
}
