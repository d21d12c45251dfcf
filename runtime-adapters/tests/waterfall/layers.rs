//! Tests the layer with other layers, and with code that formats its fields in unusual ways.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use conjoin_adapters::Waterfalls;
use tracing::{info, trace};
use tracing_subscriber::{EnvFilter, fmt as printing, prelude::*};

use super::{only, page, span, task, watch};

/// The printed text.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Printed {
    fn layer<S>(&self) -> impl tracing_subscriber::Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    {
        let printed = self.clone();
        printing::layer()
            .without_time()
            .with_ansi(false)
            .with_writer(move || printed.clone())
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn wakes(waterfalls: &Waterfalls) -> u64 {
    only(waterfalls)
        .tasks
        .iter()
        .map(conjoin_adapters::waterfall::Task::wake_count)
        .sum()
}

#[tokio::test(start_paused = true)]
async fn filtered_layer_prints_no_wakes() {
    let (waterfalls, printed) = (Waterfalls::new(), Printed::default());
    let printing = printed.layer().with_filter(EnvFilter::new("info"));
    let _guard = tracing_subscriber::registry()
        .with(waterfalls.layer())
        .with(printing)
        .set_default();
    page().await;
    info!("seen");
    trace!("unseen");
    assert_eq!(
        printed.text(),
        "  INFO waterfall::layers: seen\n"
            .trim_start()
            .replace("INFO", " INFO")
    );
    assert_eq!(wakes(&waterfalls), 3);
}

#[tokio::test(start_paused = true)]
async fn a_filter_for_all_layers_decides_about_wakes() {
    for (directives, expected) in [("info", 0), ("conjoin=info", 0), ("warn,conjoin=trace", 3)] {
        let waterfalls = Waterfalls::new();
        let layers = tracing_subscriber::registry()
            .with(EnvFilter::new(directives))
            .with(waterfalls.layer());
        let _guard = layers.set_default();
        page().await;
        assert_eq!(
            (wakes(&waterfalls), only(&waterfalls).tasks.len()),
            (expected, 3),
            "{directives}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn inner_of_two_layers_records() {
    let (inner, outer) = (Waterfalls::new(), Waterfalls::builder().sample(2).build());
    let layers = tracing_subscriber::registry()
        .with(inner.layer())
        .with(outer.layer())
        .with(inner.layer());
    let _guard = layers.set_default();
    page().await;
    assert_eq!(
        (wakes(&inner), task(&only(&inner), "posts").poll_count()),
        (3, 3)
    );
    assert_eq!(
        (outer.runs().len(), outer.stats()),
        (0, conjoin_adapters::waterfall::Stats::default())
    );
}

#[tokio::test(start_paused = true)]
async fn other_spans_are_ignored() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    assert!(!tracing::enabled!(tracing::Level::ERROR));
    assert!(!tracing::enabled!(target: "conjoin_adapters", tracing::Level::ERROR));
    assert!(tracing::enabled!(target: "conjoin", tracing::Level::TRACE));
    let graph = span!(1);
    let known = span!(&graph, "known", "");
    // A span without the fields of a task, a task without a graph, other events, and a wake of something else.
    drop(tracing::info_span!(target: "conjoin", parent: &graph, "stranger"));
    drop(span!(None, "orphan", ""));
    trace!(target: "conjoin", parent: &known, "woken up");
    info!(target: "conjoin", parent: &known, "woken");
    known.in_scope(|| trace!(target: "conjoin", "woken"));
    trace!(target: "conjoin", parent: &graph, "woken");
    drop((known, graph));
    assert_eq!((only(&waterfalls).tasks.len(), wakes(&waterfalls)), (1, 0));
}

/// Logs, makes graphs, and reads the runs while it is formatted. While a span is created, `tracing` ignores the first.
struct Meddler<'a>(&'a Waterfalls);

impl fmt::Display for Meddler<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        trace!(target: "conjoin", parent: tracing::Span::current(), "woken");
        drop(span!(0));
        write!(f, "{} runs", self.0.runs().len())
    }
}

struct Panics;

impl fmt::Display for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("as it is wanted")
    }
}

#[tokio::test(start_paused = true)]
async fn no_lock_is_held_while_the_users_code_runs() {
    let waterfalls = Waterfalls::builder().label("label").build();
    let _guard = watch(&waterfalls);
    let graph =
        tracing::info_span!(target: "conjoin", "auto", tasks = 1, label = %Meddler(&waterfalls));
    let meddled = tracing::info_span!(
        target: "conjoin", parent: &graph, "meddled", dependencies = %"a, b", exception.message = tracing::field::Empty
    );
    meddled.record(
        "exception.message",
        tracing::field::display(Meddler(&waterfalls)),
    );
    drop((meddled, graph));
    let runs = waterfalls.runs();
    let run = runs.last().unwrap();
    assert!(run.label("label") == Some("0 runs"));
    assert_eq!(
        (run.tasks[0].error.as_deref(), &*run.tasks[0].dependencies),
        (Some("1 runs"), &["a", "b"].map(String::from)[..])
    );
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_users_code_is_survived() {
    let waterfalls = Waterfalls::builder().label("label").build();
    let _guard = watch(&waterfalls);
    let graph = span!(1);
    let fields =
        || tracing::info_span!(target: "conjoin", parent: &graph, "bad", dependencies = %Panics);
    catch_unwind(AssertUnwindSafe(fields)).unwrap_err();
    // The registry has leaked the span, so the outer span is never closed.
    graph.record("outcome", "done");
    assert_eq!(only(&waterfalls).tasks.len(), 0);
    page().await;
    assert_eq!(waterfalls.runs().len(), 2);
}
