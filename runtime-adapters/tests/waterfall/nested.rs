//! Tests graphs within tasks of graphs.

use conjoin::auto;
use conjoin_adapters::Waterfalls;
use conjoin_adapters::waterfall::Outcome;
use tracing::Instrument;

use super::{ms, names, only, page, sleep, span, task, watch};

#[tokio::test(start_paused = true)]
async fn a_graph_in_a_task_is_part_of_its_run() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    auto! {
        before => sleep(5).await,
        pages: [before as _] => { page().await; page().await },
    }
    .await;
    let run = only(&waterfalls);
    let pages = task(&run, "pages");
    let times: Vec<_> = pages
        .graphs
        .iter()
        .map(|graph| (graph.start, graph.duration))
        .collect();
    assert_eq!(times, [(ms(5), ms(40)), (ms(45), ms(40))]);
    // Its tasks' times count from its own start.
    let posts = task(&pages.graphs[1], "posts");
    assert_eq!((posts.waited, posts.end), (ms(20), ms(40)));
    assert_eq!(names(&pages.graphs[1]), ["user", "posts", "comments"]);
}

#[tokio::test(start_paused = true)]
async fn a_graph_that_outlives_the_one_around_it_is_cut() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let graph = span!(1);
    let outer = span!(&graph, "outer", "");
    let inner = outer.in_scope(|| span!(1));
    let slow = span!(&inner, "slow", "");
    sleep(3).await;
    outer.record("outcome", "done");
    graph.record("outcome", "done");
    sleep(3).await;
    drop((inner, slow));
    let run = only(&waterfalls);
    let inner = &task(&run, "outer").graphs[0];
    assert_eq!(
        (inner.outcome, inner.duration),
        (Outcome::Unfinished, ms(3))
    );
    let slow = task(inner, "slow");
    assert_eq!(
        (slow.outcome, slow.end, slow.slack),
        (Outcome::Unfinished, ms(3), None)
    );
}

#[tokio::test(start_paused = true)]
async fn graph_after_its_outer_run_is_a_run_of_its_own() {
    let waterfalls = Waterfalls::builder().label("who").build();
    let _guard = watch(&waterfalls);
    let later = async {
        sleep(5).await;
        page().await;
    };
    let spawns = auto! { spawned => tokio::spawn(later.in_current_span()) };
    let spawned = spawns
        .instrument(tracing::info_span!("request", who = "me"))
        .await
        .spawned;
    spawned.await.unwrap();
    let runs = waterfalls.runs();
    assert_eq!(
        runs.iter().map(|run| run.tasks.len()).collect::<Vec<_>>(),
        [1, 3]
    );
    assert_eq!(runs[1].label("who"), Some("me"));
}

#[tokio::test(start_paused = true)]
async fn nested_graph_outside_a_task_is_its_own_run() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let graphs = async { span!(0).in_scope(|| drop(span!(0))) };
    let ((), runs) = waterfalls.record(graphs).await;
    assert_eq!((runs.len(), waterfalls.runs()), (2, runs));
}

#[tokio::test(start_paused = true)]
async fn graphs_are_recorded_16_deep() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let mut spans = vec![span!(1)];
    for _ in 0..20 {
        let graph = spans.last().unwrap();
        let inner = span!(graph, "inner", "");
        spans.push(inner.in_scope(|| span!(1)));
        spans.push(inner);
        let last = spans.len() - 2;
        spans.swap(last, last + 1);
    }
    // From the innermost outwards.
    while spans.pop().is_some() {}
    let run = only(&waterfalls);
    let mut depth = 0;
    let mut innermost = &run.tasks[0];
    while let Some(graph) = innermost.graphs.first() {
        innermost = &graph.tasks[0];
        depth += 1;
    }
    assert_eq!((depth, innermost.omitted_graphs), (16, 1));
    assert!(run.to_string().contains("1 graphs are left out"), "{run}");
}
