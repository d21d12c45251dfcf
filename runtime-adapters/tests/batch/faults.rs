//! Tests loaders that fail, panic, or leave out keys.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::hash::{Hash, Hasher};

use conjoin::auto;
use conjoin_adapters::batch::{Batch, BatchError};
use tokio::task::yield_now;
use tokio::{join, test};

use crate::Calls;

#[test]
async fn key_that_the_map_has_not_is_missing() {
    let calls = Calls::new();
    let batch = Batch::new(async |keys: Vec<u32>| -> BTreeMap<u32, u32> {
        calls.note(&keys);
        keys.iter()
            .filter(|key| **key != 2)
            .map(|key| (*key, key * 10))
            .collect()
    });
    let all = batch.load_many([1, 2, 3]).await;
    assert_eq!(all, [Ok(10), Err(BatchError::Missing), Ok(30)]);
    // The outcome is cached until it is cleared.
    assert_eq!(batch.load(2).await, Err(BatchError::Missing));
    batch.clear(&2).prime(2, 20);
    assert_eq!(batch.load(2).await, Ok(20));
    assert_eq!(calls.take(), [[1, 2, 3]]);
}

#[test]
async fn keys_that_nobody_asked_for_are_ignored() {
    let batch = Batch::new(async |_: Vec<u32>| HashMap::from([(1, 'a'), (2, 'b'), (3, 'c')]));
    assert_eq!(batch.load(2).await, Ok('b'));
}

/// With fewer values than keys, their order is unknown: a query that leaves out a row would shift all that follow.
#[test]
async fn vec_of_another_length_fails_all_its_loads() {
    let lengths = Cell::new(2);
    let batch = Batch::new(async |keys: Vec<u32>| vec!['x'; lengths.get() * keys.len() / 3]);
    for length in [0, 1, 2, 4, 6] {
        lengths.set(length);
        let all = batch.load_many([1, 2, 3]).await;
        assert_eq!(all, [const { Err(BatchError::Missing) }; 3], "{length}");
        batch.clear_all();
    }
    lengths.set(3);
    assert_eq!(batch.load_many([1, 2, 3]).await, ['x'; 3].map(Ok));
}

#[test]
async fn error_fails_the_loads_of_its_call_only() {
    let batch = Batch::new(async |keys: Vec<u32>| {
        yield_now().await;
        if keys.contains(&1) {
            Err("one")
        } else {
            Ok(keys)
        }
    });
    let batch = batch.max(2);
    let all = batch.load_many([1, 2, 3, 4]).await;
    let failed = || Err(BatchError::Failed("one"));
    assert_eq!(all, [failed(), failed(), Ok(3), Ok(4)]);
    // It is not cached, and the next call has another outcome.
    assert_eq!(batch.load(2).await, Ok(2));
}

#[test]
async fn panic_fails_the_loads_of_its_call_only() {
    let panics = Cell::new(0);
    let call = |keys: Vec<u32>| {
        let early = panics.get() == 1;
        assert!(!early, "at once");
        let panics = &panics;
        async move {
            yield_now().await;
            assert!(panics.get() != 2 || !keys.contains(&1), "later");
            keys
        }
    };
    let batch = Batch::new(call).max(2);
    for (when, message) in [(1, "at once"), (2, "later")] {
        panics.set(when);
        let all = batch.load_many([1, 2, 3]).await;
        let panicked = Err(BatchError::Panicked(message.to_owned()));
        assert_eq!(all[..2], [panicked.clone(), panicked]);
        assert_eq!(all[2].is_ok(), when == 2);
    }
    panics.set(0);
    assert_eq!(batch.load_many([1, 2, 3]).await, [Ok(1), Ok(2), Ok(3)]);
}

#[test]
async fn panic_of_the_drop_of_the_loader_is_its_panic() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "at the end");
        }
    }
    let batch = Batch::new(async |keys: Vec<u32>| {
        let _bomb = Bomb;
        yield_now().await;
        keys
    });
    assert_eq!(
        batch.load(1).await,
        Err(BatchError::Panicked("at the end".to_owned()))
    );
}

#[test]
async fn panic_of_a_key_in_the_answer_is_the_loaders() {
    #[derive(Clone, Debug, PartialEq, Eq)]
    struct Key(bool);
    impl Hash for Key {
        fn hash<H: Hasher>(&self, _: &mut H) {
            assert!(!self.0, "of the key");
        }
    }
    let batch = Batch::new(async |_: Vec<Key>| HashMap::from([(Key(false), 1)]));
    assert_eq!(batch.load(Key(false)).await, Ok(1));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        futures::executor::block_on(batch.load(Key(true)))
    }));
    assert!(caught.is_err(), "the load of such a key panics itself");
    assert_eq!(batch.load(Key(false)).await, Ok(1));
}

#[test]
async fn errors_say_what_is_wrong() {
    let failed = BatchError::Failed(std::fmt::Error);
    assert_eq!(failed.to_string(), std::fmt::Error.to_string());
    assert!(failed.source().is_none());
    assert_eq!(failed.failure(), Some(std::fmt::Error));
    let panicked = BatchError::<std::fmt::Error>::Panicked("ouch".to_owned());
    assert_eq!(panicked.to_string(), "the loader panicked: ouch");
    let missing = BatchError::<std::fmt::Error>::Missing.to_string();
    assert!(
        missing.starts_with("the loader returned no value for this key"),
        "{missing}"
    );
}

#[test]
async fn errors_of_a_batch_end_a_graph_as_others_do() {
    let batch = Batch::new(async |keys: Vec<u32>| {
        if keys.len() > 1 {
            Err("too many")
        } else {
            Ok(keys)
        }
    });
    let graph = auto! {
        a => batch.load(1).await?,
        b => batch.load(2).await?,
        => a + b,
    };
    assert_eq!(graph.await, Err(BatchError::Failed("too many")));
    let settled = auto! {
        #![settle]
        a => batch.load(1).await?,
        b: [a as _] => batch.load(2).await?,
    };
    let settled = settled.await;
    assert!(settled.a.is_done() && settled.b.is_done());
}

#[test]
#[should_panic(expected = "`max` of a batch is 0")]
async fn max_of_zero_panics() {
    let _ = Batch::new(async |keys: Vec<u32>| keys).max(0);
}

#[test]
#[should_panic(expected = "polled after its end")]
async fn load_panics_after_its_end() {
    let batch = Batch::new(async |keys: Vec<u32>| keys);
    let mut load = batch.load(1);
    assert_eq!(join!(&mut load).0, Ok(1));
    let _ = load.await;
}
