//! What is asked for.

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

/// Something that a [`Broker`](super::Broker) can be asked for: a name, and the types that go there and come back.
///
/// The name is what the two sides agree on: it goes over the wire, the Rust type does not. Both sides may be different
/// versions of a program; change the name when an old handler would misunderstand a new request.
///
/// ```
/// use conjoin_adapters::broker::Request;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Thumbnail {
///     path: String,
///     width: u32,
/// }
///
/// impl Request for Thumbnail {
///     const NAME: &'static str = "thumbnail";
///     // The same picture comes of it, however often it is made.
///     const IDEMPOTENT: bool = true;
///     type Response = Vec<u8>;
///     type Error = String;
/// }
/// ```
pub trait Request: Serialize + DeserializeOwned + Clone + Send + 'static {
    /// What it is called: one to 200 of `A-Z a-z 0-9 _ - .`, without a `.` at an end or beside another, so that it can
    /// be part of a NATS subject. With another name, registering a handler and making a call panic, whatever the engine.
    const NAME: &'static str;

    /// Whether nothing is different when it is handled twice. If so, a call whose worker dies is made again on another.
    const IDEMPOTENT: bool = false;

    /// What the handler answers.
    type Response: Serialize + DeserializeOwned + Send + 'static;

    /// What the handler fails with.
    type Error: Serialize + DeserializeOwned + Send + 'static;
}

/// Rejects a request whose name is none, where a handler is registered and where a call is made.
#[track_caller]
pub(super) fn check_name<Q: Request>() {
    assert!(
        is_name(Q::NAME),
        "`{}` cannot be the name of a request; help: use 1 to 200 of `A-Z a-z 0-9 _ - .`, without a `.` at an end or \
         beside another",
        Q::NAME
    );
}

/// Whether a name keeps to what [`Request::NAME`] says.
pub(super) fn is_name(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (1..=200).contains(&name.len())
        && name
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(is_allowed))
}
