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

/// The longest time: half of the server's 63 bits of nanoseconds, to be safe, which is 146 years.
const LONGEST_ACK_WAIT: Duration = Duration::from_nanos(i64::MAX as u64 / 2);

/// Configures a broker over NATS. [`Broker::nats`](crate::broker::Broker::nats) uses the defaults.
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
    /// Connects to the server at `url`, such as `nats://localhost:4222`. Of several, separated by commas and of one
    /// cluster, it takes a random one that answers.
    ///
    /// `tls://` encrypts and trusts the system's certificate authorities (or the file in the environment variable
    /// `SSL_CERT_FILE`); `nats://` encrypts if the server asks for it. `nats://user:password@host` and
    /// `nats://token@host` give credentials.
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

    /// The first part of the subjects, and the name of the queue group; `conjoin` by default. It separates programs
    /// that share a server. It follows the same rules as the [name](crate::broker::Request::NAME) of a request.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The name of the stream of durable requests. By default it is the prefix, with `-` for each `.`.
    pub fn stream(mut self, name: impl Into<String>) -> Self {
        self.stream = Some(name.into());
        self
    }

    /// How many calls may run from here before further ones are [`Busy`](crate::broker::BrokerError::Busy), and how
    /// many requests this worker holds, running or waiting, before it answers `Busy`; 16,384 by default.
    pub fn pending(mut self, calls: u32) -> Self {
        self.pending = calls;
        self
    }

    /// How many handlers may run here at a time; 512 by default. Further requests wait: those of `call` here, until
    /// their deadline, and durable ones in the queue, for any worker.
    ///
    /// A handler that calls its own broker takes a second slot. If all handlers wait for one, nothing is handled until
    /// the deadlines of their calls have passed ([`TimedOut`](crate::broker::BrokerError::TimedOut)).
    ///
    /// Nothing ends a handler of a durable request that hangs. To keep plain calls running, an eighth of the slots, and
    /// at least one, is reserved for them: of 512, durable requests get 448. A worker with a single slot has none to
    /// reserve, so one durable handler that hangs stops it. Durable handlers that hang in all of their slots stop this
    /// worker's durable requests; give them a timeout of their own.
    pub fn concurrency(mut self, handlers: u32) -> Self {
        self.concurrency = handlers;
        self
    }

    /// How long a durable request's worker may be silent before it counts as dead; 10 seconds by default, and at least
    /// 50 milliseconds. Workers report three times in that period. Workers of one stream should agree: the last one to
    /// start sets it.
    pub fn ack_wait(mut self, time: Duration) -> Self {
        self.ack_wait = time;
        self
    }

    /// How often a durable request is delivered before it counts as one that kills its workers; 3 by default.
    pub fn max_deliver(mut self, times: u64) -> Self {
        self.max_deliver = times;
        self
    }

    /// Whether there are durable calls; true by default. If not, `JetStream` is not used, and
    /// [`call_durable`](crate::broker::Broker::call_durable) is
    /// [`Unavailable`](crate::broker::BrokerError::Unavailable), as it is on a server without `JetStream`.
    pub fn durable(mut self, is_durable: bool) -> Self {
        self.is_durable = is_durable;
        self
    }

    /// Encodes requests, and their answers, as JSON: for people who look at the messages, and for programs in other
    /// languages. Handlers read both formats, whatever is set here.
    ///
    /// JSON takes more space and time, and represents fewer values. A value that it would change fails with
    /// [`Encode`](crate::broker::BrokerError::Encode) when it is sent: a `Some` of `None` or of `()`, a float that is
    /// not finite, map keys other than strings, numbers and `bool`s, and values nested over 127 levels deep.
    pub fn json(mut self) -> Self {
        self.format = Format::Json;
        self
    }

    /// Connects. When this returns, the server sends requests to these `handlers`.
    ///
    /// # Errors
    ///
    /// [`StartError::Invalid`] for an invalid URL or name, or a zero. [`StartError::Unavailable`] if no server is
    /// reached within 20 seconds, if it rejects the credentials or denies a subscription, or if the queue cannot be set
    /// up.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its time and I/O drivers. Over TLS also if the program has several cryptography
    /// providers for `rustls` and none of them is the default.
    pub async fn start(self, handlers: Handlers) -> Result<Broker, StartError> {
        let pending = self.pending;
        // Boxed: a large future that rarely runs.
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
    /// including this one. See [`nats`](crate::broker::nats), and [`Nats`] for the options.
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
