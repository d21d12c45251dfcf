//! Graphs without a subscriber, or with filters.

use std::pin::pin;

use conjoin::auto;
use conjoin_tests::{Flag, poll};
use conjoin_tests_tracing::Recorder;
use tracing::dispatcher::with_default;
use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Instrument, Level, info_span};
use tracing_subscriber::filter::{dynamic_filter_fn, filter_fn};
use tracing_subscriber::layer::SubscriberExt;

use super::later;

#[test]
fn a_subscriber_that_wants_warnings_only_sees_nothing() {
    let recorder = Recorder::default();
    let run = || {
        futures::executor::block_on(
            auto! { user => later(1).await, posts: [user] => later(*user).await },
        )
    };
    with_default(&recorder.subscriber(LevelFilter::WARN), run);
    assert!(recorder.story().log.is_empty());
}

#[test]
fn graph_is_recorded_from_its_first_poll_or_never() {
    let recorder = Recorder::default();
    let mut graph = pin!(auto! { user => later(1).await, posts: [user] => later(*user).await });
    let flag = Flag::new();
    assert!(poll(graph.as_mut(), &flag).is_pending());
    with_default(&recorder.subscriber(LevelFilter::INFO), || {
        while poll(graph.as_mut(), &flag).is_pending() {}
    });
    assert!(recorder.story().log.is_empty());
}

#[test]
fn graph_keeps_its_first_subscriber() {
    let (first, second) = (Recorder::default(), Recorder::default());
    let mut graph = pin!(auto! { user => later(1).await, posts: [user] => later(*user).await });
    let flag = Flag::new();
    with_default(&first.subscriber(LevelFilter::INFO), || {
        assert!(poll(graph.as_mut(), &flag).is_pending());
    });
    with_default(&second.subscriber(LevelFilter::INFO), || {
        assert!(poll(graph.as_mut(), &flag).is_pending());
    });
    assert!(poll(graph.as_mut(), &flag).is_ready());
    assert_eq!(
        first.story().tree(),
        "auto: done\n  user: done\n  posts: done\n"
    );
    assert!(second.story().log.is_empty());
}

/// A subscriber to whose filter the span that is current matters.
fn without_graphs_in_hidden(recorder: &Recorder) -> Dispatch {
    let filter = dynamic_filter_fn(|metadata, context| {
        let is_hidden = context
            .lookup_current()
            .is_some_and(|span| span.name() == "hidden");
        metadata.name() != "auto" || !is_hidden
    });
    Dispatch::new(
        tracing_subscriber::registry()
            .with(filter)
            .with(recorder.clone()),
    )
}

#[test]
fn filtered_graph_filters_its_tasks() {
    let recorder = Recorder::default();
    let graph = auto! {
        outer => auto! {
            left => later(1).await,
            right => { later(()).await; info_span!("query").in_scope(|| 2) },
            => left + right
        }.instrument(info_span!("hidden")).await,
        beside => later(3).await,
        after: [outer] => later(*outer).await,
    };
    with_default(&without_graphs_in_hidden(&recorder), || {
        futures::executor::block_on(graph)
    });
    let tree =
        "auto: done\n  outer: done\n    hidden\n      query\n  beside: done\n  after: done\n";
    assert_eq!(recorder.story().tree(), tree);
}

#[test]
fn graph_nested_in_a_filtered_one_is_recorded() {
    let recorder = Recorder::default();
    let graph = auto! {
        outer => auto! { left => later(1).await, right => later(2).await }.instrument(info_span!("shown")).await,
        after: [outer as _] => later(4).await,
    };
    let run = || futures::executor::block_on(graph.instrument(info_span!("hidden")));
    with_default(&without_graphs_in_hidden(&recorder), run);
    let tree = "hidden\n  shown\n    auto: done\n      left: done\n      right: done\n";
    assert_eq!(recorder.story().tree(), tree);
}

#[test]
fn filtered_task_keeps_other_spans() {
    let recorder = Recorder::default();
    let filter =
        filter_fn(|metadata| *metadata.level() <= Level::INFO && metadata.name() != "middle");
    let subscriber = Dispatch::new(
        tracing_subscriber::registry()
            .with(recorder.clone())
            .with(filter),
    );
    let graph = auto! {
        first => later(1).await,
        middle: [first as _] => auto! { inner => later(1).await }.await,
        last: [middle as _] => later(2).await,
        beside => Err::<(), _>(later(later("no").await).await)?,
    };
    let failed = with_default(&subscriber, || futures::executor::block_on(graph));
    assert_eq!(failed.err(), Some("no"));
    let tree = "auto: failed\n  first: done\n  beside: failed\n  auto: done\n    inner: done\n  last: cancelled\n";
    assert_eq!(recorder.story().tree(), tree);
}
