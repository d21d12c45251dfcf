//! Handlers on any number of machines, reached through a [NATS](https://nats.io) server.
//!
//! Each program that has [`Handlers`](super::Handlers) is a worker: the server gives a request to one of those with a
//! handler for it. A program without handlers only calls; one with handlers may do both.
//!
//! | | [`call`](super::Broker::call) | [`call_durable`](super::Broker::call_durable) |
//! | --- | --- | --- |
//! | path | from memory to memory | through a work queue on the server's disk (`JetStream`) |
//! | handled | once, or not at all | once, or more often |
//! | without a worker | fails with [`NoWorkers`](super::BrokerError::NoWorkers) at once | waits for one |
//! | if its worker dies | times out | goes to another, after [`ack_wait`](Nats::ack_wait) |
//! | while the server is down | fails with [`Unavailable`](super::BrokerError::Unavailable) at once | waits for it |
//! | if the server dies | times out, unless the answer comes in time | continues when it is back |
//! | at its deadline | drops a running handler | drops the answer; the work continues |
//!
//! When the connection is lost, the broker reconnects as often as it takes, with growing pauses of up to two seconds.
//! `call` sends its deadline as the time that is left, so clocks need not agree, and a worker does not begin a request
//! whose deadline has passed. Dropping a call does not reach the worker; its handler has until the deadline. With
//! `Duration::MAX` a call may wait for ever: a `call` does not learn that its worker died, and a durable call waits for
//! a worker and for the server.
//!
//! [`shutdown`](super::Broker::shutdown) leaves the queue group without losing a call, and the work queue, which takes
//! up to a second; running handlers have ten seconds to end and to answer.
//!
//! What the server denies fails with the server's message: a denied subscription fails the start with
//! [`StartError::Unavailable`](super::StartError::Unavailable), and a denied subject fails its calls with
//! [`Unavailable`](super::BrokerError::Unavailable) at once. If the server revokes a permission later, the broker
//! reconnects until it has it back, and calls give the reason.
//!
//! # Durable calls
//!
//! A worker takes as many requests from the queue as it has [free slots](Nats::concurrency), and tells the server while
//! a handler runs that it is alive. Responses, failures and panics are all answers, which end the request. If a worker
//! dies or is out of reach, the request is delivered again, with the next [attempt](super::Delivery::attempt). After
//! [`max_deliver`](Nats::max_deliver) deliveries without an answer it is removed from the queue, and its caller gets
//! [`WorkerDied`](super::BrokerError::WorkerDied).
//!
//! Answers are stored for two minutes, so that a caller gets an answer that came while its connection was lost. That is
//! also how several calls with one [id](super::Call::message_id), at the same time or within two minutes, are handled
//! once and all get the same answer. Ids belong to the request's name: requests of different names may have the same
//! id.
//!
//! # At least once
//!
//! A durable request is handled again only if its worker or the server dies in the wrong moment:
//!
//! - If a worker dies before the answer is stored, another worker handles the request again.
//! - A server that is killed (`kill -9`) loses acknowledgements that it has not yet written to disk. Then it sends
//!   requests again that are running or answered, and counts from 1. A worker looks for a stored answer before it
//!   handles a request, and sends that one instead. It does not handle a request again that it is handling already. So
//!   running requests may be handled again by another worker, and answered requests are not.
//!
//! Measured with 400 calls of 20 ms, 32 slots per worker and `nats-server` 2.9 with files, killed after 200 answers and
//! restarted, in 8 runs each: all calls were answered. With one worker, no request was handled twice; with two workers,
//! between 0 and 35 were. (Without the look for stored answers: 44 to 91, and up to 198.) The look costs one more
//! request to the server for each request.
//!
//! A handler that must not act twice should remember what it has done, by an id in its request.
//!
//! # A full store
//!
//! If the server, the account or a stream has no space left (the codes 10002, 10023, 10028, 10047 and 10077 of
//! `JetStream`), a durable call fails with [`Unavailable`](super::BrokerError::Unavailable) at once, with the server's
//! message. Requests in the queue are still handled and removed: an answer that cannot be stored goes to the callers
//! that are connected at that moment. A caller that is not, or that calls later with the same id, times out.
//!
//! Without a configured limit, `nats-server` uses at most three quarters of the free disk space. If the disk fills up
//! all the same, it switches `JetStream` off, and durable calls wait for it, within their deadline, as for a server
//! that is down.
//!
//! # The streams
//!
//! The queue is the stream [`stream`](Nats::stream); answers are in the stream of that name and `-answers`. Both are
//! created if they do not exist: with one replica, no size limit, and a window of two minutes in which ids are
//! remembered. Existing streams of these names are not changed; the first must have the retention `workqueue`.
//!
//! # What goes over the wire
//!
//! | subject | message |
//! | --- | --- |
//! | `conjoin.call.NAME` | a request, for one of the queue group `conjoin`, answered to its reply subject |
//! | `conjoin.durable.NAME` | a request in the work queue; its `Nats-Msg-Id` says where the answer goes |
//! | `conjoin.answer.ID` | the answer to it |
//!
//! Messages to `conjoin.call.NAME` without a reply subject are ignored: workers send them while they leave.
//!
//! Bodies are [CBOR](super#values), or JSON where [`json`](Nats::json) is set; texts of errors are plain. An answer has
//! the format of its request. A worker reads both: a body that begins with the bytes `d9 d9 f7`, the tag for CBOR, is
//! CBOR.
//!
//! The headers are `Conjoin-Protocol` (2), `Conjoin-Timeout-Ms` (the time that is left to answer a call),
//! `Conjoin-Kind` (the kind of answer; 0 is a response, 1 the handler's error) and, if the caller has one,
//! [`traceparent`](https://www.w3.org/TR/trace-context/#traceparent-header). A message of another protocol, or without
//! one, is answered with [`Incompatible`](super::BrokerError::Incompatible).
//!
//! Messages larger than the server's `max_payload` (1 MiB by default) are not sent: they fail with
//! [`TooLarge`](super::BrokerError::TooLarge).

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
