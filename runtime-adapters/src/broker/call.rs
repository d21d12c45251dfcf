//! The future of a call.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout};

use super::delivery::Delivery;
use super::error::BrokerError;
use super::inner::BrokerInner;
use super::request::{Request, check_name};
use super::wire::{self, RequestMessage};

/// How often a request is sent if the worker that has it dies each time.
const ATTEMPTS: u64 = 3;

/// A future of the answer to a request. See [`Broker::call`](super::Broker::call).
///
/// It sends nothing before its first poll, from which the deadline counts. It owns the request, so it can outlive what
/// it was made from, and can be spawned.
///
/// # Panics
///
/// If it is polled outside of a tokio runtime with its time driver, or after its end.
#[must_use = "futures do nothing unless polled"]
pub struct Call<Q: Request> {
    stage: CallStage<Q>,
}

enum CallStage<Q: Request> {
    New(Option<NewCall<Q>>),
    Running(BoxFuture<'static, Result<Q::Response, BrokerError<Q::Error>>>),
}

/// The parts of a call that has not started.
struct NewCall<Q: Request> {
    broker: Arc<BrokerInner>,
    what: RequestBody<Q>,
    options: CallOptions,
}

/// The request, as its engine takes it.
enum RequestBody<Q: Request> {
    Typed(Q),
    Encoded(Result<Bytes, BrokerError<Q::Error>>),
}

struct CallOptions {
    deadline: Duration,
    is_durable: bool,
    traceparent: Option<String>,
    id: Option<String>,
}

impl<Q: Request> Call<Q> {
    #[track_caller]
    pub(super) fn new(
        broker: Arc<BrokerInner>,
        request: &Q,
        deadline: Duration,
        is_durable: bool,
    ) -> Self {
        check_name::<Q>();
        let what = match broker.engine.format() {
            None => RequestBody::Typed(request.clone()),
            Some(format) => RequestBody::Encoded(wire::encode(format, request)),
        };
        let options = CallOptions {
            deadline,
            is_durable,
            traceparent: None,
            id: None,
        };
        Call {
            stage: CallStage::New(Some(NewCall {
                broker,
                what,
                options,
            })),
        }
    }

    /// Sets how long the call waits for an answer, from its first poll, instead of [the broker's
    /// deadline](super::Broker::deadline). Then it fails with [`TimedOut`](BrokerError::TimedOut), and is cancelled as
    /// if it were dropped.
    pub fn deadline(self, time: Duration) -> Self {
        self.with(|options| options.deadline = time)
    }

    /// Sets the [W3C trace context](https://www.w3.org/TR/trace-context/#traceparent-header) that the call is part of.
    /// The handler can [read](Delivery::traceparent) it; over NATS it is the header `traceparent`.
    pub fn traceparent(self, traceparent: impl Into<String>) -> Self {
        self.with(|options| options.traceparent = Some(traceparent.into()))
    }

    /// Sets an id that makes durable calls idempotent over NATS: of several with the same id, up to two minutes after
    /// the answer, only the first is handled, and all get its answer. Without one, each call has a unique id. The other
    /// engines ignore it.
    pub fn message_id(self, id: impl Into<String>) -> Self {
        self.with(|options| options.id = Some(id.into()))
    }

    fn with(mut self, set: impl FnOnce(&mut CallOptions)) -> Self {
        if let CallStage::New(Some(start)) = &mut self.stage {
            set(&mut start.options);
        }
        self
    }
}

impl<Q: Request> Future for Call<Q> {
    type Output = Result<Q::Response, BrokerError<Q::Error>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let CallStage::New(start) = &mut self.stage {
            let start = start
                .take()
                .expect("a call was polled again after it panicked");
            self.stage = CallStage::Running(start.run().boxed());
        }
        match &mut self.stage {
            CallStage::Running(running) => running.poll_unpin(cx),
            CallStage::New(_) => unreachable!("it has just been started"),
        }
    }
}

impl<Q: Request> Unpin for Call<Q> {}

impl<Q: Request> fmt::Debug for Call<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_started = matches!(self.stage, CallStage::Running(_));
        f.debug_struct("Call")
            .field("request", &Q::NAME)
            .field("is_started", &is_started)
            .finish_non_exhaustive()
    }
}

impl<Q: Request> NewCall<Q> {
    async fn run(self) -> Result<Q::Response, BrokerError<Q::Error>> {
        let NewCall {
            broker,
            what,
            options,
        } = self;
        // Released when the call ends, however it ends.
        let _permit = broker.enter()?;
        let deadline = options.deadline;
        let answer = answer(&broker, what, options);
        match timeout(deadline, broker.cut_off.run_until_cancelled(answer)).await {
            Ok(Some(answer)) => answer,
            Ok(None) => Err(BrokerError::Closed),
            Err(_) => Err(BrokerError::TimedOut),
        }
    }
}

async fn answer<Q: Request>(
    broker: &BrokerInner,
    what: RequestBody<Q>,
    options: CallOptions,
) -> Result<Q::Response, BrokerError<Q::Error>> {
    let CallOptions {
        deadline,
        is_durable,
        traceparent,
        id,
    } = options;
    let body = match what {
        RequestBody::Typed(request) => {
            return broker
                .handlers
                .answer(
                    request,
                    Delivery {
                        attempt: 1,
                        traceparent,
                    },
                )
                .await;
        }
        RequestBody::Encoded(body) => body?,
    };
    let deadline = Instant::now().checked_add(deadline);
    let mut message = RequestMessage {
        name: Q::NAME,
        body,
        deadline,
        is_durable,
        attempt: 1,
        is_repeated: false,
        traceparent,
        id,
    };
    let attempts = if broker.engine.redelivers() {
        1
    } else {
        ATTEMPTS
    };
    loop {
        message.is_repeated = (Q::IDEMPOTENT || is_durable) && message.attempt < attempts;
        match broker.engine.call(&message).await {
            Err(BrokerError::WorkerDied) if message.is_repeated => message.attempt += 1,
            answer => return wire::typed::<Q>(answer),
        }
    }
}
