//! How handlers are registered.

use std::error::Error;

use conjoin_adapters::broker::{Broker, BrokerError, Handlers, Request};
use serde::{Deserialize, Serialize};

use crate::requests::{Echo, Fail, handlers};

/// A request whose name is not up to what names are.
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

#[test]
fn a_name_is_checked() {
    fn refused<const N: usize>() {
        let registered =
            std::panic::catch_unwind(|| Handlers::new().on::<Misnamed<N>>(async |_| Ok(())));
        let payload = registered.expect_err("a name that is none");
        let message = payload.downcast_ref::<String>().expect("a message");
        assert_eq!(
            *message,
            format!("`{}` cannot be the name of a request", Misnamed::<N>::NAME)
        );
    }
    refused::<0>();
    refused::<1>();
    refused::<2>();
    refused::<3>();
    refused::<4>();
    refused::<5>();
    refused::<6>();
    refused::<7>();
    refused::<8>();
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
