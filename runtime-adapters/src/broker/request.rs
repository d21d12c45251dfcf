//! Requests.

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

/// A request to a [`Broker`](super::Broker): a name, and the types of the request, its response and its error.
///
/// Caller and handler agree on the name: it goes over the wire, the Rust type does not. They may run different versions
/// of a program; change the name when an old handler would misunderstand a new request.
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
///     // Repeating it makes the same picture.
///     const IDEMPOTENT: bool = true;
///     type Response = Vec<u8>;
///     type Error = String;
/// }
/// ```
pub trait Request: Serialize + DeserializeOwned + Clone + Send + 'static {
    /// The name: 1 to 200 of `A-Z a-z 0-9 _ - .`, with no `.` at either end or next to another, so that it can be part
    /// of a NATS subject. With any other name, registering a handler and making a call panic, in every engine.
    const NAME: &'static str;

    /// Whether handling the request twice is the same as handling it once. If so, a call whose worker dies is sent to
    /// another worker.
    const IDEMPOTENT: bool = false;

    /// The response.
    type Response: Serialize + DeserializeOwned + Send + 'static;

    /// The handler's own error.
    type Error: Serialize + DeserializeOwned + Send + 'static;
}

/// Rejects a request with an invalid name, where a handler is registered and where a call is made.
#[track_caller]
pub(super) fn check_name<Q: Request>() {
    assert!(
        is_name(Q::NAME),
        "`{}` cannot be the name of a request; help: use 1 to 200 of `A-Z a-z 0-9 _ - .`, without a `.` at an end or \
         beside another",
        Q::NAME
    );
}

/// Whether a name follows [`Request::NAME`].
pub(super) fn is_name(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (1..=200).contains(&name.len())
        && name
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(is_allowed))
}
