//! Runs the supervisor, which starts the workers and does not serve itself.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::error::ClusterError;
use super::health::Health;
use super::log;
use super::settings::Setup;
use super::shared::ClusterShared;
use super::slot::{ReplaceRequest, WorkerSlot};
use super::stop::{StopMode, StopSignal};
use crate::process::{OutputMode, Program, WorkerState};
use crate::sync::{Mutex, lock};

/// The signals of the supervisor. From its creation, they are caught.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

enum SupervisorCommand {
    Stop,
    Roll,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> SupervisorCommand {
        tokio::select! {
            _ = self.terminate.recv() => SupervisorCommand::Stop,
            _ = self.interrupt.recv() => SupervisorCommand::Stop,
            _ = self.hangup.recv() => SupervisorCommand::Roll,
        }
    }
}

/// Runs the workers until all have ended. Dropping the future kills them.
pub(super) async fn run(setup: Setup) -> Result<(), ClusterError> {
    let Setup {
        workers,
        settings,
        bind,
        on_listening,
        state,
        mut health,
    } = setup;
    let mut signals = Signals::new().map_err(ClusterError::Setup)?;
    let program = Program::newest()
        .map_err(ClusterError::Setup)?
        .output(OutputMode::Inherited);
    let listener = bind().map_err(ClusterError::Bind)?;
    on_listening(listener.local_addr().map_err(ClusterError::Bind)?);

    let listener = Mutex::new(Some(Arc::new(listener)));
    let shared = Arc::new(ClusterShared {
        settings,
        program,
        listener,
        health: state,
    });
    let stop = watch::Sender::new(StopMode::No);
    let slot = |index| WorkerSlot::new(index, Arc::clone(&shared), StopSignal(stop.subscribe()));
    let (places, slots): (Vec<_>, Vec<_>) = (0..workers).map(slot).unzip();
    let mut slots: JoinSet<_> = slots.into_iter().map(WorkerSlot::run).collect();
    // One roll may wait for the running one; another would do nothing that this one does not.
    let (rolls, requests) = mpsc::channel(1);
    let mut rolling = pin!(roll(places, requests));

    let mut failed = None;
    let mut cut_off = None;
    loop {
        tokio::select! {
            biased;
            ended = slots.join_next() => match ended {
                Some(Ok(why)) => cut_off = cut_off.or(why),
                // This is a bug in this module.
                Some(Err(error)) => resume_unwind(error.into_panic()),
                None => break,
            },
            order = signals.next() => match order {
                SupervisorCommand::Stop => {
                    lock(&shared.listener).take();
                    stop.send_modify(|stop| *stop = if *stop == StopMode::No { StopMode::Drain } else { StopMode::Kill });
                }
                SupervisorCommand::Roll => drop(rolls.try_send(())),
            },
            reason = all_ended(&mut health), if *stop.borrow() == StopMode::No => {
                failed = reason;
                stop.send_replace(StopMode::Drain);
            }
            never = &mut rolling => match never {},
        }
    }
    match (failed, cut_off) {
        (Some(reason), _) => Err(ClusterError::Failed(reason)),
        (None, Some(reason)) => Err(ClusterError::CutOff(reason)),
        (None, None) => Ok(()),
    }
}

/// Waits until no worker will be restarted. Returns the reason if one has failed.
async fn all_ended(health: &mut Health) -> Option<String> {
    let workers = health
        .wait_for(|workers| workers.iter().all(|worker| worker.state.is_final()))
        .await?;
    workers.into_iter().find_map(|worker| match worker.state {
        WorkerState::Failed(reason) => Some(reason),
        _ => None,
    })
}

/// Replaces one worker after the other, whenever it is asked to.
async fn roll(
    places: Vec<mpsc::Sender<ReplaceRequest>>,
    mut requests: mpsc::Receiver<()>,
) -> Infallible {
    loop {
        if requests.recv().await.is_none() {
            pending::<()>().await;
        }
        for (index, place) in places.iter().enumerate() {
            let (replace, replaced) = oneshot::channel();
            // The slot accepts no requests once the cluster stops.
            let result = if place.send(replace).await.is_ok() {
                replaced.await
            } else {
                break;
            };
            if let Ok(Err(reason)) = result {
                log::warn(
                    index,
                    format_args!("not replaced, and neither are those after it: {reason}"),
                );
                break;
            }
        }
    }
}
