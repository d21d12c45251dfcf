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
    /// A broker whose handlers run in `count` child processes of the same program. **In those this never returns**:
    /// they serve. See [`Workers`](crate::broker::Workers) for where in `main` to call it, and for the options.
    ///
    /// # Errors
    ///
    /// When no worker became ready.
    ///
    /// # Panics
    ///
    /// If `count` is 0, or outside of a tokio runtime with I/O and time enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping it kills the workers.
    #[cfg(all(unix, feature = "workers"))]
    pub async fn workers(count: usize, handlers: Handlers) -> Result<Self, StartError> {
        Workers::new(count).start(handlers).await
    }
}

/// The default limit of a frame: 16 MiB.
const MAX_FRAME: usize = 16 * 1024 * 1024;

/// Configures a broker with worker processes. [`Broker::workers`](crate::broker::Broker::workers) uses the defaults.
///
/// The workers run the same program from its start, with the same arguments and handlers. They reach
/// [`start`](Self::start) too, which finds out that it is in a worker, and serves instead of returning. So call it
/// early in `main`: what comes before it happens in each worker as well, what comes after it in the parent alone.
/// [`is_worker`] tells the two apart before that.
///
/// - A call goes to the worker with the fewest calls. A call that is dropped or has timed out drops its handler's
///   future.
/// - When a worker dies, its calls fail with [`WorkerDied`](crate::broker::BrokerError::WorkerDied) at once, or are
///   sent to another worker if they may be repeated ([idempotent](crate::broker::Request::IDEMPOTENT) and
///   [durable](crate::broker::Broker::call_durable) ones). Calls that were not yet sent go to another worker in any
///   case.
/// - A dead worker is restarted after a growing delay ([`Backoff`](crate::broker::Backoff)). While no worker is ready,
///   calls wait, within their deadline. When all workers are given up, calls fail with
///   [`NoWorkers`](crate::broker::BrokerError::NoWorkers) at once, and [`health`](crate::broker::Broker::health) gives
///   the reason.
/// - With the feature `tracing`, the death of a worker is logged at `WARN` with its pid, the reason, and the names of
///   the requests that are sent again and of those that fail; its replacement is logged with the new pid. The target is
///   `conjoin_adapters::broker`.
/// - A worker that violates the protocol is killed and replaced: its calls fail with
///   [`Incompatible`](crate::broker::BrokerError::Incompatible). A worker of another version is not restarted.
/// - A body over 64 KiB is sent in parts, which alternate with the frames of other calls. What remains is the time to
///   encode or decode a long value on a thread of the runtime. Next to answers of 200 MB, on two busy cores, a
///   small call took 0.03 to 7 ms in the median of a round, and at most 0.5 s (`benches/beside.rs`).
/// - A worker that receives `SIGTERM` gets no new calls, answers those that it has, within its [grace](Self::grace),
///   ends, and is replaced after 100 ms. It does not count as a crash.
/// - [`shutdown`](crate::broker::Broker::shutdown) lets the calls end, and then the workers. Dropping the last handle
///   of the broker kills the workers, and so does killing the parent, by whatever signal.
/// - A worker leads its own process group. The group is killed when the worker is killed or has ended: the programs
///   that it has started end with it, unless they have joined another group (`setsid`). When the parent is killed,
///   Linux kills the worker alone, which may not get to kill its group: what it has started may live on then, and so
///   may a worker that has not reached [`start`](Self::start) yet.
/// - A worker that does not answer the parent within its [heartbeat](Self::heartbeat) is killed and replaced. A handler
///   that blocks its thread may keep its worker from answering other calls, which still time out.
/// - What workers write to standard output and standard error is logged, through `tracing` if a subscriber is set,
///   otherwise to the parent's standard error. A separate thread writes the log, so a log that blocks stops neither
///   calls nor workers: beyond 1 MiB of waiting lines, further ones are dropped, and a line gives their number.
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
///     // A call survives its worker.
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
///     // Only the parent gets here.
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
    /// Runs this many workers of the same program, with the same arguments.
    ///
    /// # Panics
    ///
    /// If `count` is 0.
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

    /// Runs another program, which must call [`start`](Self::start), too.
    pub fn program(mut self, path: impl Into<PathBuf>) -> Self {
        self.options.program = self.options.program.path(path);
        self
    }

    /// Other arguments for the workers, without the program's name.
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.options.program = self.options.program.args(args);
        self
    }

    /// An additional environment variable for the workers.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.options.program = self.options.program.env(name, value);
        self
    }

    /// The largest size in bytes of a request, with its name, and of an answer: 16 MiB by default, at most 1 GiB.
    /// Larger ones fail with [`TooLarge`](crate::broker::BrokerError::TooLarge) before they are sent, and allocate
    /// nothing where they arrive.
    pub fn max_frame(mut self, bytes: usize) -> Self {
        self.options.max_frame = bytes.min(1 << 30);
        self
    }

    /// How many calls may run at a time, 1024 by default; further ones fail with
    /// [`Busy`](crate::broker::BrokerError::Busy).
    pub fn pending(mut self, calls: u32) -> Self {
        self.pending = calls;
        self
    }

    /// How workers that ended are restarted.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.options.backoff = backoff;
        self
    }

    /// How long a new process may take to reach [`start`](Self::start): 10 seconds by default.
    pub fn ready_within(mut self, time: Duration) -> Self {
        self.options.hello_within = time;
        self
    }

    /// How long a draining worker may take before it is killed: 10 seconds by default.
    pub fn grace(mut self, time: Duration) -> Self {
        self.options.grace = time;
        self
    }

    /// How long a worker may take to answer the parent, which pings it three times in that period: 30 seconds by
    /// default. A worker that does not answer, because it is stopped or hangs, is killed: its calls fail with
    /// [`WorkerDied`](crate::broker::BrokerError::WorkerDied), and another takes its place.
    ///
    /// The runtime answers: a worker in which handlers block all threads does not. With `Duration::MAX` there are no
    /// pings.
    pub fn heartbeat(mut self, time: Duration) -> Self {
        self.options.heartbeat = time;
        self
    }

    /// Encodes requests and answers as JSON, for debugging. JSON takes more space and time, and represents fewer
    /// values. A value that it would change fails with [`Encode`](crate::broker::BrokerError::Encode) when it is sent:
    /// a `Some` of `None` or of `()`, a float that is not finite, map keys other than strings, numbers and `bool`s, and
    /// values nested over 127 levels deep.
    pub fn json(mut self) -> Self {
        self.options.format = Format::Json;
        self
    }

    /// Starts the workers, and waits until each of them is ready or has failed to start; those are started again.
    ///
    /// **In a worker this never returns**: it answers the parent's requests with these handlers, on the runtime that it
    /// is called on, and ends the process when the parent has no more requests, or is gone. A worker that cannot serve
    /// prints the reason to standard error and exits with status 1.
    ///
    /// # Errors
    ///
    /// When no worker became ready: the reason of the first one.
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

/// Whether this process is a worker, in which [`Workers::start`] serves instead of returning: for what only a parent
/// does in `main`, such as listening.
///
/// A program that a worker starts is not a worker, although it has the worker's environment, and even if its standard
/// input is a socket. A worker whose parent has ended still is one; there `start` ends the process.
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
        // On the threads of the handlers; the caller's may be another one.
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
    // Unlike `eprintln!`, it does not panic if nobody reads.
    let line = format!("a worker of the broker cannot serve: {why}\n");
    drop(io::Write::write_all(&mut io::stderr(), line.as_bytes()));
    exit(1)
}
