//! Several processes of the same program that accept connections from one listener.
//!
//! [`Cluster::run`] is called in every process. In the first one, the *supervisor*, it opens the listener, starts the
//! program once more for each *worker*, hands them the listener, and looks after them. In a worker, which is told by
//! the environment that it is one, it calls the closure, which serves.
//!
//! ```no_run
//! use conjoin_adapters::Cluster;
//! # use std::{io, future::Future};
//! # async fn serve(_: tokio::net::TcpListener, _: impl Future<Output = ()>) -> io::Result<()> { Ok(()) }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     Cluster::new(2)
//!         .listen("127.0.0.1:8000")
//!         .on_listening(|address| println!("listening on http://{address}"))
//!         // With axum: `axum::serve(worker.listener()?, app).with_graceful_shutdown(worker.draining()).await`
//!         .run(async |worker| serve(worker.listener()?, worker.draining()).await)
//!         .await?;
//!     Ok(())
//! }
//! ```
//!
//! What stands before `run` is executed by all of them: let it be little, and set up what a worker needs in the
//! closure.
//!
//! # What the supervisor does
//!
//! | when | |
//! | --- | --- |
//! | a worker ends with an exit status other than 0, or by a signal | it is started again, after a [backoff](Backoff) |
//! | a worker does not answer in time | after its [heartbeat](Cluster::heartbeat) it is killed, and the same |
//! | a worker ends too often in a row | it has [failed](WorkerState::Failed), and is not started again |
//! | a worker ends with exit status 0 of its own accord | it is not started again |
//! | somebody else sends a worker `SIGTERM` or `SIGINT` | the worker drains, and another one is started at once |
//! | `SIGHUP` | each worker in turn: a new one is started and gets ready, then the old one drains |
//! | `SIGTERM` or `SIGINT` | all workers drain, then `run` returns |
//! | one of these for the second time | all workers are killed |
//! | all workers have failed or ended | `run` returns |
//! | the supervisor itself is killed | so are its workers |
//!
//! To *drain* is to accept nothing new, to end what was begun, and to end then. It is bounded by the
//! [grace](Cluster::grace); then the worker is killed, with the processes that it has started.
//!
//! A roll starts what is at the program's path by then, so that a new version of the program can be put there before.
//! When a new worker does not get ready, the roll ends there: the old one goes on, and so do those after it. A roll
//! also starts the workers that have failed.
//!
//! # What clients see
//!
//! The listener belongs to all processes, and is open for as long as one of them is there. A connection that no worker
//! has accepted yet waits in it, and is served by any other worker, or by the next one: **it is not reset when a worker
//! is killed or replaced**. (With `SO_REUSEPORT`, each worker would have a listener and a backlog of its own, and would
//! take them along.) What a worker has accepted is its own: lost when it is killed, served to its end when it drains.
//!
//! To that end, a server that drains first stops to accept, then reads what was sent on the connections that it has,
//! and only then closes those on which nothing is to be answered. hyper, and so axum, closes a connection that it has
//! not read from as soon as it is told to shut down gracefully. One that was accepted in that moment is then reset,
//! though it is rare: give it a moment between the two, as the example `cluster` does with its `Until`, if no request
//! at all is to be lost in a roll.
//!
//! # Leaving nobody behind
//!
//! A worker is the leader of its own process group, and the group is killed when the worker is, or has ended. When the
//! supervisor is killed, even by `SIGKILL`, Linux kills the workers; elsewhere they notice that by themselves, unless they
//! are stopped. What a worker has started is then killed as well, as far as the worker gets to it: on Linux it may be
//! too late. All this holds from the moment in which the worker comes to `run`.

mod error;
mod health;
#[cfg(unix)]
mod log;
#[cfg(unix)]
mod slot;
#[cfg(unix)]
mod supervisor;
#[cfg(unix)]
mod wire;
mod worker;
#[cfg(unix)]
mod worker_process;

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::num::NonZero;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::watch;

pub use crate::process::{Backoff, WorkerState};
pub use error::ClusterError;
pub use health::{Health, WorkerHealth};
pub use worker::Worker;

#[cfg(unix)]
use crate::process;

/// Several processes of this program that serve from one listener. See [the module](self).
#[must_use = "nothing is started before `run`"]
pub struct Cluster {
    workers: usize,
    settings: ClusterSettings,
    bind: Box<dyn FnOnce() -> io::Result<TcpListener> + Send>,
    on_listening: Box<dyn FnOnce(SocketAddr) + Send>,
    state: watch::Sender<Vec<WorkerHealth>>,
    health: Health,
}

/// What can be chosen.
#[derive(Clone, Debug)]
struct ClusterSettings {
    backoff: Backoff,
    grace: Duration,
    heartbeat: Duration,
    ready_within: Duration,
}

impl Cluster {
    /// So many workers. 0 is an error of [`run`](Self::run).
    pub fn new(workers: usize) -> Self {
        let (state, health) = Health::new(workers);
        let settings = ClusterSettings {
            backoff: Backoff::new(),
            grace: Duration::from_secs(30),
            heartbeat: Duration::from_secs(30),
            ready_within: Duration::from_mins(1),
        };
        let none = || {
            Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "no address was given",
            ))
        };
        Self {
            workers,
            settings,
            bind: Box::new(none),
            on_listening: Box::new(drop),
            state,
            health,
        }
    }

    /// A worker for each processor that this process may use, or one when that is not known.
    pub fn one_per_core() -> Self {
        Self::new(available_parallelism().map_or(1, NonZero::get))
    }

    /// Whether this process is a worker, for what is not to be done in every process.
    #[must_use]
    pub fn is_worker() -> bool {
        #[cfg(unix)]
        return process::CLUSTER.is_worker();
        #[cfg(not(unix))]
        false
    }

    /// Where to listen, on TCP. Port 0 takes a free one. A name is looked up at once, which may block.
    pub fn listen(self, address: impl ToSocketAddrs) -> Self {
        let addresses = address.to_socket_addrs().map(Vec::from_iter);
        self.listen_with(move || {
            let addresses = addresses?;
            TcpListener::bind(&*addresses).map_err(|error| {
                let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                io::Error::new(error.kind(), format!("{}: {error}", addresses.join(", ")))
            })
        })
    }

    /// A listener that is made in some other way, in the supervisor: with options of its own, or got from a service
    /// manager.
    pub fn listen_with(
        mut self,
        bind: impl FnOnce() -> io::Result<TcpListener> + Send + 'static,
    ) -> Self {
        self.bind = Box::new(bind);
        self
    }

    /// Called in the supervisor when the listener is open: clients can connect from then on. Workers are started after it.
    pub fn on_listening(mut self, call: impl FnOnce(SocketAddr) + Send + 'static) -> Self {
        self.on_listening = Box::new(call);
        self
    }

    /// How long a worker has to drain, 30 s by default.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// How long a worker has to answer the supervisor, 30 s by default. It is asked three times in this time.
    ///
    /// The task that serves answers: a worker in which that task or all threads of the runtime are blocked does not.
    pub fn heartbeat(mut self, heartbeat: Duration) -> Self {
        self.settings.heartbeat = heartbeat;
        self
    }

    /// How long a worker has from its start until it [takes the listener](Worker::listener), 1 min by default.
    pub fn ready_within(mut self, time: Duration) -> Self {
        self.settings.ready_within = time;
        self
    }

    /// How workers that have ended are started again.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.settings.backoff = backoff;
        self
    }

    /// How the workers are, from now on. To be looked at beside [`run`](Self::run), such as from a task that is spawned
    /// before.
    ///
    /// ```no_run
    /// # use conjoin_adapters::{Cluster, ClusterError};
    /// # async fn serve(worker: conjoin_adapters::cluster::Worker) -> std::io::Result<()> { Ok(()) }
    /// # async fn run() -> Result<(), ClusterError> {
    /// let cluster = Cluster::new(2).listen("127.0.0.1:8000");
    /// let mut health = cluster.health();
    /// if !Cluster::is_worker() {
    ///     tokio::spawn(async move {
    ///         while let Some(workers) = health.changed().await {
    ///             for worker in workers {
    ///                 println!("worker {} is {}", worker.index, worker.state);
    ///             }
    ///         }
    ///     });
    /// }
    /// cluster.run(serve).await
    /// # }
    /// ```
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Runs the supervisor, or in a worker `serve`. [The module](self) says what the supervisor does.
    ///
    /// In a worker this returns when `serve` does. Let the process end then, well or not as `run` did: the exit status
    /// tells the supervisor whether to start another one. `main` does that when it returns the `Result`.
    ///
    /// In the supervisor this catches `SIGTERM`, `SIGINT` and `SIGHUP`, and returns when all workers have ended. When it is
    /// dropped, they are killed. One cluster per program, one call per process.
    ///
    /// # Errors
    ///
    /// Those of [`ClusterError`]. When nothing can be listened on, nothing was started.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time enabled, and when `serve` panics.
    pub async fn run<E>(
        self,
        serve: impl AsyncFnOnce(Worker) -> Result<(), E>,
    ) -> Result<(), ClusterError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        if self.workers == 0 {
            return Err(ClusterError::NoWorkers);
        }
        #[cfg(unix)]
        {
            if let Some(inherited) = process::CLUSTER.inherit().map_err(ClusterError::Worker)? {
                return worker::run(inherited, serve).await;
            }
            drop(serve);
            supervisor::run(self).await
        }
        #[cfg(not(unix))]
        {
            drop(serve);
            Err(ClusterError::Unsupported)
        }
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            workers, settings, ..
        } = self;
        f.debug_struct("Cluster")
            .field("workers", workers)
            .field("settings", settings)
            .finish_non_exhaustive()
    }
}
