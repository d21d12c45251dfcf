//! Configures and runs a cluster.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::num::NonZero;
use std::thread::available_parallelism;
use std::time::Duration;

use super::error::ClusterError;
use super::health::Health;
use super::settings::{ClusterSettings, Setup};
use super::worker::Worker;
#[cfg(unix)]
use super::{serve, supervisor};
use crate::process::Backoff;
#[cfg(unix)]
use crate::process::CLUSTER;

/// Several processes of this program that share one listener. See [the module](super).
#[must_use = "nothing is started before `run`"]
pub struct Cluster {
    setup: Setup,
}

impl Cluster {
    /// A cluster of this many workers. 0 is an error of [`run`](Self::run).
    pub fn new(workers: usize) -> Self {
        let (state, health) = Health::new(workers);
        let settings = ClusterSettings {
            backoff: Backoff::new(),
            grace: Duration::from_secs(30),
            heartbeat: Duration::from_secs(30),
            ready_within: Duration::from_secs(60),
        };
        let none = || {
            Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "no address was given",
            ))
        };
        let setup = Setup {
            workers,
            settings,
            bind: Box::new(none),
            on_listening: Box::new(drop),
            state,
            health,
        };
        Self { setup }
    }

    /// A cluster with one worker for each available processor, or one worker if their number is unknown.
    pub fn one_per_core() -> Self {
        Self::new(available_parallelism().map_or(1, NonZero::get))
    }

    /// Whether this process is a worker: for what not every process should do.
    #[must_use]
    pub fn is_worker() -> bool {
        #[cfg(unix)]
        return CLUSTER.is_worker();
        #[cfg(not(unix))]
        false
    }

    /// The TCP address to listen on. Port 0 chooses a free port. A name is resolved at once, which may block.
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

    /// Creates the listener, in the supervisor: with other options, for example, or from a service manager.
    pub fn listen_with(
        mut self,
        bind: impl FnOnce() -> io::Result<TcpListener> + Send + 'static,
    ) -> Self {
        self.setup.bind = Box::new(bind);
        self
    }

    /// A function that the supervisor calls when the listener is open and clients can connect. The workers start after
    /// it.
    pub fn on_listening(mut self, call: impl FnOnce(SocketAddr) + Send + 'static) -> Self {
        self.setup.on_listening = Box::new(call);
        self
    }

    /// How long a worker may take to drain, 30 s by default.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.setup.settings.grace = grace;
        self
    }

    /// How long a worker may take to answer the supervisor, which pings it three times in that period: 30 s by default.
    ///
    /// The serving task answers: a worker in which that task or all threads of the runtime are blocked does not.
    pub fn heartbeat(mut self, heartbeat: Duration) -> Self {
        self.setup.settings.heartbeat = heartbeat;
        self
    }

    /// How long a worker may take from its start until it [takes the listener](Worker::listener), 1 min by default.
    pub fn ready_within(mut self, time: Duration) -> Self {
        self.setup.settings.ready_within = time;
        self
    }

    /// How workers that ended are restarted.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.setup.settings.backoff = backoff;
        self
    }

    /// The states of the workers. Watch them during [`run`](Self::run), for example in a task that is spawned before
    /// it.
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
        self.setup.health.clone()
    }

    /// Runs the supervisor, or in a worker `serve`. [The module](super) describes the supervisor.
    ///
    /// In a worker this returns when `serve` does. Then let the process end, with the result of `run`: its exit status
    /// tells the supervisor whether to restart it. `main` does that if it returns the `Result`.
    ///
    /// In the supervisor this catches `SIGTERM`, `SIGINT` and `SIGHUP`, and returns when all workers have ended.
    /// Dropping the future kills them. There may be one cluster per program, and one call per process.
    ///
    /// # Errors
    ///
    /// See [`ClusterError`]. If the listener cannot be opened, nothing was started.
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
        if self.setup.workers == 0 {
            return Err(ClusterError::NoWorkers);
        }
        #[cfg(unix)]
        {
            if let Some(inherited) = CLUSTER.inherit().map_err(ClusterError::Worker)? {
                return serve::run(inherited, serve).await;
            }
            drop(serve);
            supervisor::run(self.setup).await
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
        let Setup {
            workers, settings, ..
        } = &self.setup;
        f.debug_struct("Cluster")
            .field("workers", workers)
            .field("settings", settings)
            .finish_non_exhaustive()
    }
}
