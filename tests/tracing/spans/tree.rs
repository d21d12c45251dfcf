//! Names, parents, fields, and when a span is entered.

use std::task::{Context, Waker};

use conjoin::auto;
use conjoin_tests_tracing::Recorder;
use tracing::dispatcher::with_default;
use tracing::level_filters::LevelFilter;
use tracing::{Instrument, Level, info_span};

use super::{later, seen_of};

#[test]
fn a_graph_is_a_span_and_its_tasks_are_its_children() {
    let line = line!() + 1;
    let graph = auto! {
        user => later(1).await,
        posts: [user] => later(*user).await,
        page: [user, posts as &n] => user + n,
    };
    let (_, story) = seen_of(graph);
    assert_eq!(
        story.tree(),
        "auto: done\n  user: done\n  posts: done\n  page: done\n"
    );
    assert_eq!(story.field("auto", "tasks"), Some("3"));
    assert_eq!(story.field("user", "dependencies"), Some(""));
    assert_eq!(story.field("posts", "dependencies"), Some("user"));
    assert_eq!(story.field("page", "dependencies"), Some("user, posts"));
    for span in &story.spans {
        assert_eq!(
            (span.metadata.target(), *span.metadata.level()),
            ("conjoin", Level::INFO)
        );
        assert_eq!(span.metadata.module_path(), Some(module_path!()));
        assert_eq!(
            (span.metadata.file(), span.metadata.line()),
            (Some(file!()), Some(line))
        );
        assert!(!span.fields.contains_key("otel.status_code"));
    }
}

#[test]
fn a_raw_name_is_the_name_without_its_prefix() {
    let (_, story) = seen_of(auto! { r#type => 1, r#match: [r#type] => *r#type });
    assert_eq!(story.tree(), "auto: done\n  type: done\n  match: done\n");
    assert_eq!(story.field("match", "dependencies"), Some("type"));
}

#[test]
fn task_span_is_entered_at_each_poll_only() {
    let (_, story) =
        seen_of(auto! { first => later(1).await, second: [first] => later(*first).await });
    let log = [
        "+auto", ">auto", "+first", ">first", "<first", "<auto", //
        ">auto", ">first", "<first", "-first", "+second", ">second", "<second", "<auto", //
        ">auto", ">second", "<second", "-second", "<auto", "-auto",
    ];
    assert_eq!(story.log, log);
}

#[test]
fn parallel_task_spans_are_entered_in_turn() {
    let (_, story) =
        seen_of(auto! { left => later(1).await, right => later(2).await, => left + right });
    let log = [
        "+auto", ">auto", "+left", ">left", "<left", "+right", ">right", "<right", "<auto", //
        ">auto", ">right", "<right", "-right", ">left", "<left", "-left", "<auto", "-auto",
    ];
    assert_eq!(story.log, log);
}

#[test]
fn every_shape_has_all_of_its_tasks() {
    let (_, n) = seen_of(auto! {
        a => later(1).await, b => later(2).await, c: [a] => later(*a).await, d: [a, b] => later(a + b).await,
    });
    assert_eq!(
        n.tree(),
        "auto: done\n  a: done\n  b: done\n  c: done\n  d: done\n"
    );
    let (_, gated) = seen_of(auto! {
        a => later(1).await, b => later(2).await, c: [a] => later(*a).await, d: [b] => later(*b).await,
        e: [c, d] => later(c + d).await, f: [d] => later(*d).await,
    });
    let mut tasks: Vec<_> = gated
        .spans
        .iter()
        .map(|span| span.metadata.name())
        .collect();
    tasks.sort_unstable();
    assert_eq!(tasks, ["a", "auto", "b", "c", "d", "e", "f"]);
    let (_, wide) = seen_of(auto! {
        #![limit(9)]
        a => later(1).await, b => later(1).await, c => later(1).await, d => later(1).await, e => later(1).await,
        f => later(1).await, g => later(1).await, h => later(1).await, i => later(1).await, j: [a] => later(*a).await,
    });
    assert_eq!(wide.spans.len(), 11);
    for story in [n, gated, wide] {
        assert!(
            story
                .spans
                .iter()
                .all(|span| span.fields["outcome"] == "done"),
            "{}",
            story.tree()
        );
        assert!(
            story.spans[1..].iter().all(|span| span.parent == Some(0)),
            "{}",
            story.tree()
        );
    }
}

#[test]
fn a_series_in_pieces_is_all_one_graph() {
    let graph = auto! {
        t_a => later(0).await, t_b: [t_a] => later(*t_a).await, t_c: [t_b] => later(*t_b).await,
        t_d: [t_c] => later(*t_c).await, t_e: [t_d] => later(*t_d).await, t_f: [t_e] => later(*t_e).await,
        t_g: [t_f] => later(*t_f).await, t_h: [t_g] => later(*t_g).await, t_i: [t_h] => later(*t_h).await,
        t_j: [t_i] => later(*t_i).await, t_k: [t_j] => later(*t_j).await, t_l: [t_k] => later(*t_k).await,
        t_m: [t_l] => later(*t_l).await, t_n: [t_m] => later(*t_m).await, t_o: [t_n] => later(*t_n).await,
        t_p: [t_o] => later(*t_o).await, t_q: [t_p] => later(*t_p).await, t_r: [t_q] => later(*t_q).await,
        t_s: [t_r] => later(*t_r).await, t_t: [t_s] => later(*t_s).await, t_u: [t_t] => later(*t_t).await,
        t_v: [t_u] => later(*t_u).await, t_w: [t_v] => later(*t_v).await, t_x: [t_w] => later(*t_w).await,
        t_y: [t_x] => later(*t_x).await, t_z: [t_y] => later(*t_y).await,
    };
    let (_, story) = seen_of(graph);
    assert_eq!(story.spans.len(), 27);
    assert!(
        story.spans[1..]
            .iter()
            .all(|span| span.parent == Some(0) && span.fields["outcome"] == "done")
    );
}

#[test]
fn body_runs_in_its_task_span_across_awaits() {
    let (_, story) = seen_of(auto! {
        user => { info_span!("early").in_scope(|| ()); later(1).await; info_span!("late").in_scope(|| ()); },
        other => later(info_span!("sync").in_scope(|| 1)).instrument(info_span!("query")).await,
        => info_span!("last").in_scope(|| other)
    });
    let tree = "auto: done\n  user: done\n    early\n    late\n  other: done\n    sync\n    query\n  last\n";
    assert_eq!(story.tree(), tree);
}

#[test]
fn condition_runs_in_its_task_span() {
    let (_, story) = seen_of(auto! {
        user => 1,
        posts: [user] if later(info_span!("asks").in_scope(|| *user == 1)).await => later(2).await,
    });
    assert_eq!(
        story.tree(),
        "auto: done\n  user: done\n  posts: done\n    asks\n"
    );
}

#[test]
fn nested_graph_spans_are_children_of_the_task() {
    let (_, story) = seen_of(auto! {
        outer => auto! { left => later(1).await, right => later(2).await, => left + right }.await,
        beside => { later(1).await; info_span!("inside").in_scope(|| ()); },
        after: [outer] => later(*outer).await,
    });
    let tree = "auto: done\n  outer: done\n    auto: done\n      left: done\n      right: done\n  \
                beside: done\n    inside\n  after: done\n";
    assert_eq!(story.tree(), tree);
}

#[test]
fn graph_span_has_the_first_polls_parent() {
    let (_, story) = seen_of(async {
        let graph = info_span!("where it is made").in_scope(|| auto! { user => later(1).await });
        graph.instrument(info_span!("where it runs")).await
    });
    assert_eq!(
        story.tree(),
        "where it is made\nwhere it runs\n  auto: done\n    user: done\n"
    );
}

#[test]
fn alternating_graphs_keep_their_own_spans() {
    let graph = async |n| {
        let graph = auto! {
            first => { later(()).await; info_span!("in first").in_scope(|| n) },
            second: [first] => { later(()).await; info_span!("in second").in_scope(|| first + 1) },
            beside => later(n).await,
        };
        graph.await.second
    };
    let both = async {
        let one = graph(1).instrument(info_span!("one"));
        futures::join!(one, graph(2).instrument(info_span!("two")))
    };
    let (sums, story) = seen_of(both);
    assert_eq!(sums, (2, 3));
    let of_one = "  auto: done\n    first: done\n      in first\n    beside: done\n    second: done\n      in second\n";
    assert_eq!(story.tree(), format!("one\n{of_one}two\n{of_one}"));
}

#[test]
fn object_around_a_task_is_in_its_span() {
    struct Says;
    impl Says {
        async fn task<T>(&self, name: &'static str, body: impl Future<Output = T>) -> T {
            tracing::info!("around {name}");
            body.await
        }
    }
    let (_, story) = seen_of(auto! {
        #![around(Says)]
        user => later(1).await,
        posts: [user] => later(*user).await,
        never: [user] if *user == 2 => later(*user).await,
    });
    assert_eq!(
        story.tree(),
        "auto: done\n  user: done\n  posts: done\n  never: not run\n"
    );
    let said: Vec<_> = story.log.iter().filter(|it| it.starts_with('!')).collect();
    assert_eq!(said, ["!user around user", "!posts around posts"]);
}

#[test]
fn graph_names_its_function_and_tasks() {
    let (_, story) = seen_of(auto! { user => 1, posts: [user] => user + 1, => posts });
    assert_eq!(story.field("auto", "names"), Some("user, posts"));
    let function = "spans::tree::graph_names_its_function_and_tasks";
    assert_eq!(story.field("auto", "code.function.name"), Some(function));
}

#[test]
fn dropped_graph_has_its_names() {
    let recorder = Recorder::default();
    with_default(&recorder.subscriber(LevelFilter::INFO), || {
        let mut graph = Box::pin(auto! { user => later(1).await, posts: [user] => user + 1 });
        let mut context = Context::from_waker(Waker::noop());
        assert!(graph.as_mut().poll(&mut context).is_pending());
    });
    let story = recorder.story();
    assert_eq!(story.field("auto", "outcome"), Some("cancelled"));
    assert_eq!(story.field("auto", "names"), Some("user, posts"));
}
