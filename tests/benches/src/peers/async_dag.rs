//! `async_dag`: a graph of closures. Each parameter is connected to the value of another closure.

use async_dag::TryGraph;

use crate::tasks::{Error, Needs, Outcome, Tasks};

pub(crate) async fn run<T: Tasks, const N: usize>(needs: &'static Needs<N>) -> Outcome<N> {
    let mut graph = TryGraph::<Error>::new();
    let nodes: [_; N] = std::array::from_fn(|task| match needs[task].len() {
        0 => graph.add_try_task(move || T::run(task, 0)),
        1 => graph.add_try_task(move |a: u64| T::run(task, a)),
        2 => graph.add_try_task(move |a: u64, b: u64| T::run(task, a + b)),
        8 => graph.add_try_task(
            move |a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64| {
                T::run(task, a + b + c + d + e + f + g + h)
            },
        ),
        count => unreachable!("no graph has a task that needs {count}"),
    });
    for (task, needs) in needs.iter().enumerate() {
        for (place, &need) in (0..).zip(*needs) {
            graph
                .update_dependency(nodes[need], nodes[task], place)
                .expect("a graph has no cycle");
        }
    }
    graph.try_run().await?;
    Ok(nodes.map(|node| graph.get_value(node).expect("each task has ended")))
}
