//! The tests of graphql/dataloader 2.2, as far as types leave them open, under their own names.

use std::collections::HashMap;
use std::time::Duration;

use conjoin_adapters::batch::{Batch, BatchError};
use tokio::task::yield_now;
use tokio::time::sleep;
use tokio::{join, test};

use crate::Calls;

/// A batch whose values are its keys, and the calls of its loader.
macro_rules! identity {
    ($batch:ident, $calls:ident) => {
        let $calls = Calls::new();
        let $batch = Batch::new(async |keys: Vec<_>| {
            $calls.note(&keys);
            keys
        });
    };
}

#[test]
async fn builds_a_really_really_simple_data_loader() {
    let batch = Batch::new(async |keys: Vec<u32>| keys);
    assert_eq!(batch.load(1).await, Ok(1));
}

#[test]
async fn supports_loading_multiple_keys_in_one_call() {
    let batch = Batch::new(async |keys: Vec<u32>| keys);
    assert_eq!(batch.load_many([1, 2]).await, [Ok(1), Ok(2)]);
    assert_eq!(batch.load_many([]).await, []);
}

#[test]
async fn loading_multiple_keys_in_one_call_with_errors() {
    let batch = Batch::new(async |keys: Vec<&'static str>| -> HashMap<_, _> {
        let good = keys.into_iter().filter(|key| *key != "bad");
        good.map(|key| (key, key)).collect()
    });
    let all = batch.load_many(["a", "b", "bad"]).await;
    assert_eq!(all, [Ok("a"), Ok("b"), Err(BatchError::Missing)]);
}

#[test]
async fn batches_multiple_requests() {
    identity!(batch, calls);
    assert_eq!(join!(batch.load(1), batch.load(2)), (Ok(1), Ok(2)));
    assert_eq!(calls.take(), [[1, 2]]);
}

#[test]
async fn batches_requests_with_max_batch_sizes() {
    identity!(batch, calls);
    let batch = batch.max(2);
    let all = join!(batch.load(1), batch.load(2), batch.load(3));
    assert_eq!(all, (Ok(1), Ok(2), Ok(3)));
    assert_eq!(calls.take(), [vec![1, 2], vec![3]]);
}

#[test]
async fn applies_max_correctly_with_duplicate_keys() {
    identity!(batch, calls);
    let batch = batch.max(3);
    let keys = ["a", "b", "a", "a", "a", "b", "c"];
    assert_eq!(batch.load_many(keys).await, keys.map(Ok));
    assert_eq!(calls.take(), [["a", "b", "c"]]);
}

#[test]
async fn batches_cached_requests() {
    identity!(batch, calls);
    batch.prime(1, 1);
    assert_eq!(join!(batch.load(1), batch.load(2)), (Ok(1), Ok(2)));
    assert_eq!(calls.take(), [[2]]);
}

#[test]
async fn max_batch_size_respects_cached_results() {
    identity!(batch, calls);
    let batch = batch.max(1);
    batch.prime(1, 1);
    assert_eq!(join!(batch.load(1), batch.load(2)), (Ok(1), Ok(2)));
    assert_eq!(calls.take(), [[2]]);
}

#[test]
async fn coalesces_identical_requests() {
    identity!(batch, calls);
    assert_eq!(join!(batch.load(1), batch.load(1)), (Ok(1), Ok(1)));
    assert_eq!(calls.take(), [[1]]);
}

#[test]
async fn coalesces_requests_across_sized_batches() {
    identity!(batch, calls);
    let batch = batch.max(2);
    let all = batch.load_many([1, 2, 1, 3]).await;
    assert_eq!(all, [Ok(1), Ok(2), Ok(1), Ok(3)]);
    assert_eq!(calls.take(), [vec![1, 2], vec![3]]);
}

#[test]
async fn caches_repeated_requests() {
    identity!(batch, calls);
    assert_eq!(join!(batch.load("a"), batch.load("b")), (Ok("a"), Ok("b")));
    assert_eq!(join!(batch.load("a"), batch.load("c")), (Ok("a"), Ok("c")));
    assert_eq!(
        join!(batch.load("a"), batch.load("b"), batch.load("c")),
        (Ok("a"), Ok("b"), Ok("c"))
    );
    assert_eq!(calls.take(), [vec!["a", "b"], vec!["c"]]);
}

#[test]
async fn clears_single_value_in_loader() {
    identity!(batch, calls);
    batch.load_many(["a", "b"]).await;
    batch.clear(&"a");
    batch.load_many(["a", "b"]).await;
    assert_eq!(calls.take(), [vec!["a", "b"], vec!["a"]]);
}

#[test]
async fn clears_all_values_in_loader() {
    identity!(batch, calls);
    batch.load_many(["a", "b"]).await;
    batch.clear_all();
    batch.load_many(["a", "b"]).await;
    assert_eq!(calls.take(), [["a", "b"], ["a", "b"]]);
}

#[test]
async fn allows_priming_the_cache() {
    identity!(batch, calls);
    batch.prime("a", "primed");
    assert_eq!(batch.load_many(["a", "b"]).await, [Ok("primed"), Ok("b")]);
    assert_eq!(calls.take(), [["b"]]);
}

#[test]
async fn does_not_prime_keys_that_already_exist() {
    identity!(batch, calls);
    batch.prime("a", "x");
    assert_eq!(batch.load_many(["a", "b"]).await, [Ok("x"), Ok("b")]);
    batch.prime("a", "y").prime("b", "y");
    assert_eq!(batch.load_many(["a", "b"]).await, [Ok("x"), Ok("b")]);
    assert_eq!(calls.take(), [["b"]]);
}

#[test]
async fn allows_forcefully_priming_the_cache() {
    identity!(batch, calls);
    batch.prime("a", "x");
    assert_eq!(batch.load_many(["a", "b"]).await, [Ok("x"), Ok("b")]);
    batch
        .clear(&"a")
        .prime("a", "y")
        .clear(&"b")
        .prime("b", "y");
    assert_eq!(batch.load_many(["a", "b"]).await, [Ok("y"), Ok("y")]);
    assert_eq!(calls.take(), [["b"]]);
}

/// Even keys succeed. Errors of single keys are values.
type Parity = HashMap<u32, Result<u32, String>>;

fn parity(keys: Vec<u32>) -> Parity {
    let fate = |key: u32| {
        if key % 2 == 0 {
            Ok(key)
        } else {
            Err(format!("odd: {key}"))
        }
    };
    keys.into_iter().map(|key| (key, fate(key))).collect()
}

#[test]
async fn can_represent_failures_and_successes_at_once() {
    let batch = Batch::new(async |keys| parity(keys));
    let (one, two) = join!(batch.load(1), batch.load(2));
    assert_eq!((one, two), (Ok(Err("odd: 1".to_owned())), Ok(Ok(2))));
}

#[test]
async fn caches_failed_fetches_until_cleared() {
    let calls = Calls::new();
    let batch = Batch::new(async |keys: Vec<u32>| {
        calls.note(&keys);
        parity(keys)
    });
    assert!(batch.load(1).await.unwrap().is_err());
    assert!(batch.load(1).await.unwrap().is_err());
    assert_eq!(calls.take(), [[1]]);
    batch.clear(&1);
    assert!(batch.load(1).await.unwrap().is_err());
    assert_eq!(calls.take(), [[1]]);
}

#[test]
async fn handles_priming_the_cache_with_an_error() {
    let batch = Batch::new(async |keys| parity(keys));
    batch.prime(1, Err("Error: 1".to_owned()));
    assert_eq!(batch.load(1).await, Ok(Err("Error: 1".to_owned())));
}

#[test]
async fn propagates_error_to_all_loads() {
    let calls = Calls::new();
    let batch = Batch::new(async |keys: Vec<u32>| -> Result<Vec<u32>, String> {
        calls.note(&keys);
        Err("I am a terrible loader".to_owned())
    });
    let failed = || Err(BatchError::Failed("I am a terrible loader".to_owned()));
    assert_eq!(join!(batch.load(1), batch.load(2)), (failed(), failed()));
    // It is not cached.
    assert_eq!(batch.load(1).await, failed());
    assert_eq!(calls.take(), [vec![1, 2], vec![1]]);
}

#[test]
async fn may_disable_batching() {
    identity!(batch, calls);
    let batch = batch.max(1);
    assert_eq!(batch.load_many([1, 2]).await, [Ok(1), Ok(2)]);
    assert_eq!(calls.take(), [[1], [2]]);
}

#[test]
async fn may_disable_caching() {
    identity!(batch, calls);
    let batch = batch.uncached();
    batch.load_many(["a", "b"]).await;
    batch.load_many(["a", "c"]).await;
    batch.prime("a", "primed");
    assert_eq!(
        batch.load_many(["a", "b", "c"]).await,
        [Ok("a"), Ok("b"), Ok("c")]
    );
    assert_eq!(
        calls.take(),
        [vec!["a", "b"], vec!["a", "c"], vec!["a", "b", "c"]]
    );
}

/// Unlike there: two loads of a key at the same time share it.
#[test]
async fn equal_keys_in_one_call_are_asked_for_once() {
    identity!(batch, calls);
    let batch = batch.uncached();
    assert_eq!(batch.load_many([1, 1, 2]).await, [Ok(1), Ok(1), Ok(2)]);
    assert_eq!(calls.take(), [[1, 2]]);
}

#[test]
async fn complex_cache_behavior_via_clear_all() {
    let calls = Calls::new();
    let batch = Batch::new(async |keys: Vec<u32>| {
        calls.note(&keys);
        sleep(Duration::from_millis(1)).await;
        keys
    });
    // Clears the cache during the call.
    let forget = async {
        while calls.is_empty() {
            yield_now().await;
        }
        batch.clear_all();
    };
    assert_eq!(
        join!(batch.load(1), batch.load(2), forget),
        (Ok(1), Ok(2), ())
    );
    batch.load_many([1, 3]).await;
    assert_eq!(calls.take(), [[1, 2], [1, 3]]);
}

#[test]
async fn batches_loads_occurring_within_promises() {
    identity!(batch, calls);
    let nested = async {
        let inner = async { async { batch.load("b").await }.await };
        let (inner, c) = join!(inner, async { batch.load("c").await });
        (inner.unwrap(), c.unwrap())
    };
    assert_eq!(join!(batch.load("a"), nested), (Ok("a"), ("b", "c")));
    assert_eq!(calls.take(), [["a", "b", "c"]]);
}

#[test]
async fn can_call_a_loader_from_a_loader() {
    let (deep_calls, calls) = (Calls::new(), Calls::new());
    let deep = Batch::new(async |keys: Vec<Vec<&'static str>>| {
        deep_calls.note(&keys);
        keys
    });
    let a = Batch::new(async |keys: Vec<&'static str>| {
        calls.note(&keys);
        deep.load(keys).await
    });
    let b = Batch::new(async |keys: Vec<&'static str>| {
        calls.note(&keys);
        deep.load(keys).await
    });
    let all = join!(a.load("A1"), b.load("B1"), a.load("A2"), b.load("B2"));
    assert_eq!(all, (Ok("A1"), Ok("B1"), Ok("A2"), Ok("B2")));
    let sorted = |mut calls: Vec<_>| {
        calls.sort_unstable();
        calls
    };
    assert_eq!(sorted(calls.take()), [["A1", "A2"], ["B1", "B2"]]);
    // One lower call for the two upper ones.
    let [below] = &deep_calls.take()[..] else {
        panic!("several calls below");
    };
    assert_eq!(sorted(below.clone()), [["A1", "A2"], ["B1", "B2"]]);
}
