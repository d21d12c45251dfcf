//! What is seen of a run while it goes on, and the spans of the modes that have no graph to make them.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures::channel::mpsc::UnboundedSender;
use tracing::{Instrument, Span, field::Empty, info_span};

use super::runs::News;
use crate::blog::error::AppError;
use crate::blog::modes::Mode;

/// Watches the queries of one run, wherever they are asked. Clones watch the same run.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    mode: Mode,
    news: UnboundedSender<News>,
    began: Instant,
    /// What stands for the graph, until the run is over. Queries that run on have the watch, and must not keep it open.
    graph: Arc<Mutex<Span>>,
}

impl Watch {
    /// Begins a run, in the current span.
    pub(super) fn begin(mode: Mode, news: UnboundedSender<News>) -> Self {
        let has_graph = mode.has_graph();
        let graph = if has_graph {
            Span::none()
        } else {
            info_span!(target: "conjoin", "queries", tasks = 3, outcome = Empty)
        };
        let watch = Self {
            mode,
            news,
            began: Instant::now(),
            graph: Arc::new(Mutex::new(graph)),
        };
        watch.tell(News::Begun { mode: mode.name() });
        watch
    }

    /// Watches a query. If it is dropped, nothing tells its end.
    pub(crate) async fn query<T>(
        &self,
        name: &'static str,
        answer: impl Future<Output = Result<T, AppError>>,
    ) -> Result<T, AppError> {
        let task = name.rsplit('.').next().unwrap_or(name);
        let span = self.span(task);
        self.tell(News::Started {
            mode: self.mode.name(),
            task,
            at_ns: self.at_ns(),
        });
        let answer = answer.instrument(span.clone()).await;
        self.tell(News::Ended {
            mode: self.mode.name(),
            task,
            at_ns: self.at_ns(),
        });
        record(&span, &answer);
        answer
    }

    /// Ends the run, as `result` says.
    pub(super) fn end<T>(&self, result: &Result<T, AppError>) {
        record(&self.take(), result);
    }

    /// The graph's span, of which nothing is left here.
    fn take(&self) -> Span {
        mem::replace(
            &mut *self.graph.lock().unwrap_or_else(PoisonError::into_inner),
            Span::none(),
        )
    }

    /// The span that `auto!` would make for a task. See [`conjoin_adapters::waterfall`] for what is in it.
    fn span(&self, task: &str) -> Span {
        macro_rules! task {
            ($name:literal after $dependencies:expr) => {{
                let graph = self.graph.lock().unwrap_or_else(PoisonError::into_inner).clone();
                info_span!(
                    target: "conjoin", parent: &graph, $name,
                    dependencies = $dependencies, outcome = Empty, exception.message = Empty
                )
            }};
        }
        match task {
            _ if self.mode.has_graph() => Span::none(),
            "user" => task!("user" after ""),
            "posts" => task!("posts" after "user"),
            // In sequence they need no posts, and wait for them all the same.
            "comments" if matches!(self.mode, Mode::Sync) => task!("comments" after "posts"),
            "comments" => task!("comments" after "user"),
            _ => Span::none(),
        }
    }

    fn at_ns(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn tell(&self, news: News) {
        // Nobody has to listen: the page may be closed while queries run on.
        let _ = self.news.unbounded_send(news);
    }
}

fn record<T>(span: &Span, result: &Result<T, AppError>) {
    match result {
        Ok(_) => span.record("outcome", "done"),
        Err(error) => {
            span.record("exception.message", error.to_string());
            span.record("outcome", "failed")
        }
    };
}
