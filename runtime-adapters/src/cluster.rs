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
