//! Several processes of the same program that share one listener.
//!
//! [`Cluster::run`] is called in every process. The first one, the *supervisor*, opens the listener, starts the program
//! once more for each *worker*, passes the listener to the workers, and supervises them. A worker recognizes itself by
//! its environment; there `run` calls the closure, which serves.
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
//! All processes execute what comes before `run`: keep it short, and set up what a worker needs in the closure.
//!
//! # What the supervisor does
//!
//! | when | |
//! | --- | --- |
//! | a worker ends with an exit status other than 0, or by a signal | it is restarted, after a [backoff](Backoff) |
//! | a worker does not answer within its [heartbeat](Cluster::heartbeat) | it is killed and restarted likewise |
//! | a worker ends too often in a row | it has [failed](WorkerState::Failed), and is not restarted |
//! | a worker ends by itself with exit status 0 | it is not restarted |
//! | another process sends a worker `SIGTERM` or `SIGINT` | the worker drains, and is replaced at once |
//! | `SIGHUP` | a roll: for each worker in turn, a new one starts and becomes ready, then the old one drains |
//! | `SIGTERM` or `SIGINT` | all workers drain, then `run` returns |
//! | a second `SIGTERM` or `SIGINT` | all workers are killed |
//! | all workers have failed or ended | `run` returns |
//! | the supervisor itself is killed | its workers are killed, too |
//!
//! A worker that *drains* accepts nothing new, finishes what it has begun, and ends. It has its [grace](Cluster::grace)
//! for that; then it is killed, with the processes that it has started.
//!
//! A roll starts the file that is at the program's path by then, so a new version of the program can be put there
//! before. If a new worker does not become ready, the roll stops there: the old worker continues, and so do those after
//! it. A roll also starts workers that have failed.
//!
//! # What clients see
//!
//! All processes share the listener, which stays open while one of them lives. A connection that no worker has accepted
//! yet waits in it and is served by another worker, or by the next one: **it is not reset when a worker is killed or
//! replaced**. (With `SO_REUSEPORT`, each worker would have a listener and a backlog of its own, which would be lost
//! with it.) A connection that a worker has accepted is lost when the worker is killed, and served to its end when the
//! worker drains.
//!
//! For this, a server that drains must first stop to accept, then read what was sent on its connections, and only then
//! close those that have no request. hyper, and hence axum, closes a connection that it has not read from as soon as it
//! is told to shut down gracefully. A connection that was accepted just before is then reset. This is rare; if a roll
//! must not lose a single request, wait a moment between the two, as the example `cluster` does with its `Until`.
//!
//! # No process is left behind
//!
//! A worker leads its own process group, which is killed when the worker is killed or has ended. When the supervisor is
//! killed, even by `SIGKILL`, Linux kills the workers; on other systems the workers notice it by themselves, unless
//! they are stopped. What a worker has started is then killed as well, as far as the worker gets to it: on Linux it may
//! not. All this holds once the worker has reached `run`.

mod builder;
mod error;
mod health;
#[cfg(unix)]
mod log;
#[cfg(unix)]
mod serve;
mod settings;
#[cfg(unix)]
mod shared;
#[cfg(unix)]
mod slot;
#[cfg(unix)]
mod stop;
#[cfg(unix)]
mod supervisor;
#[cfg(unix)]
mod wire;
mod worker;
#[cfg(unix)]
mod worker_process;

pub use crate::process::{Backoff, WorkerState};
pub use builder::Cluster;
pub use error::ClusterError;
pub use health::{Health, WorkerHealth};
pub use worker::Worker;
