//! Starts a pool of workers, or serves in one of them.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::PathBuf;
use std::process::exit;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;

use super::handshake::HandshakeError;
use super::options::WorkerOptions;
use super::pool::{WorkerPool, WorkerSlots};
use super::serve;
use super::supervise::WorkerSupervisor;
use crate::broker::engine::Engine;
use crate::broker::handle::Broker;
use crate::broker::handlers::Handlers;
use crate::broker::payload::Format;
use crate::broker::start_error::StartError;
use crate::process::{BROKER, Backoff, Program};

impl Broker {
    /// A broker whose handlers run in `count` child processes, which run this same program. **In them this never
    /// returns**: they serve. See [`Workers`](crate::broker::Workers) for where to put it in `main`, and for what else can be chosen.
    ///
    /// # Errors
    ///
    /// When no worker has become ready.
    ///
    /// # Panics
    ///
    /// If there is to be no worker, or outside of a tokio runtime with I/O and time enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping it kills the workers.
    #[cfg(all(unix, feature = "workers"))]
    pub async fn workers(count: usize, handlers: Handlers) -> Result<Self, StartError> {
        Workers::new(count).start(handlers).await
    }
}

/// What a frame may have: 16 MiB.
const MAX_FRAME: usize = 16 * 1024 * 1024;

/// A broker with child processes for an engine, before it is started. [`Broker::workers`](crate::broker::Broker::workers) is the short way.
///
/// The workers run this same program, from its start, with the same arguments and handlers. They come to
/// [`start`](Self::start), too, which finds that it is in a worker, and serves instead of returning. So put it early in
/// `main`: what comes before happens in each worker as well, what comes after in the parent alone. [`is_worker`] tells
/// the two apart before that.
///
/// - A call goes to the worker that has the fewest. A call that is dropped, or has timed out, drops its handler's
///   future.
/// - When a worker dies, the calls that it has fail with [`WorkerDied`](crate::broker::BrokerError::WorkerDied) at once, or are made
///   again on another if they may be ([idempotent](crate::broker::Request::IDEMPOTENT) and [durable](crate::broker::Broker::call_durable)
///   ones). What was not yet sent goes elsewhere.
/// - It is started again after a wait that grows ([`Backoff`](crate::broker::Backoff)). While no worker is there, calls wait, within their
///   deadline. When all are given up, calls fail with [`NoWorkers`](crate::broker::BrokerError::NoWorkers) at once, and
///   [`health`](crate::broker::Broker::health) says why.
/// - With the feature `tracing`, its death is logged at `WARN` with its pid, the reason, and which requests are sent again
///   and which fail, by name; its replacement, also with the new pid. The target is `conjoin_adapters::broker`.
/// - A worker that breaks the protocol is killed and replaced: its calls fail with
///   [`Incompatible`](crate::broker::BrokerError::Incompatible). One that is of another version from the start is not started again.
/// - A body over 64 KiB is sent in parts, which alternate with the frames of other calls. What remains is the time in which
///   a long value is encoded or decoded on a thread of the runtime. Measured beside answers of 200 MB, on two busy cores: a
///   small call took 0.03 to 7 ms in the median of a round, and at most 0.5 s (`benches/beside.rs`).
/// - A worker that is sent `SIGTERM` gets no new calls, answers those that it has, within its [grace](Self::grace),
///   ends, and is replaced after a tenth of a second. It does not count as a crash.
/// - [`shutdown`](crate::broker::Broker::shutdown) lets the calls and then the workers end. Dropping the last handle of the broker
///   kills them. Killing the parent, in whatever way, does so too.
/// - A worker leads its own process group. The group is killed when the worker is, and when it has ended by itself: the
///   programs that it has started end with it, unless they have joined another group (`setsid`). When the parent is
///   killed, Linux kills the worker alone, and the worker may not get to kill its group: what it has started can live on
///   then, and so can a worker that has not come to [`start`](Self::start) yet.
/// - A worker that does not answer the parent for its [heartbeat](Self::heartbeat) is killed and replaced. A handler that
///   blocks its thread may keep its worker from answering others; the calls time out all the same.
/// - What workers write to their standard output and error is logged, through `tracing` where a subscriber is set,
///   otherwise on the parent's standard error. A thread of its own writes the log, so a log that nobody reads stops
///   neither calls nor workers: beyond 1 MiB of waiting lines, further ones are dropped, and a line says how many.
///   Workers' standard input is empty.
///
/// ```no_run
/// use conjoin_adapters::broker::{Backoff, Handlers, Request, Workers};
/// # use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Checksum {
///     bytes: Vec<u8>,
/// }
///
/// impl Request for Checksum {
///     const NAME: &'static str = "checksum";
///     // So that a call survives its worker.
///     const IDEMPOTENT: bool = true;
///     type Response = u64;
///     type Error = String;
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let handlers = Handlers::new().on::<Checksum>(async |Checksum { bytes }| {
///         Ok(bytes.into_iter().map(u64::from).sum())
///     });
///     let workers = Workers::new(4).max_frame(1024 * 1024).backoff(Backoff::new().give_up_after(3));
///     let broker = workers.start(handlers).await?;
///     // Only the parent comes here.
///     assert_eq!(broker.call(&Checksum { bytes: vec![1, 2, 3] }).await, Ok(6));
///     broker.shutdown().await;
///     Ok(())
/// }
/// ```
#[derive(Clone)]
#[must_use = "nothing is started yet"]
pub struct Workers {
    count: usize,
    pending: u32,
    options: WorkerOptions,
}

impl Workers {
    /// So many workers, which run the program that this process runs, with the arguments that it was started with.
    ///
    /// # Panics
    ///
    /// If there is to be none.
    pub fn new(count: usize) -> Self {
        assert!(count > 0, "there must be a worker");
        let options = WorkerOptions {
            program: Program::running(),
            max_frame: MAX_FRAME,
            backoff: Backoff::new(),
            hello_within: Duration::from_secs(10),
            grace: Duration::from_secs(10),
            heartbeat: Duration::from_secs(30),
            format: Format::Cbor,
        };
        Workers {
            count,
            pending: 1024,
            options,
        }
    }

    /// Another program, which is to call [`start`](Self::start), too.
    pub fn program(mut self, path: impl Into<PathBuf>) -> Self {
        self.options.program = self.options.program.path(path);
        self
    }

    /// Other arguments for the workers, without the program's name.
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.options.program = self.options.program.args(args);
        self
    }

    /// An environment variable for the workers, beside those of this process.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.options.program = self.options.program.env(name, value);
        self
    }

    /// The bytes that a request, with its name, and an answer may have: 16 MiB unless it is told otherwise, at
    /// most 1 GiB. What has more is refused with [`TooLarge`](crate::broker::BrokerError::TooLarge) before it is sent, and
    /// allocates nothing where it comes in.
    pub fn max_frame(mut self, bytes: usize) -> Self {
        self.options.max_frame = bytes.min(1 << 30);
        self
    }

    /// So many calls may be under way, 1024 unless it is told otherwise; further ones fail with
    /// [`Busy`](crate::broker::BrokerError::Busy).
    pub fn pending(mut self, calls: u32) -> Self {
        self.pending = calls;
        self
    }

    /// How workers are started again that have ended.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.options.backoff = backoff;
        self
    }

    /// The time in which a process must have come to [`start`](Self::start): 10 seconds unless it is told otherwise.
    pub fn ready_within(mut self, time: Duration) -> Self {
        self.options.hello_within = time;
        self
    }

    /// The time in which a worker must have ended that drains, before it is killed: 10 seconds unless it is told
    /// otherwise.
    pub fn grace(mut self, time: Duration) -> Self {
        self.options.grace = time;
        self
    }

    /// How long a worker has to answer the parent, 30 seconds unless it is told otherwise. It is asked three times in
    /// this time. One that does not answer, because it is stopped or hangs, is killed: its calls fail with
    /// [`WorkerDied`](crate::broker::BrokerError::WorkerDied), and another takes its place.
    ///
    /// The runtime answers: a worker in which handlers block all of its threads does not. `Duration::MAX` never asks.
    pub fn heartbeat(mut self, time: Duration) -> Self {
        self.options.heartbeat = time;
        self
    }

    /// Writes requests and answers as JSON, to look at them. JSON takes more space and time, and carries fewer values. A
    /// value that it would change is refused with [`Encode`](crate::broker::BrokerError::Encode) when it is sent: a `Some` of
    /// `None` or of `()`, a float that is not finite, map keys that are no strings, numbers or `bool`s, and more than
    /// 127 levels of values within values.
    pub fn json(mut self) -> Self {
        self.options.format = Format::Json;
        self
    }

    /// Starts the workers, and waits until each is ready, or has ended in vain; one that has is started again.
    ///
    /// **In a worker it never returns**: there it answers the parent's requests with these handlers, on the runtime
    /// that it is called on, and ends the process when the parent has no more of them, or is gone. A worker that cannot
    /// serve says why on its standard error, and ends the process with the status 1.
    ///
    /// # Errors
    ///
    /// When no worker has become ready, this is why the first one has not.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping it kills the workers.
    pub async fn start(self, handlers: Handlers) -> Result<Broker, StartError> {
        match BROKER.inherit() {
            Ok(None) => {}
            Ok(Some(inherited)) => {
                serve_parent(inherited.socket, handlers, self.options.hello_within).await;
            }
            Err(error) => fail(&error.to_string()),
        }
        let Workers {
            count,
            pending,
            options,
        } = self;
        let (workers, options) = (WorkerSlots::new(count), Arc::new(options));
        let (supervisors, first_starts): (Vec<_>, Vec<_>) = (0..count)
            .map(|index| {
                let (sender, first_start) = oneshot::channel();
                let supervisor =
                    WorkerSupervisor::new(index, Arc::clone(&workers), Arc::clone(&options));
                (
                    AbortOnDropHandle::new(tokio::spawn(supervisor.run(sender))),
                    first_start,
                )
            })
            .unzip();
        let pool = WorkerPool::new(workers, supervisors, &options);

        let mut is_any_ready = false;
        let mut first_error = None;
        for first_start in first_starts {
            match first_start.await {
                Ok(Ok(())) => is_any_ready = true,
                Ok(Err(error)) => drop(first_error.get_or_insert(error)),
                Err(_) => {}
            }
        }
        if is_any_ready {
            return Ok(Broker::new(Engine::Workers(pool), handlers, pending));
        }
        Err(first_error.unwrap_or_else(|| StartError::Unready("the runtime is gone".into())))
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Workers {
            count,
            pending,
            options:
                WorkerOptions {
                    program,
                    max_frame,
                    backoff,
                    hello_within,
                    grace,
                    heartbeat,
                    format,
                },
        } = self;
        f.debug_struct("Workers")
            .field("count", count)
            .field("pending", pending)
            .field("program", program)
            .field("max_frame", max_frame)
            .field("backoff", backoff)
            .field("ready_within", hello_within)
            .field("grace", grace)
            .field("heartbeat", heartbeat)
            .field("format", format)
            .finish()
    }
}

/// Whether this process is a worker, and [`Workers::start`] will serve instead of returning: for what a parent alone
/// does in `main`, such as listening.
///
/// A program that a worker starts is none, though it has the worker's environment and even if its standard input is a
/// socket. A worker whose parent has ended is one; there `start` ends the process.
#[must_use]
pub fn is_worker() -> bool {
    BROKER.is_worker()
}

async fn serve_parent(socket: StdUnixStream, handlers: Handlers, time: Duration) -> ! {
    let served = socket.set_nonblocking(true).and_then(|()| {
        let socket = UnixStream::from_std(socket)?;
        let mut terminated = signal(SignalKind::terminate())?;
        let terminated = async move {
            terminated.recv().await;
        };
        // On the threads where the handlers run; the caller's may be another.
        Ok(tokio::spawn(serve::serve(
            socket, handlers, time, terminated,
        )))
    });
    match served {
        Ok(served) => match served.await {
            Ok(Ok(())) => exit(0),
            Ok(Err(HandshakeError::Incompatible(why))) => {
                fail(&format!("incompatible peer: {why}"))
            }
            Ok(Err(incompatible)) => fail(&incompatible.to_string()),
            Err(error) => fail(&error.to_string()),
        },
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(why: &str) -> ! {
    // Unlike `eprintln!`, which panics when nobody reads.
    let line = format!("a worker of the broker cannot serve: {why}\n");
    drop(io::Write::write_all(&mut io::stderr(), line.as_bytes()));
    exit(1)
}
