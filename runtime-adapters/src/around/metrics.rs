//! Measures how long tasks take, and how they end.

use std::any::type_name;
use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Instant;

use conjoin::Around;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter, UpDownCounter};
use pin_project_lite::pin_project;

/// The boundaries that OpenTelemetry recommends for durations of requests, in seconds.
const BOUNDARIES: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Measures tasks with OpenTelemetry.
///
/// | instrument | kind | unit | what |
/// | --- | --- | --- | --- |
/// | `conjoin.task.duration` | histogram | `s` | how long tasks took |
/// | `conjoin.task.active` | up-down counter | `{task}` | how many tasks run |
///
/// Their attributes follow the semantic conventions:
///
/// | attribute | of | value |
/// | --- | --- | --- |
/// | `conjoin.task.name` | both | the name of the task |
/// | `conjoin.graph.name` | both | the name of the graph, if it has [one](Self::of_graph) |
/// | `error.type` | the histogram, if the task did not end well | the type of its error; `panic` when it panicked; `cancelled` when it was dropped |
///
/// ```
/// use conjoin::auto;
/// use conjoin_adapters::around::Metrics;
///
/// # futures::executor::block_on(async {
/// let metrics = Metrics::new(&opentelemetry::global::meter("blog"));
/// let page = auto! {
///     #![around(metrics.of_graph("page"))]
///     user => 7,
///     posts: [user] => vec![*user],
/// };
/// assert_eq!(page.await.posts, [7]);
/// # });
/// ```
///
/// It uses the types of the crate `opentelemetry` 0.33. Cloning is cheap: create one at the start of the program.
#[derive(Clone)]
pub struct Metrics {
    duration: Histogram<f64>,
    active: UpDownCounter<i64>,
    graph: Option<Cow<'static, str>>,
}

impl Metrics {
    /// Creates the instruments of this meter.
    #[must_use]
    pub fn new(meter: &Meter) -> Self {
        Metrics {
            duration: meter
                .f64_histogram("conjoin.task.duration")
                .with_unit("s")
                .with_description("Duration of tasks.")
                .with_boundaries(BOUNDARIES.to_vec())
                .build(),
            active: meter
                .i64_up_down_counter("conjoin.task.active")
                .with_unit("{task}")
                .with_description("Number of tasks that run.")
                .build(),
            graph: None,
        }
    }

    /// The same instruments with the name of a graph.
    #[must_use]
    pub fn of_graph(&self, name: impl Into<Cow<'static, str>>) -> Self {
        Metrics {
            graph: Some(name.into()),
            ..self.clone()
        }
    }
}

impl<V, E> Around<Result<V, E>> for Metrics {
    fn task(
        &self,
        name: &'static str,
        body: impl Future<Output = Result<V, E>>,
    ) -> impl Future<Output = Result<V, E>> {
        MeasuredTask {
            metrics: self,
            name,
            body,
            running: None,
        }
    }
}

pin_project! {
    /// Not an `async` block, which would hold the body twice: as its argument and while it is awaited.
    struct MeasuredTask<'m, F> {
        metrics: &'m Metrics,
        name: &'static str,
        #[pin]
        body: F,
        // From the first poll to the end.
        running: Option<RunningTask<'m>>,
    }
}

impl<V, E, F: Future<Output = Result<V, E>>> Future for MeasuredTask<'_, F> {
    type Output = Result<V, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<V, E>> {
        let this = self.project();
        let running = this.running.take();
        // Held here, so that a panic drops it.
        let mut running = running.unwrap_or_else(|| RunningTask::new(this.metrics, this.name));
        let polled = this.body.poll(cx);
        match &polled {
            Poll::Ready(result) => running.ended_with(result),
            Poll::Pending => *this.running = Some(running),
        }
        polled
    }
}

/// A task from its start to its end or drop.
struct RunningTask<'m> {
    metrics: &'m Metrics,
    attributes: Vec<KeyValue>,
    began: Instant,
    has_ended: bool,
}

impl<'m> RunningTask<'m> {
    fn new(metrics: &'m Metrics, name: &'static str) -> Self {
        // With room for an error type.
        let mut attributes = Vec::with_capacity(3);
        attributes.push(KeyValue::new("conjoin.task.name", name));
        if let Some(graph) = &metrics.graph {
            attributes.push(KeyValue::new("conjoin.graph.name", graph.clone()));
        }
        metrics.active.add(1, &attributes);
        RunningTask {
            metrics,
            attributes,
            began: Instant::now(),
            has_ended: false,
        }
    }

    fn ended_with<V, E>(&mut self, result: &Result<V, E>) {
        self.has_ended = true;
        self.metrics.active.add(-1, &self.attributes);
        if result.is_err() {
            self.attributes
                .push(KeyValue::new("error.type", type_name::<E>()));
        }
        self.record();
    }

    fn record(&self) {
        let seconds = self.began.elapsed().as_secs_f64();
        self.metrics.duration.record(seconds, &self.attributes);
    }
}

impl Drop for RunningTask<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.metrics.active.add(-1, &self.attributes);
            let why = if thread::panicking() {
                "panic"
            } else {
                "cancelled"
            };
            self.attributes.push(KeyValue::new("error.type", why));
            self.record();
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics")
            .field("graph", &self.graph)
            .finish_non_exhaustive()
    }
}
