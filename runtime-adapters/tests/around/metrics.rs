//! Tests the metrics that an OpenTelemetry SDK receives.

use std::collections::BTreeMap;
use std::future::pending;
use std::panic::AssertUnwindSafe;

use conjoin::auto;
use conjoin_adapters::around::Metrics;
use futures::FutureExt;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ScopeMetrics, SumDataPoint};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};

#[derive(Debug)]
struct AppError;

struct Seen {
    provider: SdkMeterProvider,
    exporter: InMemoryMetricExporter,
}

impl Seen {
    fn new() -> Self {
        let exporter = InMemoryMetricExporter::default();
        let reader = PeriodicReader::builder(exporter.clone()).build();
        let provider = SdkMeterProvider::builder().with_reader(reader).build();
        Seen { provider, exporter }
    }

    fn metrics(&self) -> Metrics {
        Metrics::new(&self.provider.meter("test"))
    }

    /// The number of durations by attributes, and of running tasks.
    fn counts(&self) -> (BTreeMap<String, u64>, i64) {
        self.provider.force_flush().unwrap();
        let finished = self.exporter.get_finished_metrics().unwrap();
        let last = finished.last().expect("something was measured");
        let (mut durations, mut active) = (BTreeMap::new(), 0);
        for metric in last.scope_metrics().flat_map(ScopeMetrics::metrics) {
            match metric.data() {
                AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
                    assert_eq!(
                        (metric.name(), metric.unit()),
                        ("conjoin.task.duration", "s")
                    );
                    for point in histogram.data_points() {
                        let mut attributes: Vec<_> = point
                            .attributes()
                            .map(|it| format!("{}={}", it.key, it.value))
                            .collect();
                        attributes.sort_unstable();
                        durations.insert(attributes.join(" "), point.count());
                    }
                }
                AggregatedMetrics::I64(MetricData::Sum(sum)) => {
                    assert_eq!(
                        (metric.name(), metric.unit()),
                        ("conjoin.task.active", "{task}")
                    );
                    active += sum.data_points().map(SumDataPoint::value).sum::<i64>();
                }
                other => panic!("{other:?}"),
            }
        }
        (durations, active)
    }
}

#[test]
fn tasks_are_measured_by_name_graph_and_error() {
    let seen = Seen::new();
    let metrics = seen.metrics();
    for fails in [false, true, true] {
        let graph = auto! {
            #![around(metrics.of_graph("page"))]
            user => 7,
            posts: [user] => if fails { Err(AppError)? } else { *user },
            => posts,
        };
        let _: Option<Result<i32, AppError>> = graph.now_or_never();
    }
    let (durations, active) = seen.counts();
    let error = std::any::type_name::<AppError>();
    assert_eq!(
        durations,
        BTreeMap::from([
            (
                "conjoin.graph.name=page conjoin.task.name=posts".to_owned(),
                1
            ),
            (
                format!("conjoin.graph.name=page conjoin.task.name=posts error.type={error}"),
                2
            ),
            (
                "conjoin.graph.name=page conjoin.task.name=user".to_owned(),
                3
            ),
        ])
    );
    assert_eq!(active, 0);
}

#[test]
fn tasks_that_run_panic_or_are_dropped_are_counted() {
    let seen = Seen::new();
    let metrics = seen.metrics();
    let mut graph = Box::pin(
        auto! { #![around(&metrics)] a => pending::<()>().await, b => pending::<()>().await },
    );
    assert!(graph.as_mut().now_or_never().is_none());
    assert_eq!(seen.counts(), (BTreeMap::new(), 2));
    drop(graph);
    let graph = auto! { #![around(&metrics)] c => panic!("ouch") };
    let panicked = AssertUnwindSafe(async { _ = graph.await })
        .catch_unwind()
        .now_or_never();
    assert!(panicked.unwrap().is_err());
    let (durations, active) = seen.counts();
    let keys: Vec<_> = durations.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "conjoin.task.name=a error.type=cancelled",
            "conjoin.task.name=b error.type=cancelled",
            "conjoin.task.name=c error.type=panic"
        ]
    );
    assert_eq!(active, 0);
}
