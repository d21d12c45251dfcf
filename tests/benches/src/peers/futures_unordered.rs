//! `futures::stream::FuturesUnordered`, with the bookkeeping for a graph without layers.

use futures::TryStreamExt;
use futures::stream::FuturesUnordered;

use super::bookkeeping::Bookkeeping;
use crate::tasks::{Needs, Outcome, Tasks};

pub(crate) async fn run<T: Tasks, const N: usize>(
    needs: &'static Needs<N>,
    dependents: &'static Needs<N>,
) -> Outcome<N> {
    let start = async |task, input| T::run(task, input).await.map(|value| (task, value));
    let mut graph = Bookkeeping::new(needs, dependents);
    let mut running: FuturesUnordered<_> = graph.first().map(|task| start(task, 0)).collect();
    while let Some((task, value)) = running.try_next().await? {
        running.extend(
            graph
                .end(task, value)
                .map(|(task, input)| start(task, input)),
        );
    }
    Ok(graph.values)
}
