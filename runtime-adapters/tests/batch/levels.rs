//! Tests that each level of a graph is one call, whatever the plan and the executor.

use std::time::Duration;

use conjoin::auto;
use conjoin_adapters::batch::{Batch, Loader};
use futures::future::{join_all, poll_fn, try_join_all};
use futures::stream::{self, FuturesUnordered, StreamExt};
use futures::task::noop_waker_ref;
use std::pin::pin;
use std::task::{Context, Poll};
use tokio::time::sleep;
use tokio::{join, test};

use crate::Calls;

/// Loaders whose values are their keys: one that is ready at once, and one that takes time.
macro_rules! with_both {
    ($batch:ident, $calls:ident => $code:block) => {
        let $calls = Calls::new();
        {
            let $batch = Batch::new(async |keys: Vec<u32>| {
                $calls.note(&keys);
                keys
            });
            $code
        }
        let $batch = Batch::new(async |keys: Vec<u32>| {
            $calls.note(&keys);
            sleep(Duration::from_millis(1)).await;
            keys
        });
        $code
    };
}

/// The length of each call since the last call of this.
fn sizes(calls: &Calls<u32>) -> Vec<usize> {
    calls.take().iter().map(Vec::len).collect()
}

#[test(start_paused = true)]
async fn series_of_parallel_parts_makes_a_call_for_each() {
    with_both!(batch, calls => {
        let sum = auto! {
            a => batch.load(1).await?,
            b => batch.load(2).await?,
            c: [a, b] => batch.load(a + b + 10).await?,
            d: [a, b] => batch.load(a + b + 20).await?,
            e: [c, d] => batch.load(c + d).await?,
            => e,
        };
        assert_eq!(sum.await, Ok(36));
        assert_eq!(sizes(&calls), [2, 2, 1]);
    });
}

#[test(start_paused = true)]
async fn gated_part_makes_a_call_for_each_level() {
    with_both!(batch, calls => {
        let sum = auto! {
            a => batch.load(1).await?,
            b => batch.load(2).await?,
            c => batch.load(3).await?,
            d: [a, b] => batch.load(a + b + 10).await?,
            e: [b, c] => batch.load(b + c + 20).await?,
            f: [a, c] => batch.load(a + c + 30).await?,
            g: [d, e as _] => batch.load(d + 100).await?,
            h: [e, f as _] => batch.load(e + 200).await?,
            i: [f, d as _] => batch.load(f + 300).await?,
            => g + h + i,
        };
        assert_eq!(sum.await, Ok(113 + 225 + 334));
        assert_eq!(sizes(&calls), [3, 3, 3]);
    });
}

#[test(start_paused = true)]
async fn wide_part_with_wakers_makes_a_call_for_a_level() {
    with_both!(batch, calls => {
        let sum = auto! {
            one => batch.load(100).await?,
            two: [one] => batch.load(one + 1).await?,
            a => batch.load(1).await?, b => batch.load(2).await?, c => batch.load(3).await?,
            d => batch.load(4).await?, e => batch.load(5).await?, f => batch.load(6).await?,
            g => batch.load(7).await?, h => batch.load(8).await?, i => batch.load(9).await?,
            j: [a] => batch.load(a + 10).await?, k: [b] => batch.load(b + 10).await?,
            l: [c] => batch.load(c + 10).await?, m: [d] => batch.load(d + 10).await?,
            n: [e] => batch.load(e + 10).await?, o: [f] => batch.load(f + 10).await?,
            p: [g] => batch.load(g + 10).await?, q: [h] => batch.load(h + 10).await?,
            r: [i] => batch.load(i + 10).await?,
            => two + j + k + l + m + n + o + p + q + r,
        };
        assert_eq!(sum.await, Ok(101 + 45 + 90));
        assert_eq!(sizes(&calls), [10, 10]);
    });
}

#[test(start_paused = true)]
async fn nested_graphs_share_the_calls_of_their_levels() {
    with_both!(batch, calls => {
        let inner = |from: u32| {
            let batch = &batch;
            async move {
                auto! {
                    a => batch.load(from).await?,
                    b => batch.load(from + 1).await?,
                    c: [a, b] => batch.load(a + b + 1000).await?,
                    => c,
                }.await
            }
        };
        let graph = auto! {
            left => inner(10).await?,
            right => inner(20).await?,
            alone => batch.load(1).await?,
            => left + right + alone,
        };
        assert_eq!(graph.await, Ok(1021 + 1041 + 1));
        assert_eq!(sizes(&calls), [5, 2]);
    });
}

#[test(start_paused = true)]
async fn limit_splits_a_level_into_no_more_than_needed() {
    with_both!(batch, calls => {
        let graph = auto! {
            #![limit(2)]
            a => batch.load(1).await?, b => batch.load(2).await?, c => batch.load(3).await?,
            d => batch.load(4).await?, e => batch.load(5).await?,
            => a + b + c + d + e,
        };
        assert_eq!(graph.await, Ok(15));
        assert_eq!(sizes(&calls), [2, 2, 1]);
    });
}

#[test(start_paused = true)]
async fn loads_of_joins_share_a_call() {
    with_both!(batch, calls => {
        assert_eq!(join!(batch.load(1), batch.load(2)), (Ok(1), Ok(2)));
        assert_eq!(futures::join!(batch.load(3), batch.load(4)), (Ok(3), Ok(4)));
        assert_eq!(tokio::try_join!(batch.load(5), batch.load(6)), Ok((5, 6)));
        join_all((10..15).map(|key| batch.load(key))).await;
        // This many loads are in a `FuturesUnordered`.
        let many = try_join_all((100..200).map(|key| batch.load(key))).await;
        assert_eq!(many.map(|values| values.len()), Ok(100));
        assert_eq!(sizes(&calls), [2, 2, 2, 5, 100]);
    });
}

#[test(start_paused = true)]
async fn buffered_streams_make_a_call_for_each_level() {
    with_both!(batch, calls => {
        let two_levels = |key| {
            let batch = &batch;
            async move { batch.load(batch.load(key).await? + 1000).await }
        };
        let all = stream::iter(0..40).map(two_levels).buffer_unordered(20);
        let mut all: Vec<_> = all.map(Result::unwrap).collect().await;
        all.sort_unstable();
        assert_eq!(all, (1000..1040).collect::<Vec<_>>());
        // Two levels, twenty at a time.
        let sizes = sizes(&calls);
        assert_eq!(sizes.iter().sum::<usize>(), 80);
        assert_eq!(&sizes[..2], [20, 20], "{sizes:?}");

        let all: Vec<_> = stream::iter(0..40).map(|key| batch.load(key + 2000)).buffered(40).collect().await;
        assert_eq!(all.len(), 40);
        assert_eq!(calls.take().len(), 1);
    });
}

/// A `FuturesUnordered` polls two futures that yield before it polls the others.
#[test(start_paused = true)]
async fn unordered_futures_and_others_share_a_call() {
    with_both!(batch, calls => {
        let two_levels = |key| {
            let batch = &batch;
            async move { batch.load(batch.load(key).await? + 1000).await }
        };
        let many = |keys: std::ops::Range<u32>| {
            keys.map(two_levels).collect::<FuturesUnordered<_>>().collect::<Vec<_>>()
        };
        let _ = join!(two_levels(1), many(10..13), many(20..50), two_levels(2), two_levels(3));
        assert_eq!(sizes(&calls), [36, 36]);
    });
}

#[test(start_paused = true)]
async fn loads_of_two_batches_keep_in_step() {
    let (calls, others) = (Calls::new(), Calls::new());
    let batch = Batch::new(async |keys: Vec<u32>| {
        calls.note(&keys);
        sleep(Duration::from_millis(1)).await;
        keys
    });
    let other = Batch::new(async |keys: Vec<u32>| {
        others.note(&keys);
        keys
    });
    let hop = |key| {
        let (batch, other) = (&batch, &other);
        async move { other.load(batch.load(key).await? + 1000).await }
    };
    let many = (10..40).map(hop).collect::<FuturesUnordered<_>>();
    let graph = auto! {
        a => hop(1).await?,
        b: [a] => hop(a + 1).await?,
        c => join!(hop(2), hop(3), many.collect::<Vec<_>>()),
        => b + c.0.unwrap() + c.1.unwrap(),
    };
    assert_eq!(graph.await, Ok(2002 + 1002 + 1003));
    assert_eq!((sizes(&calls), sizes(&others)), (vec![33, 1], vec![33, 1]));
}

/// Only polled loads share a call: a load that is not polled delays none.
#[test]
async fn load_that_is_not_polled_holds_up_nobody() {
    let batch = Batch::new(async |keys: Vec<u32>| {
        tokio::task::yield_now().await;
        keys
    });
    let mut parked = pin!(batch.load(1));
    assert!(poll(&mut parked).is_pending());
    assert_eq!(batch.load(2).await, Ok(2));

    // It was polled first, and drives the call.
    let mut parked = pin!(batch.load(3));
    let mut other = pin!(batch.load(3));
    while batch_is_gathering(&batch) {
        assert!(poll(&mut other).is_pending());
        assert!(poll(&mut parked).is_pending());
    }
    assert_eq!(other.await, Ok(3));
}

fn batch_is_gathering(
    batch: &Batch<
        u32,
        u32,
        std::convert::Infallible,
        impl Loader<u32, u32, std::convert::Infallible>,
    >,
) -> bool {
    let text = format!("{batch:?}");
    !text.contains("gathered: 0")
}

fn poll<F: Future>(future: &mut std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future
        .as_mut()
        .poll(&mut Context::from_waker(noop_waker_ref()))
}

#[test]
async fn load_in_a_select_that_lost_may_go_on_later() {
    let batch = Batch::new(async |keys: Vec<u32>| keys);
    let mut load = pin!(batch.load(1));
    tokio::select! {
        biased;
        _ = &mut load => unreachable!("a load yields first"),
        () = poll_fn(|_| Poll::Ready(())) => {}
    }
    assert_eq!(load.await, Ok(1));
}

#[test]
async fn calls_of_a_stream_of_new_keys_are_not_put_off() {
    let calls = Calls::new();
    let batch = Batch::new(async |keys: Vec<u32>| {
        calls.note(&keys);
        keys
    });
    // Brings a new key in each round.
    let mut key = 1;
    let mut busy = FuturesUnordered::new();
    let stream = poll_fn(|cx| {
        key += 1;
        busy.push(batch.load(key));
        let _ = busy.poll_next_unpin(cx);
        cx.waker().wake_by_ref();
        Poll::<()>::Pending
    });
    tokio::select! {
        biased;
        value = batch.load(1) => assert_eq!(value, Ok(1)),
        () = stream => {}
    }
    assert_eq!(calls.take()[0][0], 1);
}
