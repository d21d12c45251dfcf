//! The handlers of requests.

use std::any::Any;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::delivery::Delivery;
use super::error::BrokerError;
use super::payload::Format;
use super::request::{Request, check_name};
use super::wire::{self, EncodedAnswer};
use crate::panic::message;

/// An async closure or function that answers requests `Q`. Nothing else implements this.
///
/// Its future must not borrow what the closure captures: clone that into an `async move` block, as for any future that
/// is spawned.
pub trait Handler<Q: Request>:
    Fn(Q) -> <Self as Handler<Q>>::Future + Send + Sync + 'static
{
    #[doc(hidden)]
    type Future: Future<Output = Result<Q::Response, Q::Error>> + Send + 'static;
}

impl<Q: Request, F, R> Handler<Q> for F
where
    F: Fn(Q) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Q::Response, Q::Error>> + Send + 'static,
{
    type Future = R;
}

/// A [`Handler`] that also gets the request's [`Delivery`].
pub trait DeliveryHandler<Q: Request>:
    Fn(Q, Delivery) -> <Self as DeliveryHandler<Q>>::Future + Send + Sync + 'static
{
    #[doc(hidden)]
    type Future: Future<Output = Result<Q::Response, Q::Error>> + Send + 'static;
}

impl<Q: Request, F, R> DeliveryHandler<Q> for F
where
    F: Fn(Q, Delivery) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Q::Response, Q::Error>> + Send + 'static,
{
    type Future = R;
}

/// The handlers of requests, by the requests' types. Clones share the handlers.
///
/// ```
/// use std::sync::Arc;
///
/// use conjoin_adapters::broker::{Broker, BrokerError, Handlers, Request};
/// # use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Greet(String);
///
/// impl Request for Greet {
///     const NAME: &'static str = "greet";
///     type Response = String;
///     type Error = String;
/// }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let greeting = Arc::new("Hello".to_owned());
/// let handlers = Handlers::new().on::<Greet>(move |Greet(name)| {
///     let greeting = Arc::clone(&greeting);
///     async move { if name.is_empty() { Err("no name".into()) } else { Ok(format!("{greeting}, {name}!")) } }
/// });
///
/// let broker = Broker::in_process(handlers);
/// assert_eq!(broker.call(&Greet("Ada".into())).await, Ok("Hello, Ada!".into()));
/// assert_eq!(broker.call(&Greet(String::new())).await, Err(BrokerError::Failed("no name".into())));
/// # });
/// ```
#[derive(Clone, Default)]
pub struct Handlers {
    by_name: Arc<HashMap<&'static str, Arc<dyn RemoteHandler>>>,
}

impl Handlers {
    /// No handlers yet. Enough for a program that only calls.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers requests `Q` with `handler`, which is called once for each. Any number of its futures run at the same
    /// time.
    ///
    /// # Panics
    ///
    /// If a handler is registered for a request of that name, or the name is invalid (see [`Request::NAME`]).
    #[must_use]
    #[track_caller]
    pub fn on<Q: Request>(self, handler: impl Handler<Q>) -> Self {
        self.with::<Q>(Box::new(move |request, _| handler(request).boxed()))
    }

    /// [`on`](Self::on), for a handler that also gets the [`Delivery`]: which attempt this is, and which trace it
    /// belongs to.
    ///
    /// # Panics
    ///
    /// As `on`.
    #[must_use]
    #[track_caller]
    pub fn on_delivery<Q: Request>(self, handler: impl DeliveryHandler<Q>) -> Self {
        self.with::<Q>(Box::new(move |request, delivery| {
            handler(request, delivery).boxed()
        }))
    }

    #[track_caller]
    fn with<Q: Request>(mut self, handler: BoxedHandler<Q>) -> Self {
        check_name::<Q>();
        // Clones that were made before keep their handlers.
        match Arc::make_mut(&mut self.by_name).entry(Q::NAME) {
            Entry::Vacant(entry) => entry.insert(Arc::new(TypedHandler(handler))),
            Entry::Occupied(_) => panic!("there are two handlers for `{}`", Q::NAME),
        };
        self
    }

    /// The names of the requests that have a handler, in alphabetical order.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.by_name.keys().copied().collect();
        names.sort_unstable();
        names
    }

    /// Answers a request of this process.
    pub(super) async fn answer<Q: Request>(
        &self,
        request: Q,
        delivery: Delivery,
    ) -> Result<Q::Response, BrokerError<Q::Error>> {
        let handler = self
            .by_name
            .get(Q::NAME)
            .map(|handler| &**handler as &dyn Any);
        let Some(handler) = handler.and_then(|handler| handler.downcast_ref::<TypedHandler<Q>>())
        else {
            return Err(BrokerError::UnknownRequest(Q::NAME.into()));
        };
        handler.answer(request, delivery).await
    }

    /// Answers an encoded request. The future never panics.
    pub(super) fn answer_remote(
        &self,
        name: &str,
        body: Bytes,
        delivery: Delivery,
    ) -> BoxFuture<'static, EncodedAnswer> {
        match self.by_name.get(name) {
            Some(handler) => Arc::clone(handler).answer(body, delivery),
            None => std::future::ready(Err(BrokerError::UnknownRequest(name.into()))).boxed(),
        }
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handlers").field(&self.names()).finish()
    }
}

type BoxedHandler<Q> = Box<
    dyn Fn(
            Q,
            Delivery,
        ) -> BoxFuture<'static, Result<<Q as Request>::Response, <Q as Request>::Error>>
        + Send
        + Sync,
>;

struct TypedHandler<Q: Request>(BoxedHandler<Q>);

impl<Q: Request> TypedHandler<Q> {
    async fn answer(
        &self,
        request: Q,
        delivery: Delivery,
    ) -> Result<Q::Response, BrokerError<Q::Error>> {
        // The handler may also panic before its first `await`.
        let answer = AssertUnwindSafe(async { self.0(request, delivery).await })
            .catch_unwind()
            .await;
        match answer {
            Ok(answer) => answer.map_err(BrokerError::Failed),
            Err(payload) => Err(BrokerError::Panicked(message(&*payload))),
        }
    }
}

/// A handler without its types.
trait RemoteHandler: Any + Send + Sync {
    fn answer(
        self: Arc<Self>,
        body: Bytes,
        delivery: Delivery,
    ) -> BoxFuture<'static, EncodedAnswer>;
}

impl<Q: Request> RemoteHandler for TypedHandler<Q> {
    fn answer(
        self: Arc<Self>,
        body: Bytes,
        delivery: Delivery,
    ) -> BoxFuture<'static, EncodedAnswer> {
        // Decoding and encoding run user code, too.
        let answer = AssertUnwindSafe(async move {
            let request = wire::decode(&body)?;
            let format = Format::of(&body);
            // The encoded request is not needed while the handler runs.
            drop(body);
            wire::untyped::<Q>(
                format,
                TypedHandler::answer(&*self, request, delivery).await,
            )
        });
        let answer = answer.catch_unwind();
        answer
            .map(|answer| {
                answer.unwrap_or_else(|panic| Err(BrokerError::Panicked(message(&*panic))))
            })
            .boxed()
    }
}
