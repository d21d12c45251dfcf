//! Handlers on any number of machines, by way of a [NATS](https://nats.io) server.
//!
//! Each program that has [`Handlers`] is a worker: the server gives a request to one of those that
//! answer requests of its name. A program without handlers only asks; one with handlers may do both.
//!
//! | | [`call`](Broker::call) | [`call_durable`](Broker::call_durable) |
//! | --- | --- | --- |
//! | goes | from memory to memory | through a work queue on the server's disk (`JetStream`) |
//! | is handled | once, or not at all | once, or more often |
//! | when there is no worker | is [`NoWorkers`](BrokerError::NoWorkers) at once | waits for one |
//! | when its worker dies | times out | goes to another, after [`ack_wait`](Nats::ack_wait) |
//! | when the server is away | is [`Unavailable`](BrokerError::Unavailable) at once | waits for it |
//! | when the server dies | times out, unless the answer comes in time | goes on when it is back |
//! | at its deadline | drops a handler that runs | drops the answer; the work goes on |
//!
//! After the connection is lost the broker connects again by itself, as often as it takes, with growing pauses of up to
//! two seconds. `call` passes its deadline on as the time that is left, so that clocks need not agree: a worker does
//! not begin what nobody waits for any more. A call that is dropped tells the worker nothing; the handler has until the
//! deadline. `Duration::MAX` is for ever: nobody can tell a `call` that its worker died, and a durable call waits for
//! a worker, and for the server.
//!
//! [`shutdown`](Broker::shutdown) leaves the queue group without losing a call, and the work queue, which takes up to a
//! second; handlers that run have ten seconds to end and to answer.
//!
//! What the server does not allow fails where it belongs, with the server's words: a denied subscription fails the start
//! with [`StartError::Unavailable`], a denied subject its calls with [`Unavailable`](BrokerError::Unavailable), at once. If
//! the server takes a right away later, the broker connects again until it has the right back, and calls say why.
//!
//! # Durable calls
//!
//! A worker takes from the queue what it has [places](Nats::concurrency) for, and tells the server while the handler
//! runs that it is alive. A response, a failure and a panic all are answers, which end the request. If a worker dies,
//! or cannot be reached, the request is delivered again, with the next [attempt](super::Delivery::attempt); one that has
//! been delivered [`max_deliver`](Nats::max_deliver) times without an answer is taken out of the queue, and its caller
//! told [`WorkerDied`](BrokerError::WorkerDied).
//!
//! Answers are stored for two minutes, so that a caller gets the one that came while its connection was lost. That is
//! also how several calls with one [id](super::Call::message_id), at a time or one after the other within two minutes,
//! are handled once and all get the one answer. An id is that of its request's name: two requests of different names
//! may have the same.
//!
//! # At least once
//!
//! A durable request is handled again only if its worker or the server dies at the wrong time:
//!
//! - If a worker dies before the answer is stored, another worker handles the request again.
//! - A server that is killed (`kill -9`) forgets acknowledgements that it has not written to its disk. Then it sends
//!   requests again that are under way or answered, and counts from 1. A worker looks for a stored answer before it
//!   handles a request: if there is one, it sends that one instead. What it is handling itself it does not handle a second
//!   time. So requests that are under way may be handled again, by another worker, and requests that are answered are not.
//!
//! Measured with 400 calls of 20 ms, 32 places a worker and `nats-server` 2.9 with files, killed after 200 answers and
//! started again, in 8 runs each: all calls were answered. With one worker, no request was handled twice; with two
//! workers, between 0 and 35 were. (Without the look at stored answers: 44 to 91, and up to 198.) The look is one more
//! question to the server for each request.
//!
//! Let a handler that must not act twice remember what it has done, by an id in its request.
//!
//! # A full store
//!
//! If the server, the account or a stream has no more space (the codes 10002, 10023, 10028, 10047 and 10077 of
//! `JetStream`), a durable call fails with [`Unavailable`](BrokerError::Unavailable) at once, and with the server's words.
//! Requests in the queue are handled all the same, and taken out of it: an answer that cannot be stored goes to the callers
//! that are connected at that moment. A caller that is not, or that asks later with the same id, times out.
//!
//! Where no limit is set, `nats-server` takes at most three quarters of the disk's free space. If the disk fills up all the
//! same, it switches `JetStream` off, and durable calls wait for it, within their deadline, as for a server that is away.
//!
//! # The streams
//!
//! The queue is the stream [`stream`](Nats::stream), the answers are the stream of that name and `-answers`. Both are
//! made if they are not there: with one replica, no limit to their size, and a window of two minutes in which ids are
//! known. Streams of these names that somebody made before are used as they are; the first must have the retention
//! `workqueue`.
//!
//! # What goes over the wire
//!
//! | subject | message |
//! | --- | --- |
//! | `conjoin.call.NAME` | a request, for one of the queue group `conjoin`, answered to its reply subject |
//! | `conjoin.durable.NAME` | a request in the work queue; its `Nats-Msg-Id` says where the answer goes |
//! | `conjoin.answer.ID` | the answer to it |
//!
//! What comes to `conjoin.call.NAME` without a reply subject means nothing: workers that leave send it.
//!
//! Bodies are [CBOR](super#values), or JSON where [`json`](Nats::json) says so; texts of errors are plain. An answer has
//! the format of its request. A worker reads both: what begins with the bytes `d9 d9 f7`, the tag for CBOR, is CBOR.
//!
//! The headers are `Conjoin-Protocol` (2), `Conjoin-Timeout-Ms` (the time that is left to answer a call),
//! `Conjoin-Kind` (what kind of answer it is; 0 is a response, 1 the handler's error) and, if the caller has one, [`traceparent`](https://www.w3.org/TR/trace-context/#traceparent-header). Whoever finds
//! another protocol, or none, answers [`Incompatible`](BrokerError::Incompatible), or is told so.
//!
//! What is larger than the server's `max_payload` (1 MiB, if not configured) is [`TooLarge`](BrokerError::TooLarge),
//! and not sent.

mod caller;
mod durable;
mod engine;
mod failure;
mod headers;
mod ids;
mod in_flight;
mod serve;
mod session;

use std::time::Duration;

pub(super) use self::engine::NatsEngine;
use super::payload::Format;
use super::request::is_name;
use super::{Broker, BrokerError, Handlers, StartError};
use crate::nats::NatsServers;

/// What the server can count, in nanoseconds of 63 bits, and half of it to be safe: 146 years.
const LONGEST_ACK_WAIT: Duration = Duration::from_nanos(i64::MAX as u64 / 2);

/// How a broker over NATS is set up. [`Broker::nats`] is one where nothing is set.
///
/// ```no_run
/// use std::time::Duration;
///
/// use conjoin_adapters::broker::{Handlers, Nats, StartError};
///
/// # async fn start() -> Result<(), StartError> {
/// let broker = Nats::new("tls://orders:secret@nats-1.example.com,tls://orders:secret@nats-2.example.com")
///     .prefix("shop.orders")
///     .pending(1_000)
///     .ack_wait(Duration::from_secs(5))
///     .start(Handlers::new())
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `start`"]
pub struct Nats {
    servers: Result<NatsServers, String>,
    prefix: String,
    stream: Option<String>,
    pending: u32,
    concurrency: u32,
    ack_wait: Duration,
    max_deliver: u64,
    is_durable: bool,
    format: Format,
}

impl Nats {
    /// By way of the server at `url`, such as `nats://localhost:4222`, or of several one that answers, taken at random,
    /// with commas between them, of one cluster.
    ///
    /// `tls://` encrypts, and trusts whom the system trusts (or the file in the environment variable `SSL_CERT_FILE`);
    /// `nats://` does so when the server wants it. `nats://user:password@host` and `nats://token@host` say who one is.
    pub fn new(url: impl AsRef<str>) -> Self {
        Nats {
            servers: NatsServers::parse(url.as_ref()),
            prefix: "conjoin".to_owned(),
            stream: None,
            pending: 16_384,
            concurrency: 512,
            ack_wait: Duration::from_secs(10),
            max_deliver: 3,
            is_durable: true,
            format: Format::Cbor,
        }
    }

    /// What the subjects begin with, and the queue group is called; `conjoin` at first. It keeps programs apart that
    /// share a server. It is built as the [name](super::Request::NAME) of a request.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// What the stream of durable requests is called. If it is not said, as the prefix, with `-` for each `.`.
    pub fn stream(mut self, name: impl Into<String>) -> Self {
        self.stream = Some(name.into());
        self
    }

    /// How many calls may be under way from here before further ones are [`Busy`](BrokerError::Busy), and how many
    /// that came to this worker may run or wait to before it answers so; 16,384 at first.
    pub fn pending(mut self, calls: u32) -> Self {
        self.pending = calls;
        self
    }

    /// How many handlers may run here at a time; 512 at first. Further requests wait: those of `call` here, until their
    /// deadline, and the others in the queue, for any worker.
    ///
    /// A handler that calls its own broker takes a second place for that. When all handlers wait for one, nothing is
    /// handled until the deadlines of their calls are over ([`TimedOut`](super::BrokerError::TimedOut)).
    ///
    /// Nothing ends a handler of a durable request that hangs. So that plain calls go on, an eighth of the places, and at
    /// least one, is never given to durable requests: of 512, they get 448. A worker with a single place has nothing to
    /// spare, and one durable handler that hangs stops it. Durable handlers that hang in all of their places stop this
    /// worker's durable requests; give them a timeout of their own.
    pub fn concurrency(mut self, handlers: u32) -> Self {
        self.concurrency = handlers;
        self
    }

    /// After what time without a sign of life a durable request's worker is taken for dead; 10 seconds at first, and at
    /// least 50 milliseconds. Workers give three in that time. Those of one stream should agree: the last one to start
    /// sets it.
    pub fn ack_wait(mut self, time: Duration) -> Self {
        self.ack_wait = time;
        self
    }

    /// How often a durable request is given to a handler before it counts as one that kills workers; 3 at first.
    pub fn max_deliver(mut self, times: u64) -> Self {
        self.max_deliver = times;
        self
    }

    /// Whether there are durable calls; true at first. If not, nothing is asked of `JetStream`, and
    /// [`call_durable`](Broker::call_durable) is [`Unavailable`](BrokerError::Unavailable). On a server without it they
    /// are so anyway.
    pub fn durable(mut self, is_durable: bool) -> Self {
        self.is_durable = is_durable;
        self
    }

    /// Writes requests as JSON, and so do those that answer them: for people who look at the messages, and for programs
    /// in other languages. Handlers read both formats, whatever is set here.
    ///
    /// JSON takes more space and time, and carries fewer values. A value that it would change is refused with
    /// [`Encode`](BrokerError::Encode) when it is sent: a `Some` of `None` or of `()`, a float that is not finite, map
    /// keys that are no strings, numbers or `bool`s, and more than 127 levels of values within values.
    pub fn json(mut self) -> Self {
        self.format = Format::Json;
        self
    }

    /// Connects. When this returns, requests for which there are `handlers` come here.
    ///
    /// # Errors
    ///
    /// [`StartError::Invalid`] for what cannot be: a URL or a name that is none, a zero. [`StartError::Unavailable`] if
    /// no server is reached within 20 seconds, it does not let us in or denies a subscription, or the queue cannot be set
    /// up.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its time and I/O drivers. Over TLS also if the program has several providers of
    /// cryptography for `rustls`, and has made none of them the default.
    pub async fn start(self, handlers: Handlers) -> Result<Broker, StartError> {
        let pending = self.pending;
        // A large future for something rare.
        let engine = Box::pin(NatsEngine::start(self.check()?, handlers.clone())).await?;
        Ok(Broker::new(super::Engine::Nats(engine), handlers, pending))
    }

    fn check(self) -> Result<NatsSettings, StartError> {
        let Nats {
            servers,
            prefix,
            stream,
            pending,
            concurrency,
            ack_wait,
            max_deliver,
            is_durable,
            format,
        } = self;
        let servers = servers.map_err(StartError::Invalid)?;
        let stream = stream.unwrap_or_else(|| prefix.replace('.', "-"));
        let invalid = |what: String| Err(StartError::Invalid(what));
        if !is_name(&prefix) {
            return invalid(format!("`{prefix}` cannot be the prefix of subjects"));
        }
        if !is_name(&stream) || stream.contains('.') {
            return invalid(format!("`{stream}` cannot be the name of a stream"));
        }
        if pending == 0 || concurrency == 0 || max_deliver == 0 {
            return invalid(
                "neither `pending` nor `concurrency` nor `max_deliver` can be 0".into(),
            );
        }
        if ack_wait < Duration::from_millis(50) {
            return invalid(format!("{ack_wait:?} are too short for `ack_wait`"));
        }
        Ok(NatsSettings {
            servers,
            prefix,
            stream,
            pending: pending as usize,
            concurrency: concurrency as usize,
            ack_wait: ack_wait.min(LONGEST_ACK_WAIT),
            max_deliver,
            is_durable,
            format,
        })
    }
}

/// What was asked for, checked.
#[derive(Debug)]
struct NatsSettings {
    servers: NatsServers,
    prefix: String,
    stream: String,
    pending: usize,
    concurrency: usize,
    ack_wait: Duration,
    max_deliver: u64,
    is_durable: bool,
    format: Format,
}

impl Broker {
    /// A broker whose requests are answered by `handlers` of any program that is connected to the same NATS server,
    /// this one among them. See [`nats`](self), and [`Nats`] for what can be set.
    ///
    /// ```no_run
    /// use conjoin_adapters::broker::{Broker, Handlers, Request};
    /// use serde::{Deserialize, Serialize};
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
    /// # async fn call() -> Result<(), Box<dyn std::error::Error>> {
    /// // On some machines:
    /// let handlers = Handlers::new().on::<Greet>(async |Greet(name)| Ok(format!("Hello, {name}!")));
    /// let worker = Broker::nats("nats://10.0.0.1:4222", handlers).await?;
    ///
    /// // On others:
    /// let broker = Broker::nats("nats://10.0.0.1:4222", Handlers::new()).await?;
    /// assert_eq!(broker.call(&Greet("Ada".into())).await, Ok("Hello, Ada!".into()));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Nats::start`].
    ///
    /// # Panics
    ///
    /// As [`Nats::start`].
    pub async fn nats(url: impl AsRef<str>, handlers: Handlers) -> Result<Self, StartError> {
        Nats::new(url).start(handlers).await
    }
}
