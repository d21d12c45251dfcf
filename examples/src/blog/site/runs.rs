//! `GET /runs/{user_id}` and `GET /runs/{user_id}/activity`: runs all modes and reports on them by server-sent events.

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
use crate::blog::modes::{Mode, Shape};
use crate::blog::page::Answer;
use crate::blog::routes::parse_user_id;

/// A report on the runs. For each mode in turn: its beginning, the starts and ends of its queries, its result.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(super) enum Report {
    Began {
        mode: &'static str,
    },
    TaskStarted {
        mode: &'static str,
        task: &'static str,
        at_ns: u64,
    },
    TaskEnded {
        mode: &'static str,
        task: &'static str,
        at_ns: u64,
    },
    Finished(Box<Finished>),
    AllFinished,
}

/// A run that has ended.
#[derive(Debug, Serialize)]
pub(super) struct Finished {
    mode: &'static str,
    /// `None` if part of the run continues, as callbacks do after one of them has failed.
    run: Option<Run>,
    answer: Option<Answer>,
    error: Option<Failure>,
}

/// The answer to a request that failed like this run.
#[derive(Debug, Serialize)]
struct Failure {
    status: u16,
    text: String,
}

/// The stream drives one run at a time, so that no run slows down another. When the client goes away, the
/// stream is dropped, and the runs with it.
pub(super) fn run(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    shape: Shape,
    time_limit: Duration,
) -> Result<impl IntoResponse, AppError> {
    let Path(user_id) = path?;
    let user_id = parse_user_id(user_id)?;

    let (sender, reports) = unbounded();
    let runs = async move {
        // Otherwise the first runs would open connections, and take longer.
        app.database.open_connections().await;
        for mode in Mode::ALL {
            let finished = run_mode(&app, mode, shape, user_id, time_limit, &sender).await;
            let _ = sender.unbounded_send(Report::Finished(Box::new(finished)));
        }
        let _ = sender.unbounded_send(Report::AllFinished);
        // Callbacks that run on hold senders, too. They must not keep the stream open.
        sender.close_channel();
    };
    let runs = stream::once(runs).filter_map(async |()| None);
    let events = stream::select(reports, runs).map(|report| Event::default().json_data(report));
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

async fn run_mode(
    app: &App,
    mode: Mode,
    shape: Shape,
    user_id: i64,
    time_limit: Duration,
    reports: &UnboundedSender<Report>,
) -> Finished {
    let run = async {
        let watch = Watch::begin(mode, shape, reports.clone());
        let queries = app.queries.watched(watch.clone());
        let answer = AssertUnwindSafe(mode.answer(shape, &queries, user_id)).catch_unwind();
        // The service's layers see neither the panics nor the duration of one run in a stream.
        let result = match timeout(time_limit, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(payload)) => Err(AppError::panicked(&*payload)),
            Err(elapsed) => Err(AppError::TooLong(elapsed)),
        };
        watch.end(&result);
        result
    };
    let (result, runs) = app.waterfalls.record(run).await;
    let (answer, error) = match result {
        Ok(answer) => (Some(answer), None),
        Err(error) => {
            let (status, text) = error.tell();
            let status = status.as_u16();
            (None, Some(Failure { status, text }))
        }
    };
    Finished {
        mode: mode.name(),
        run: runs.into_iter().next().map(Arc::unwrap_or_clone),
        answer,
        error,
    }
}
