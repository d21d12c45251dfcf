//! Batches on many threads.

use std::sync::Arc;
use std::time::Duration;

use conjoin::auto;
use conjoin_adapters::batch::Batch;
use tokio::task::{JoinSet, yield_now};
use tokio::{join, test};

use crate::Calls;

/// The loader is answered by another thread while the graph is polled: some loads see the answer in this round of
/// polls, others in the next.
#[test(flavor = "multi_thread", worker_threads = 4)]
async fn levels_are_whole_when_other_threads_answer() {
    let mut requests = JoinSet::new();
    for request in 0..1000_u32 {
        requests.spawn(async move {
            let calls = Calls::new();
            let batch = Batch::new(async |keys: Vec<u32>| {
                calls.note(&keys);
                tokio::spawn(async { yield_now().await }).await.unwrap();
                keys
            });
            let graph = auto! {
                a => batch.load(request).await?,
                b => batch.load(request + 1).await?,
                c => batch.load(request + 2).await?,
                d: [a, b] => batch.load(a + b + 10_000).await?,
                e: [b, c] => batch.load(b + c + 20_000).await?,
                f: [c, a] => batch.load(a + c + 30_000).await?,
                g: [d, e] => batch.load(d + e + 100_000).await?,
                h: [e, f] => batch.load(e + f + 200_000).await?,
                => g + h,
            };
            assert!(graph.await.is_ok());
            let sizes: Vec<_> = calls.take().iter().map(Vec::len).collect();
            assert_eq!(sizes, [3, 3, 2], "request {request}");
        });
    }
    requests.join_all().await;
}

/// Each key is loaded once, whichever thread polls what.
#[test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_on_many_threads_share_a_batch() {
    for window in [None, Some(Duration::from_millis(1))] {
        let calls = Arc::new(Calls::new());
        let seen = Arc::clone(&calls);
        let batch = Batch::boxed(move |keys: Vec<u32>| {
            seen.note(&keys);
            async move {
                yield_now().await;
                tokio::spawn(async { yield_now().await }).await.unwrap();
                keys
            }
        });
        let batch = match window {
            Some(window) => batch.window(window),
            None => batch,
        };
        let batch = Arc::new(batch.max(64));
        let mut requests = JoinSet::new();
        for request in 0..1000_u32 {
            let batch = Arc::clone(&batch);
            requests.spawn(async move {
                let (one, two) = join!(batch.load(request % 300), batch.load(request % 7));
                assert_eq!((one, two), (Ok(request % 300), Ok(request % 7)));
            });
        }
        let all = tokio::time::timeout(Duration::from_secs(60), requests.join_all());
        all.await.expect("a load hangs");
        let mut keys = calls.take().concat();
        keys.sort_unstable();
        assert_eq!(keys, (0..300).collect::<Vec<_>>());
    }
}

/// Loads are dropped on other threads while their call runs, ends, or has not begun.
#[test(flavor = "multi_thread", worker_threads = 4)]
async fn drops_on_many_threads_leave_the_others() {
    let batch = Batch::boxed(|keys: Vec<u32>| async move {
        for _ in 0..keys.len() % 5 {
            tokio::spawn(async { yield_now().await }).await.unwrap();
        }
        keys
    });
    let batch = Arc::new(batch.uncached().max(16));
    let mut requests = JoinSet::new();
    for request in 0..2000_u32 {
        let batch = Arc::clone(&batch);
        requests.spawn(async move {
            let key = request % 50;
            if request % 3 == 0 {
                let yields = async {
                    for _ in 0..request % 11 {
                        yield_now().await;
                    }
                };
                tokio::select! { biased; () = yields => {}, value = batch.load(key) => assert_eq!(value, Ok(key)) }
            } else {
                assert_eq!(batch.load(key).await, Ok(key));
            }
        });
    }
    let all = tokio::time::timeout(Duration::from_secs(60), requests.join_all());
    all.await.expect("a load hangs");
    assert!(format!("{batch:?}").contains("known: 0, gathered: 0"));
}
