//! `dagx`: a graph of tasks with a type for each number of dependencies. Errors are values, so each task passes them on.

#![allow(
    clippy::many_single_char_names,
    clippy::too_many_arguments,
    reason = "a task that needs eight"
)]

use dagx::{DagRunner, Task, TaskHandle, task};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::tasks::{Error, Needs, Outcome, Tasks};

type Value = Result<u64, Error>;

/// The box is there because `#[task]` takes no generic type. It is one allocation for a task, next to a dozen of `dagx`.
struct Start {
    task: usize,
    start: fn(usize, u64) -> BoxFuture<'static, Value>,
}

struct NeedsNone(Start);
struct NeedsOne(Start);
struct NeedsTwo(Start);
struct NeedsEight(Start);

#[task]
impl NeedsNone {
    async fn run(&self) -> Value {
        (self.0.start)(self.0.task, 0).await
    }
}

#[task]
impl NeedsOne {
    async fn run(&self, a: &Value) -> Value {
        (self.0.start)(self.0.task, sum([a])?).await
    }
}

#[task]
impl NeedsTwo {
    async fn run(&self, a: &Value, b: &Value) -> Value {
        (self.0.start)(self.0.task, sum([a, b])?).await
    }
}

#[task]
impl NeedsEight {
    async fn run(
        &self,
        a: &Value,
        b: &Value,
        c: &Value,
        d: &Value,
        e: &Value,
        f: &Value,
        g: &Value,
        h: &Value,
    ) -> Value {
        (self.0.start)(self.0.task, sum([a, b, c, d, e, f, g, h])?).await
    }
}

fn sum<const N: usize>(values: [&Value; N]) -> Value {
    values.into_iter().cloned().sum()
}

pub(crate) async fn run<T: Tasks, const N: usize>(needs: &'static Needs<N>) -> Outcome<N> {
    let graph = DagRunner::new();
    let mut nodes: Vec<TaskHandle<Value>> = Vec::with_capacity(N);
    for (task, needs) in needs.iter().enumerate() {
        let start = Start {
            task,
            start: |task, input| T::run(task, input).boxed(),
        };
        nodes.push(match **needs {
            [] => graph.add_task(NeedsNone(start)).into(),
            [a] => graph.add_task(NeedsOne(start)).depends_on(nodes[a]),
            [a, b] => graph
                .add_task(NeedsTwo(start))
                .depends_on((&nodes[a], &nodes[b])),
            [a, b, c, d, e, f, g, h] => graph.add_task(NeedsEight(start)).depends_on((
                &nodes[a], &nodes[b], &nodes[c], &nodes[d], &nodes[e], &nodes[f], &nodes[g],
                &nodes[h],
            )),
            _ => unreachable!("no graph has a task that needs {}", needs.len()),
        });
    }
    graph
        .run(|future| drop(tokio::spawn(future)))
        .await
        .expect("no task panics");
    let mut values = [0; N];
    for (value, node) in values.iter_mut().zip(nodes) {
        *value = graph.get(node).expect("each task has ended")?;
    }
    Ok(values)
}
