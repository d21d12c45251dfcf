//! Sets up a broker over NATS.

use std::time::Duration;

use super::engine::NatsEngine;
use super::settings::NatsSettings;
use crate::broker::engine::Engine;
use crate::broker::handle::Broker;
use crate::broker::handlers::Handlers;
use crate::broker::payload::Format;
use crate::broker::request::is_name;
use crate::broker::start_error::StartError;
use crate::nats::NatsServers;

/// What the server can count, in nanoseconds of 63 bits, and half of it to be safe: 146 years.
const LONGEST_ACK_WAIT: Duration = Duration::from_nanos(i64::MAX as u64 / 2);

/// How a broker over NATS is set up. [`Broker::nats`](crate::broker::Broker::nats) is one where nothing is set.
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
    /// share a server. It is built as the [name](crate::broker::Request::NAME) of a request.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// What the stream of durable requests is called. If it is not said, as the prefix, with `-` for each `.`.
    pub fn stream(mut self, name: impl Into<String>) -> Self {
        self.stream = Some(name.into());
        self
    }

    /// How many calls may be under way from here before further ones are [`Busy`](crate::broker::BrokerError::Busy), and how many
    /// that came to this worker may run or wait to before it answers so; 16,384 at first.
    pub fn pending(mut self, calls: u32) -> Self {
        self.pending = calls;
        self
    }

    /// How many handlers may run here at a time; 512 at first. Further requests wait: those of `call` here, until their
    /// deadline, and the others in the queue, for any worker.
    ///
    /// A handler that calls its own broker takes a second place for that. When all handlers wait for one, nothing is
    /// handled until the deadlines of their calls are over ([`TimedOut`](crate::broker::BrokerError::TimedOut)).
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
    /// [`call_durable`](crate::broker::Broker::call_durable) is [`Unavailable`](crate::broker::BrokerError::Unavailable). On a server without it they
    /// are so anyway.
    pub fn durable(mut self, is_durable: bool) -> Self {
        self.is_durable = is_durable;
        self
    }

    /// Writes requests as JSON, and so do those that answer them: for people who look at the messages, and for programs
    /// in other languages. Handlers read both formats, whatever is set here.
    ///
    /// JSON takes more space and time, and carries fewer values. A value that it would change is refused with
    /// [`Encode`](crate::broker::BrokerError::Encode) when it is sent: a `Some` of `None` or of `()`, a float that is not finite, map
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
        Ok(Broker::new(Engine::Nats(engine), handlers, pending))
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

impl Broker {
    /// A broker whose requests are answered by `handlers` of any program that is connected to the same NATS server,
    /// this one among them. See [`nats`](crate::broker::nats), and [`Nats`] for what can be set.
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
