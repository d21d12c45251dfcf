//! Tests that a panic rejects the promise that the panicking code was to settle.

use conjoin_adapters::CallbackError::{Panicked, Rejected};
use conjoin_adapters::promise::Promise;

use crate::{Outcome, rejected, resolved, soon};

fn oh<T>() -> Outcome<T> {
    Err(Panicked("oh".into()))
}

#[tokio::test(start_paused = true)]
async fn in_a_handler_rejects_only_the_new_promise() {
    let promise = resolved((1, 2));
    assert_eq!(soon(promise.then(|_| -> u8 { panic!("oh") })).await, oh());
    assert_eq!(
        soon(promise.then_try(|_| -> Result<u8, _> { panic!("oh") })).await,
        oh()
    );
    assert_eq!(
        soon(promise.and_then(|_| -> Promise<u8, &str> { panic!("oh") })).await,
        oh()
    );
    assert_eq!(
        soon(promise.and_then(async |_| -> Result<u8, _> { panic!("oh") })).await,
        oh()
    );
    assert_eq!(soon(promise.tap(|_| panic!("oh"))).await, oh());
    assert_eq!(soon(promise.finally(|| panic!("oh"))).await, oh());
    assert_eq!(
        soon(promise.spread(|_, _| -> u8 { panic!("oh") })).await,
        oh()
    );
    assert_eq!(soon(promise).await, Ok((1, 2)));

    let promise = rejected::<u8>("no");
    assert_eq!(soon(promise.catch(|_| panic!("oh"))).await, oh());
    assert_eq!(
        soon(promise.or_else(async |_| -> Result<_, &str> { panic!("oh") })).await,
        oh()
    );
    assert_eq!(soon(promise.finally(|| panic!("oh"))).await, oh());
    assert_eq!(soon(promise).await, Err(Rejected("no")));
}

#[tokio::test(start_paused = true)]
async fn of_a_future_it_rejects_the_promise() {
    assert_eq!(
        soon(Promise::from_future(async { panic!("oh") })).await,
        oh::<u8>()
    );
    assert_eq!(
        soon(Promise::spawn(async { panic!("oh") })).await,
        oh::<u8>()
    );
}

#[tokio::test(start_paused = true)]
async fn of_a_clone_it_rejects_the_new_promise() {
    struct Grudging(bool);

    impl Clone for Grudging {
        fn clone(&self) -> Self {
            assert!(!self.0, "oh");
            Grudging(true)
        }
    }

    // A handler gets a clone, and nothing else does. A clone of the clone would be one too many.
    let cloned = Promise::<_, &str>::resolved(Grudging(false)).then(|clone| clone);
    assert_eq!(soon(cloned.then(|_| ())).await, oh());
}

#[tokio::test(start_paused = true)]
async fn in_a_clone_rejects_only_the_handlers_promises() {
    struct Unique;

    impl Clone for Unique {
        fn clone(&self) -> Self {
            panic!("oh")
        }
    }

    let promise = Promise::<_, &str>::resolved(Unique);
    assert_eq!(soon(promise.then(|_| ())).await, oh());

    let spawned = Promise::spawn(async { Ok::<_, &str>(1) });
    let unique = spawned.then(|_| Unique);
    let refused = unique.then(|_| ());
    assert_eq!(soon(refused).await, oh());
    assert_eq!(soon(spawned.then(|n| n + 1)).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn passes_error_handlers_but_not_finally() {
    let broken = resolved(1).then(|_| -> u8 { panic!("oh") });
    let (closed, is_closed) = std::sync::mpsc::channel();
    let passed = broken
        .catch(|_| 0)
        .then(|n| n)
        .finally(move || closed.send(()).unwrap());
    assert_eq!(soon(&passed).await, oh());
    is_closed.try_recv().unwrap();
    assert_eq!(soon(passed.settled()).await.unwrap(), oh());
}

#[tokio::test(start_paused = true)]
async fn a_spawned_chain_outlives_it() {
    let promise = Promise::spawn(async { Ok::<_, &str>(1) });
    let _ = promise.then(|_| panic!("oh"));
    assert_eq!(soon(promise.then(|n| n + 1)).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn in_a_drop_unwinds_but_skips_no_handler() {
    #[derive(Clone)]
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("oh");
        }
    }

    let promise = resolved(1);
    // Nothing takes the value of the handler, so it is dropped.
    drop(promise.then(|_| Bomb));
    let second = promise.then(|n| n + 1);
    let first_try = tokio::spawn(second.clone().into_future());
    assert!(soon(first_try).await.unwrap_err().is_panic());
    assert_eq!(soon(second).await, Ok(2));
}
