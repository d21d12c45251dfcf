//! Tests the registration of handlers.

use std::error::Error;

use conjoin_adapters::broker::{Broker, BrokerError, Handlers, Request};
use serde::{Deserialize, Serialize};

use crate::requests::{Echo, Fail, handlers};

/// A request with an invalid name.
#[derive(Clone, Serialize, Deserialize)]
struct Misnamed<const N: usize>;

impl<const N: usize> Request for Misnamed<N> {
    const NAME: &'static str = ["", "a b", ".a", "a..b", "a.", "*", "a.>", "ä", "a\n"][N];
    type Response = ();
    type Error = ();
}

#[test]
#[should_panic(expected = "there are two handlers for `echo`")]
fn a_request_has_one_handler() {
    let _ = handlers().on::<Echo>(async |Echo { text }| Ok(text));
}

/// Checks that an operation rejects a request with an invalid name.
fn is_refused<const N: usize>(what: impl FnOnce()) {
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(what));
    let payload = refused.expect_err("a name that is none");
    let message = payload.downcast_ref::<String>().expect("a message");
    let beginning = format!(
        "`{}` cannot be the name of a request; help: use 1 to 200 of",
        Misnamed::<N>::NAME
    );
    assert!(message.starts_with(&beginning), "{message}");
}

macro_rules! for_each_bad_name {
    ($check:ident $arguments:tt) => {
        for_each_bad_name!(0 1 2 3 4 5 6 7 8: $check $arguments)
    };
    ($($index:literal)*: $check:ident $arguments:tt) => {
        $($check::<$index> $arguments;)*
    };
}

#[test]
fn bad_name_panics_at_registration() {
    fn check<const N: usize>() {
        is_refused::<N>(|| drop(Handlers::new().on::<Misnamed<N>>(async |_| Ok(()))));
    }
    for_each_bad_name!(check());
}

/// Calls with an invalid name panic where they are made, before anything is sent.
pub(crate) fn bad_names_panic_at_calls(broker: &Broker) {
    fn check<const N: usize>(broker: &Broker) {
        is_refused::<N>(|| drop(broker.call(&Misnamed::<N>)));
        is_refused::<N>(|| drop(broker.call_durable(&Misnamed::<N>)));
    }
    for_each_bad_name!(check(broker));
}

#[tokio::test]
async fn a_clone_keeps_what_it_had_when_the_other_gets_more() {
    let before = Handlers::new().on::<Echo>(async |Echo { text }| Ok(text));
    let after = before
        .clone()
        .on::<Fail>(async |Fail { reason }| Err(reason));
    assert_eq!(
        format!("{before:?} {after:?}"),
        r#"Handlers(["echo"]) Handlers(["echo", "fail"])"#
    );

    let unknown = Broker::in_process(before)
        .call(&Fail {
            reason: "no".into(),
        })
        .await;
    assert_eq!(unknown, Err(BrokerError::UnknownRequest("fail".into())));
    let failed = Broker::in_process(after)
        .call(&Fail {
            reason: "no".into(),
        })
        .await;
    assert_eq!(failed, Err(BrokerError::Failed("no".into())));
}

#[test]
fn a_failure_is_shown_as_the_error_that_it_is() {
    let inner = "x".parse::<u8>().expect_err("no number");
    let failed = BrokerError::Failed(inner.clone());
    assert_eq!(failed.to_string(), inner.to_string());
    assert!(failed.source().is_none());
    assert_eq!(failed.clone().failure(), Some(inner));
    assert_eq!(failed.map(|_| 5), BrokerError::Failed(5));
    assert_eq!(BrokerError::<u8>::WorkerDied.failure(), None);
    assert_eq!(
        BrokerError::Decode::<u8>("why".into()).map(|_| ()),
        BrokerError::Decode("why".into())
    );
}
