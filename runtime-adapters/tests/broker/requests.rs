//! The requests of the tests, and their handlers.

use std::collections::BTreeMap;
use std::future::pending;

use conjoin_adapters::broker::{Delivery, Handlers, Request};
use serde::{Deserialize, Serialize};

use crate::values::Carry;

macro_rules! request {
    ($name:literal, $type:ident { $($field:ident: $of:ty)? } -> $response:ty) => {
        #[derive(Clone, Debug, Serialize, Deserialize)]
        pub(crate) struct $type {
            $(pub(crate) $field: $of,)?
        }

        impl Request for $type {
            const NAME: &'static str = $name;
            type Response = $response;
            type Error = String;
        }
    };
}

request!("echo", Echo { text: String } -> String);
request!("fail", Fail { reason: String } -> String);
// Panics before its first `await`, or after it.
request!("panic", Panic { is_late: bool } -> ());
request!("hang", Hang {} -> ());
// Answers with this many bytes.
request!("letters", Letters { count: usize } -> String);
// Answers with a value that JSON cannot represent.
request!("pairs", Pairs {} -> BTreeMap<(u8, u8), u8>);
request!("delivery", HowDelivered {} -> (u64, Option<String>));
request!("nobody", Nobody {} -> ());
// Answers with the id of its process.
request!("pid", Pid {} -> u32);

/// A value that cannot be encoded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Unwritable {
    pub(crate) pairs: BTreeMap<(u8, u8), u8>,
}

impl Request for Unwritable {
    const NAME: &'static str = "unwritable";
    type Response = ();
    type Error = String;
}

/// `Echo` in another version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OtherEcho {
    pub(crate) number: u32,
}

impl Request for OtherEcho {
    const NAME: &'static str = Echo::NAME;
    type Response = u32;
    type Error = String;
}

/// `Echo` with another type of response.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EchoOfNumbers {
    pub(crate) text: String,
}

impl Request for EchoOfNumbers {
    const NAME: &'static str = Echo::NAME;
    type Response = u32;
    type Error = String;
}

pub(crate) fn handlers() -> Handlers {
    Handlers::new()
        .on::<Echo>(async |Echo { text }| Ok(text))
        .on::<Fail>(async |Fail { reason }| Err(reason))
        .on::<Panic>(|Panic { is_late }| {
            assert!(is_late, "an early panic");
            async {
                tokio::task::yield_now().await;
                panic!("a late panic")
            }
        })
        .on::<Hang>(async |Hang {}| pending().await)
        .on::<Letters>(async |Letters { count }| Ok("x".repeat(count)))
        .on::<Pairs>(async |Pairs {}| Ok(BTreeMap::from([((1, 2), 3)])))
        .on_delivery::<HowDelivered>(async |HowDelivered {}, delivery: Delivery| {
            Ok((
                delivery.attempt(),
                delivery.traceparent().map(str::to_owned),
            ))
        })
        .on::<Unwritable>(async |_| Ok(()))
        .on::<Carry>(
            async |Carry { value, fails }| {
                if fails { Err(Some(value)) } else { Ok(value) }
            },
        )
        .on::<Pid>(async |Pid {}| Ok(std::process::id()))
}
