//! `tokio::task::JoinSet`, with the same bookkeeping as `FuturesUnordered`.

use tokio::task::JoinSet;

use super::bookkeeping::Bookkeeping;
use crate::tasks::{Needs, Outcome, Tasks};

pub(crate) async fn run<T: Tasks, const N: usize>(
    needs: &'static Needs<N>,
    dependents: &'static Needs<N>,
) -> Outcome<N> {
    let start = |task, input| async move { T::run(task, input).await.map(|value| (task, value)) };
    let mut graph = Bookkeeping::new(needs, dependents);
    let mut running: JoinSet<_> = graph.first().map(|task| start(task, 0)).collect();
    while let Some(result) = running.join_next().await {
        let (task, value) = result.expect("no task panics")?;
        for (task, input) in graph.end(task, value) {
            running.spawn(start(task, input));
        }
    }
    Ok(graph.values)
}
