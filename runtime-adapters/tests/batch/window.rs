//! Tests batches with a window of time, across tasks.

use std::sync::Arc;
use std::time::Duration;

use conjoin_adapters::batch::Batch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio::{join, test};

use crate::Calls;

const WINDOW: Duration = Duration::from_millis(5);

/// A batch for all requests; its values are its keys.
fn shared(calls: &Arc<Calls<u32>>) -> Batch<u32, u32> {
    let calls = Arc::clone(calls);
    Batch::boxed(move |keys: Vec<u32>| {
        calls.note(&keys);
        async move { keys }
    })
    .window(WINDOW)
}

#[test(start_paused = true)]
async fn thousand_requests_share_a_call() {
    let calls = Arc::new(Calls::new());
    let batch = Arc::new(shared(&calls));
    let mut requests = JoinSet::new();
    for request in 0..1000 {
        let batch = Arc::clone(&batch);
        requests.spawn(async move {
            sleep(Duration::from_micros(request)).await;
            batch.load(u32::try_from(request).unwrap()).await
        });
    }
    let all = requests.join_all().await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(
        calls.take().iter().map(Vec::len).collect::<Vec<_>>(),
        [1000]
    );
}

#[test(start_paused = true)]
async fn window_begins_with_the_first_key() {
    let calls = Arc::new(Calls::new());
    let batch = shared(&calls);
    let began = Instant::now();
    let late = async {
        sleep(WINDOW * 4 / 5).await;
        batch.load(2).await.unwrap();
        began.elapsed()
    };
    let later = async {
        sleep(WINDOW + Duration::from_millis(1)).await;
        batch.load(3).await.unwrap();
        began.elapsed()
    };
    let (one, late, later) = join!(batch.load(1), late, later);
    assert_eq!((one, late), (Ok(1), WINDOW));
    assert_eq!(later, WINDOW + Duration::from_millis(1) + WINDOW);
    assert_eq!(calls.take(), [vec![1, 2], vec![3]]);
}

#[test(start_paused = true)]
async fn full_window_ends_at_once() {
    let calls = Arc::new(Calls::new());
    let batch = shared(&calls).max(3);
    let began = Instant::now();
    let five = batch.load_many([1, 2, 3, 4, 5]);
    assert_eq!(five.await.len(), 5);
    assert_eq!(calls.take(), [vec![1, 2, 3], vec![4, 5]]);
    assert_eq!(began.elapsed(), WINDOW);
    batch.load_many([6, 7, 8]).await;
    assert_eq!(began.elapsed(), WINDOW);
}

#[test(start_paused = true)]
async fn load_dropped_within_the_window_is_not_requested() {
    let calls = Arc::new(Calls::new());
    let batch = shared(&calls);
    {
        let mut first = std::pin::pin!(batch.load(1));
        let polled = futures::poll!(&mut first);
        assert!(polled.is_pending());
        // The window of the first load continues.
        let rest = async {
            sleep(WINDOW / 2).await;
            batch.load(2).await
        };
        let mut rest = std::pin::pin!(rest);
        assert!(futures::poll!(&mut rest).is_pending());
        drop(std::mem::replace(&mut *first, batch.load(9)));
        assert_eq!(rest.await, Ok(2));
    }
    assert_eq!(calls.take(), [[2]]);
}

#[test(start_paused = true)]
async fn window_whose_loads_are_dropped_is_over() {
    let calls = Arc::new(Calls::new());
    let batch = shared(&calls);
    let began = Instant::now();
    tokio::time::timeout(WINDOW / 5, batch.load(1))
        .await
        .unwrap_err();
    assert_eq!(batch.load(2).await, Ok(2));
    assert_eq!(began.elapsed(), WINDOW / 5 + WINDOW);
    assert_eq!(calls.take(), [[2]]);
}

#[test(start_paused = true)]
async fn window_of_a_map_for_all_requests_forgets() {
    let calls = Arc::new(Calls::new());
    let batch = shared(&calls).uncached();
    batch.load_many([1, 2]).await;
    batch.load_many([2, 3]).await;
    assert_eq!(calls.take(), [[1, 2], [2, 3]]);
    let debug = format!("{batch:?}");
    assert!(debug.contains("known: 0, gathered: 0"), "{debug}");
}
