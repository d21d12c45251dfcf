//! Handlers on any number of machines, by way of a [NATS](https://nats.io) server.
//!
//! Each program that has [`Handlers`](super::Handlers) is a worker: the server gives a request to one of those that
//! answer requests of its name. A program without handlers only asks; one with handlers may do both.
//!
//! | | [`call`](super::Broker::call) | [`call_durable`](super::Broker::call_durable) |
//! | --- | --- | --- |
//! | goes | from memory to memory | through a work queue on the server's disk (`JetStream`) |
//! | is handled | once, or not at all | once, or more often |
//! | when there is no worker | is [`NoWorkers`](super::BrokerError::NoWorkers) at once | waits for one |
//! | when its worker dies | times out | goes to another, after [`ack_wait`](Nats::ack_wait) |
//! | when the server is away | is [`Unavailable`](super::BrokerError::Unavailable) at once | waits for it |
//! | when the server dies | times out, unless the answer comes in time | goes on when it is back |
//! | at its deadline | drops a handler that runs | drops the answer; the work goes on |
//!
//! After the connection is lost the broker connects again by itself, as often as it takes, with growing pauses of up to
//! two seconds. `call` passes its deadline on as the time that is left, so that clocks need not agree: a worker does
//! not begin what nobody waits for any more. A call that is dropped tells the worker nothing; the handler has until the
//! deadline. `Duration::MAX` is for ever: nobody can tell a `call` that its worker died, and a durable call waits for
//! a worker, and for the server.
//!
//! [`shutdown`](super::Broker::shutdown) leaves the queue group without losing a call, and the work queue, which takes up to a
//! second; handlers that run have ten seconds to end and to answer.
//!
//! What the server does not allow fails where it belongs, with the server's words: a denied subscription fails the start
//! with [`StartError::Unavailable`](super::StartError::Unavailable), a denied subject its calls with [`Unavailable`](super::BrokerError::Unavailable), at once. If
//! the server takes a right away later, the broker connects again until it has the right back, and calls say why.
//!
//! # Durable calls
//!
//! A worker takes from the queue what it has [places](Nats::concurrency) for, and tells the server while the handler
//! runs that it is alive. A response, a failure and a panic all are answers, which end the request. If a worker dies,
//! or cannot be reached, the request is delivered again, with the next [attempt](super::Delivery::attempt); one that has
//! been delivered [`max_deliver`](Nats::max_deliver) times without an answer is taken out of the queue, and its caller
//! told [`WorkerDied`](super::BrokerError::WorkerDied).
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
//! `JetStream`), a durable call fails with [`Unavailable`](super::BrokerError::Unavailable) at once, and with the server's words.
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
//! another protocol, or none, answers [`Incompatible`](super::BrokerError::Incompatible), or is told so.
//!
//! What is larger than the server's `max_payload` (1 MiB, if not configured) is [`TooLarge`](super::BrokerError::TooLarge),
//! and not sent.

mod builder;
mod caller;
mod durable;
pub(super) mod engine;
mod failure;
mod headers;
mod ids;
mod in_flight;
mod inner;
mod serve;
mod session;
mod settings;
mod store;

pub use builder::Nats;
