//! The exported trace.

use std::collections::BTreeMap;

use conjoin::auto;
use opentelemetry::trace::{SpanId, Status, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::dispatcher::with_default;
use tracing::{Dispatch, info_span};
use tracing_subscriber::layer::SubscriberExt;

use super::later;

fn exported(run: impl Future) -> BTreeMap<String, SpanData> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    // Its exporter uses the executor of `futures`, in which there must be no other one.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime of one thread");
    with_default(
        &Dispatch::new(tracing_subscriber::registry().with(layer)),
        || runtime.block_on(run),
    );
    let spans = exporter.get_finished_spans().expect("it exports to memory");
    spans
        .into_iter()
        .map(|span| (span.name.to_string(), span))
        .collect()
}

fn attribute(span: &SpanData, key: &str) -> Option<String> {
    span.attributes
        .iter()
        .find(|attribute| attribute.key.as_str() == key)
        .map(|found| found.value.to_string())
}

#[test]
fn opentelemetry_exports_the_tree_of_a_graph() {
    let spans = exported(auto! {
        user => later(1).await,
        posts: [user as _] => { info_span!("SELECT").in_scope(|| ()); Err::<(), _>(later("no posts").await)? },
        comments: [user as _] => later(later(later(1).await).await).await,
    });
    assert_eq!(
        spans.keys().collect::<Vec<_>>(),
        ["SELECT", "auto", "comments", "posts", "user"]
    );
    let id = |name: &str| spans[name].span_context.span_id();
    assert_eq!(spans["auto"].parent_span_id, SpanId::INVALID);
    for (child, parent) in [
        ("user", "auto"),
        ("posts", "auto"),
        ("comments", "auto"),
        ("SELECT", "posts"),
    ] {
        assert_eq!(
            spans[child].parent_span_id,
            id(parent),
            "{child} in {parent}"
        );
        assert_eq!(
            spans[child].span_context.trace_id(),
            spans["auto"].span_context.trace_id()
        );
    }
    assert_eq!(attribute(&spans["auto"], "tasks").as_deref(), Some("3"));
    assert_eq!(
        attribute(&spans["posts"], "dependencies").as_deref(),
        Some("user")
    );
    for (name, outcome) in [
        ("user", "done"),
        ("posts", "failed"),
        ("comments", "cancelled"),
        ("auto", "failed"),
    ] {
        assert_eq!(
            attribute(&spans[name], "outcome").as_deref(),
            Some(outcome),
            "{name}"
        );
        let status = if outcome == "failed" {
            Status::error("no posts")
        } else {
            Status::Unset
        };
        assert_eq!(spans[name].status, status, "{name}");
    }
    assert_eq!(
        attribute(&spans["posts"], "error.type").as_deref(),
        Some("&str")
    );
    assert_eq!(
        attribute(&spans["posts"], "exception.message").as_deref(),
        Some("no posts")
    );
    assert!(
        attribute(&spans["auto"], "code.file.path")
            .is_some_and(|path| path.ends_with("spans/opentelemetry.rs"))
    );
}
