//! Tests loaders that load, from other batches and from their own.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use conjoin_adapters::batch::{Batch, BatchError};
use tokio::time::timeout;
use tokio::{join, test};

use crate::Calls;

type Numbers = Batch<u32, u32, BatchError>;

/// A batch that its own loader uses.
fn of_itself<F>(
    loader: impl Fn(Arc<Numbers>, Vec<u32>) -> F + Send + Sync + 'static,
) -> Arc<Numbers>
where
    F: Future<Output = Result<Vec<u32>, BatchError>> + Send + 'static,
{
    let own = Arc::new(OnceLock::<std::sync::Weak<Numbers>>::new());
    let weak = Arc::clone(&own);
    let batch = Arc::new(Batch::boxed(move |keys| {
        let batch = weak.get().and_then(std::sync::Weak::upgrade);
        loader(batch.expect("a load has it"), keys)
    }));
    own.set(Arc::downgrade(&batch)).unwrap();
    batch
}

/// Fails instead of hanging.
async fn ends<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(10), future)
        .await
        .expect("it hangs")
}

fn is_own_wait<T: std::fmt::Debug, E: std::fmt::Debug>(outcome: &Result<T, BatchError<E>>) -> bool {
    format!("{outcome:?}").contains("awaits its own end")
}

#[test]
async fn loader_loads_other_keys_of_its_own() {
    let calls = Arc::new(Calls::new());
    let seen = Arc::clone(&calls);
    // Each parent is half of its child.
    let batch = of_itself(move |batch, keys| {
        seen.note(&keys);
        async move {
            let parents = keys.iter().filter(|key| **key > 1).map(|key| key / 2);
            for parent in batch.load_many(parents).await {
                parent.map_err(|_| BatchError::Missing)?;
            }
            Ok(keys)
        }
    });
    assert_eq!(ends(batch.load(8)).await, Ok(8));
    assert_eq!(calls.take(), [[8], [4], [2], [1]]);
    // 9 and 10 share a call, and of their parents only 5 is not cached.
    let (nine, ten) = ends(async { join!(batch.load(9), batch.load(10)) }).await;
    assert_eq!((nine, ten), (Ok(9), Ok(10)));
    assert_eq!(calls.take(), [vec![9, 10], vec![5]]);
}

#[test]
async fn loader_that_awaits_its_own_key_panics() {
    let batch = of_itself(|batch, keys| async move {
        batch.load(keys[0]).await.map_err(|_| BatchError::Missing)?;
        Ok(keys)
    });
    let (one, two) = ends(async { join!(batch.load(1), batch.load(2)) }).await;
    assert!(is_own_wait(&one) && is_own_wait(&two), "{one:?}");
}

#[test]
async fn loader_that_awaits_its_awaiters_panics() {
    // Each of three awaits the next, in a circle.
    let batch = of_itself(|batch, keys| async move {
        let nexts: Vec<_> = keys.iter().map(|key| (key + 1) % 3).collect();
        for next in batch.load_many(nexts).await {
            next.map_err(|_| BatchError::Missing)?;
        }
        Ok(keys)
    });
    assert!(ends(batch.load(0)).await.is_err());
    // Their calls run at the same time.
    let one_each = Arc::into_inner(of_itself(|batch, keys| async move {
        let key = keys[0];
        tokio::task::yield_now().await;
        batch
            .load((key + 1) % 3)
            .await
            .map_err(|_| BatchError::Missing)?;
        Ok(keys)
    }));
    drop(one_each);
    let all = ends(async { join!(batch.load(0), batch.load(1), batch.load(2)) }).await;
    assert!(all.0.is_err() && all.1.is_err() && all.2.is_err());
}

#[test]
async fn loaders_of_two_batches_that_await_each_other_panic() {
    type Names = Batch<u32, u32, String>;
    let (users, posts) = (
        Arc::new(OnceLock::<Names>::new()),
        Arc::new(OnceLock::<Names>::new()),
    );
    let loader = |other: &Arc<OnceLock<Names>>| {
        let other = Arc::clone(other);
        move |keys: Vec<u32>| {
            let other = Arc::clone(&other);
            async move {
                tokio::task::yield_now().await;
                let others = other.get().unwrap().load_many(keys).await;
                others
                    .into_iter()
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(|error| error.to_string())
            }
        }
    };
    let of_users = Batch::boxed(loader(&posts));
    let of_posts = Batch::boxed(loader(&users));
    assert!(users.set(of_users).is_ok() && posts.set(of_posts).is_ok());
    let both = async { join!(users.get().unwrap().load(1), posts.get().unwrap().load(1)) };
    let (user, post) = ends(both).await;
    assert!(user.is_err() && post.is_err());
    assert!(
        is_own_wait(&user) || is_own_wait(&post),
        "{user:?}, {post:?}"
    );
}

#[test]
async fn loaders_of_one_level_share_a_call_below() {
    let calls = Calls::new();
    let below = Batch::new(async |keys: Vec<u32>| {
        calls.note(&keys);
        keys
    });
    let left = Batch::new(async |keys: Vec<u32>| {
        below
            .load_many(keys)
            .await
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
    });
    let right = Batch::new(async |keys: Vec<u32>| {
        below
            .load_many(keys)
            .await
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
    });
    let all = ends(async { join!(left.load(1), right.load(2), left.load(3)) }).await;
    assert_eq!(all, (Ok(1), Ok(2), Ok(3)));
    let calls = calls.take();
    assert_eq!((calls.len(), calls[0].len()), (1, 3), "{calls:?}");
}
