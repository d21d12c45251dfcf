//! A batch makes one loader call for each level of a graph: for all tasks that can start at the same time.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conjoin_adapters::{Batch, BatchError};
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use crate::generated::SEED;

pub(crate) type Numbers = Batch<usize, usize>;
type Graph = fn(Arc<Numbers>) -> Pin<Box<dyn Future<Output = Result<(), BatchError>> + Send>>;

/// How a loader answers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answers {
    AtOnce,
    AfterYields,
    Later,
    /// While the graph is polled on another thread.
    FromAnotherThread,
}

/// Runs a graph whose task at each place loads that place.
pub(crate) fn check(name: &str, needs: &[&[usize]], limit: Option<usize>, graph: Graph) {
    for answers in [
        Answers::AtOnce,
        Answers::AfterYields,
        Answers::Later,
        Answers::FromAnotherThread,
    ] {
        for max in [None, Some(1), Some(3)] {
            // Calls that end one after the other start what waits for them one after the other.
            if max.is_some() && answers == Answers::FromAnotherThread {
                continue;
            }
            let calls = run(answers, max, graph);
            let context = format!("{name}, {answers:?}, max {max:?}, seed {SEED}: {calls:?}");
            assert_calls(&calls, needs, limit, max, &context);
        }
    }
}

fn run(answers: Answers, max: Option<usize>, graph: Graph) -> Vec<Vec<usize>> {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    let batch = Batch::boxed(move |keys: Vec<usize>| {
        seen.lock().unwrap().push(keys.clone());
        async move {
            match answers {
                Answers::AtOnce => {}
                Answers::AfterYields => {
                    for _ in 0..3 {
                        yield_now().await;
                    }
                }
                Answers::Later => sleep(Duration::from_millis(1)).await,
                Answers::FromAnotherThread => tokio::spawn(yield_now()).await.unwrap(),
            }
            keys
        }
    });
    let batch = Arc::new(batch.max(max.unwrap_or(usize::MAX)));
    let runtime = if answers == Answers::FromAnotherThread {
        Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build()
    } else {
        // Calls that begin at the same time end at the same time.
        Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
    };
    let runtime = runtime.expect("a runtime");
    let ended = runtime
        .block_on(async { timeout(Duration::from_secs(60), tokio::spawn(graph(batch))).await });
    assert_eq!(ended.expect("the graph hangs").unwrap(), Ok(()));
    calls.lock().unwrap().clone()
}

/// Each call has all that could be asked for then, as far as `limit` and `max` allow.
fn assert_calls(
    calls: &[Vec<usize>],
    needs: &[&[usize]],
    limit: Option<usize>,
    max: Option<usize>,
    context: &str,
) {
    let mut done = BTreeSet::new();
    let mut calls = calls.iter();
    while done.len() < needs.len() {
        let can_start = |task: &usize| {
            !done.contains(task) && needs[*task].iter().all(|need| done.contains(need))
        };
        let ready = (0..needs.len()).filter(can_start).count();
        let level = ready.min(limit.unwrap_or(usize::MAX));
        let mut asked = BTreeSet::new();
        for _ in 0..level.div_ceil(max.unwrap_or(usize::MAX)) {
            asked.extend(
                calls
                    .next()
                    .unwrap_or_else(|| panic!("a call is missing, {context}")),
            );
        }
        assert!(asked.iter().all(can_start), "something is early, {context}");
        assert_eq!(
            asked.len(),
            level,
            "a level is split after {done:?}, {context}"
        );
        done.extend(asked);
    }
    assert_eq!(calls.next(), None, "{context}");
}
