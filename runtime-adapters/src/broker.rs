//! Requests that are answered in this process, in child processes, or on other machines.
//!
//! A [`Request`] has a name, a response and an error; [`Handlers`] answer requests; a [`Broker`] brings the two
//! together. Callers look the same wherever the handlers run:
//!
//! | engine | where the handlers run | what you run | made by |
//! | --- | --- | --- | --- |
//! | in process | in the calling future | nothing | [`Broker::in_process`] |
#![cfg_attr(
    all(unix, feature = "workers"),
    doc = "| workers | in child processes of the same program | nothing | [`Broker::workers`] |"
)]
#![cfg_attr(
    feature = "nats",
    doc = "| [NATS](self::nats) | in any program that is connected to the same server | `nats-server` | [`Broker::nats`] |"
)]
//!
//! ```
//! use conjoin::auto;
//! use conjoin_adapters::broker::{Broker, BrokerError, Handlers, Request};
//! use serde::{Deserialize, Serialize};
//!
//! /// Asks for the number of words in a text.
//! #[derive(Clone, Serialize, Deserialize)]
//! struct CountWords {
//!     text: String,
//! }
//!
//! impl Request for CountWords {
//!     const NAME: &'static str = "count-words";
//!     type Response = usize;
//!     type Error = String;
//! }
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let handlers = Handlers::new().on::<CountWords>(async |request: CountWords| {
//!     if request.text.is_empty() { Err("no text".to_owned()) } else { Ok(request.text.split(' ').count()) }
//! });
//! let broker = Broker::in_process(handlers);
//!
//! let words = auto! {
//!     title => broker.call(&CountWords { text: "On graphs".into() }).await?,
//!     body => broker.call(&CountWords { text: "Each task starts as soon as it can.".into() }).await?,
//!     => title + body,
//! }.await?;
//! assert_eq!(words, 10);
//!
//! let nothing = broker.call(&CountWords { text: String::new() }).await;
//! assert_eq!(nothing, Err(BrokerError::Failed("no text".into())));
//! # Ok::<_, BrokerError<String>>(()) }).unwrap();
//! ```
//!
//! # Values
//!
//! A call carries the same values in each engine. Workers and NATS encode requests, responses and errors as
//! [CBOR](https://www.rfc-editor.org/rfc/rfc8949), in a form that represents serde's data model exactly: `Some(None)`
//! and `Some(())` stay distinct from `None`, and NaN, maps with any keys, and values of `untagged` and `flatten` types
//! arrive unchanged. Bytes cost one byte each. Fields are named, so two versions of a program understand each other as
//! far as their types do. Values may be nested 1,024 levels deep.
//!
//! What a type's own `Serialize` refuses or skips does not arrive: serde refuses a `Path` that is not UTF-8, for
//! example ([`Encode`](BrokerError::Encode)); an `OsString` arrives. `Workers::json` and `Nats::json` write JSON
//! instead, for people and other programs to read.
//!
//! No call waits for ever: each has a deadline, 30 seconds by default, and each kind of failure is a variant of
//! [`BrokerError`].

// Only the remote engines encode.
#![cfg_attr(
    not(any(feature = "nats", all(unix, feature = "workers"))),
    allow(dead_code)
)]

mod call;
mod delivery;
mod engine;
mod error;
mod handle;
mod handlers;
mod inner;
mod limits;
#[cfg(feature = "nats")]
pub mod nats;
mod payload;
mod request;
#[cfg(any(feature = "nats", all(unix, feature = "workers")))]
mod start_error;
mod wire;
#[cfg(all(unix, feature = "workers"))]
mod workers;

pub use call::Call;
pub use delivery::Delivery;
pub use error::BrokerError;
pub use handle::Broker;
pub use handlers::{DeliveryHandler, Handler, Handlers};
#[cfg(feature = "nats")]
pub use nats::Nats;
pub use request::Request;
#[cfg(any(feature = "nats", all(unix, feature = "workers")))]
pub use start_error::StartError;
#[cfg(all(unix, feature = "workers"))]
pub use workers::{Workers, is_worker};

#[cfg(all(unix, feature = "workers"))]
pub use crate::process::{Backoff, WorkerState};
