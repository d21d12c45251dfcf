//! `GET /runs/{user_id}`: runs all modes and tells how they run, as server-sent events.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use conjoin_adapters::waterfall::Run;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::{FutureExt, StreamExt, stream};
use serde::Serialize;
use tokio::time::timeout;

use super::Watch;
use crate::blog::app::App;
use crate::blog::error::AppError;
use crate::blog::modes::Mode;
use crate::blog::page::Page;
use crate::blog::routes::parse_user_id;

/// What is told, in this order: of each mode its beginning, the starts and ends of its queries, what came of it; and
/// then that this was all.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum News {
    Begun {
        mode: &'static str,
    },
    Started {
        mode: &'static str,
        task: &'static str,
        at_ns: u64,
    },
    Ended {
        mode: &'static str,
        task: &'static str,
        at_ns: u64,
    },
    Over(Box<Over>),
    All,
}

/// A run that is over.
#[derive(Debug, Serialize)]
pub(super) struct Over {
    mode: &'static str,
    /// Without it, something of the run goes on, as callbacks do when one of them has failed.
    run: Option<Run>,
    page: Option<Page>,
    error: Option<Failure>,
}

/// What a request for the page would have been answered with.
#[derive(Debug, Serialize)]
struct Failure {
    status: u16,
    text: String,
}

/// The stream drives the runs, one after the other, so that none is slowed down by another. When the client goes away
/// it is dropped, and they with it.
pub(super) fn run(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    time_limit: Duration,
) -> Result<impl IntoResponse, AppError> {
    let Path(user_id) = path?;
    let user_id = parse_user_id(user_id)?;

    let (news, told) = unbounded();
    let runs = async move {
        for mode in Mode::ALL {
            let over = run_mode(&app, mode, user_id, time_limit, &news).await;
            let _ = news.unbounded_send(News::Over(Box::new(over)));
        }
        let _ = news.unbounded_send(News::All);
        // Callbacks that are still to come have nobody to tell.
        news.close_channel();
    };
    let runs = stream::once(runs).filter_map(async |()| None);
    let events = stream::select(told, runs).map(|news| Event::default().json_data(news));
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

async fn run_mode(
    App {
        queries,
        waterfalls,
        ..
    }: &App,
    mode: Mode,
    user_id: i64,
    time_limit: Duration,
    news: &UnboundedSender<News>,
) -> Over {
    let run = async {
        let watch = Watch::begin(mode, news.clone());
        let queries = queries.watched(watch.clone());
        let page = timeout(
            time_limit,
            AssertUnwindSafe(mode.page(&queries, user_id)).catch_unwind(),
        )
        .await;
        let result = match page {
            Ok(Ok(result)) => result,
            // As the layer that catches those of other requests does not see them here.
            Ok(Err(payload)) => Err(AppError::panicked(&*payload)),
            Err(elapsed) => Err(AppError::TooLong(elapsed)),
        };
        watch.end(&result);
        result
    };
    let (result, runs) = waterfalls.record(run).await;
    let (page, error) = match result {
        Ok(page) => (Some(page), None),
        Err(error) => {
            let (status, text) = error.tell();
            (
                None,
                Some(Failure {
                    status: status.as_u16(),
                    text,
                }),
            )
        }
    };
    Over {
        mode: mode.name(),
        run: runs.into_iter().next().map(Arc::unwrap_or_clone),
        page,
        error,
    }
}
