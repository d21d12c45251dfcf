//! The slot of one worker: its current process, the one that starts, and those that drain.

use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::log;
use super::shared::ClusterShared;
use super::stop::StopSignal;
use super::worker_process::{WorkerEvent, WorkerProcess};
use crate::process::{RestartSchedule, WorkerState};

/// Answered when the slot has a new process and the old one has ended, or when that failed.
pub(super) type ReplaceRequest = oneshot::Sender<Result<(), String>>;

/// A process that starts, which resolves to it when it is ready, or to why it is not.
type StartingWorker = Pin<Box<dyn Future<Output = Result<WorkerProcess, WorkerEvent>> + Send>>;

#[derive(Debug)]
pub(super) struct WorkerSlot {
    index: usize,
    shared: Arc<ClusterShared>,
    stopping: StopSignal,
    replacements: mpsc::Receiver<ReplaceRequest>,
    restarts: RestartSchedule,
    /// The request that waits for the starting process.
    asked: Option<ReplaceRequest>,
    /// The processes that drain. Each returns why it did not end gracefully, if it did not.
    retiring: JoinSet<Option<String>>,
}

/// What follows a process in its slot.
enum SlotStep {
    /// This process, which has started already.
    Start(StartingWorker),
    /// Another process, after a delay.
    Retry(String),
    /// No process: the last one ended by itself, successfully.
    Exited,
    /// No process: the cluster stops.
    Stop,
}

impl WorkerSlot {
    pub(super) fn new(
        index: usize,
        shared: Arc<ClusterShared>,
        stopping: StopSignal,
    ) -> (mpsc::Sender<ReplaceRequest>, Self) {
        let (sender, replacements) = mpsc::channel(1);
        let restarts = RestartSchedule::new(shared.settings.backoff);
        (
            sender,
            Self {
                index,
                shared,
                stopping,
                replacements,
                restarts,
                asked: None,
                retiring: JoinSet::new(),
            },
        )
    }

    /// Keeps the slot filled until the cluster stops. Returns why a process did not end gracefully then.
    pub(super) async fn run(mut self) -> Option<String> {
        let mut next = SlotStep::Start(self.start());
        loop {
            next = match next {
                SlotStep::Start(starting) => match self.started(starting).await {
                    Ok(process) => self.serve(process).await,
                    Err(next) => next,
                },
                SlotStep::Retry(reason) => self.retry(reason).await,
                SlotStep::Exited => self.rest().await,
                SlotStep::Stop => break,
            };
        }
        let mut why = None;
        while let Some(retired) = self.retiring.join_next().await {
            // These tasks do not panic, and are not aborted while this waits.
            why = why.or(retired.ok().flatten());
        }
        if !matches!(self.shared.state(self.index), WorkerState::Failed(_)) {
            self.set(WorkerState::Stopped);
        }
        why
    }

    /// Starts a process for the slot.
    fn start(&self) -> StartingWorker {
        self.set(WorkerState::Starting);
        let (shared, index) = (Arc::clone(&self.shared), self.index);
        Box::pin(async move {
            let process = shared.start(index).await?;
            shared.health(index, |worker| worker.pid = Some(process.id()));
            shared.ready(process).await
        })
    }

    /// Starts a process while another one still has the slot.
    fn start_beside(&self) -> StartingWorker {
        let (shared, index) = (Arc::clone(&self.shared), self.index);
        Box::pin(async move {
            let process = shared.start(index).await?;
            shared.ready(process).await
        })
    }

    async fn started(&mut self, starting: StartingWorker) -> Result<WorkerProcess, SlotStep> {
        tokio::select! {
            biased;
            // It is not serving yet, and is killed.
            () = self.stopping.asked() => Err(SlotStep::Stop),
            started = starting => started.map_err(|event| self.after(event)),
        }
    }

    async fn serve(&mut self, mut process: WorkerProcess) -> SlotStep {
        self.restarts.ready();
        self.shared.health(self.index, |worker| {
            worker.pid = Some(process.id());
            worker.state = WorkerState::Ready;
            worker.starts += 1;
        });
        log::info(
            self.index,
            format_args!("process {} is ready", process.id()),
        );
        self.answer(Ok(()));

        let grace = self.shared.settings.grace;
        let mut successor: Option<StartingWorker> = None;
        loop {
            tokio::select! {
                biased;
                () = self.stopping.asked() => {
                    self.set(WorkerState::Draining);
                    self.retire(process, None);
                    return SlotStep::Stop;
                }
                event = process.next(grace) => match event {
                    WorkerEvent::Ready => {}
                    WorkerEvent::Leaving => {
                        log::info(self.index, format_args!("process {} was told to end by another process", process.id()));
                        self.retire(process, None);
                        self.set(WorkerState::Starting);
                        return SlotStep::Start(successor.unwrap_or_else(|| self.start()));
                    }
                    event => return match successor {
                        // Whatever happened to the old one.
                        Some(successor) => {
                            self.set(WorkerState::Starting);
                            SlotStep::Start(successor)
                        }
                        None => self.after(event),
                    },
                },
                Some(replace) = self.replacements.recv(), if successor.is_none() => {
                    self.asked = Some(replace);
                    successor = Some(self.start_beside());
                }
                started = ready(&mut successor) => {
                    successor = None;
                    match started {
                        Ok(new) => {
                            let replace = self.asked.take();
                            self.retire(std::mem::replace(&mut process, new), replace);
                            self.restarts.ready();
                            self.shared.health(self.index, |worker| {
                                worker.pid = Some(process.id());
                                worker.starts += 1;
                            });
                            log::info(self.index, format_args!("process {} is ready", process.id()));
                        }
                        Err(WorkerEvent::Died(reason)) => self.answer(Err(reason)),
                        Err(_) => self.answer(Err("it ended before it was ready".into())),
                    }
                }
                Some(_) = self.retiring.join_next(), if !self.retiring.is_empty() => {}
            }
        }
    }

    /// What follows a process that ended by itself.
    fn after(&mut self, event: WorkerEvent) -> SlotStep {
        match event {
            WorkerEvent::Exited => {
                self.answer(Ok(()));
                SlotStep::Exited
            }
            WorkerEvent::Died(reason) => SlotStep::Retry(reason),
            // A starting process is dropped, and thereby killed.
            WorkerEvent::Ready | WorkerEvent::Leaving => {
                SlotStep::Retry("it was told to end before it was ready".into())
            }
        }
    }

    /// Waits before the next start.
    async fn retry(&mut self, reason: String) -> SlotStep {
        self.answer(Err(reason.clone()));
        let wait = self.restarts.ended();
        if let Some(wait) = wait {
            log::warn(
                self.index,
                format_args!("ended: {reason}; restarting in {wait:?}"),
            );
            self.set(WorkerState::Backoff(reason));
        } else {
            log::warn(
                self.index,
                format_args!("failed, and is not restarted: {reason}"),
            );
            self.set(WorkerState::Failed(reason));
        }
        tokio::select! {
            biased;
            () = self.stopping.asked() => SlotStep::Stop,
            Some(replace) = self.replacements.recv() => {
                // A roll may come with a repaired program, so it starts at once.
                self.asked = Some(replace);
                if wait.is_none() {
                    self.restarts = RestartSchedule::new(self.shared.settings.backoff);
                }
                SlotStep::Start(self.start())
            }
            () = sleep(wait.unwrap_or_default()), if wait.is_some() => SlotStep::Start(self.start()),
        }
    }

    /// Leaves the slot empty until a roll fills it.
    async fn rest(&mut self) -> SlotStep {
        log::info(
            self.index,
            format_args!("ended by itself, and is not restarted"),
        );
        self.set(WorkerState::Stopped);
        loop {
            tokio::select! {
                biased;
                () = self.stopping.asked() => return SlotStep::Stop,
                Some(replace) = self.replacements.recv() => {
                    self.asked = Some(replace);
                    self.answer(Ok(()));
                }
            }
        }
    }

    /// Drains a process in the background.
    fn retire(&mut self, process: WorkerProcess, replace: Option<ReplaceRequest>) {
        let (index, id) = (self.index, process.id());
        let (grace, stopping) = (self.shared.settings.grace, self.stopping.clone());
        self.retiring.spawn(async move {
            let exit = process.drain(grace, stopping).await;
            if let Some(replace) = replace {
                // The receiver may have gone.
                let _ = replace.send(Ok(()));
            }
            if exit.is_success() {
                log::info(index, format_args!("process {id} has drained"));
                return None;
            }
            log::warn(index, format_args!("process {id} did not end well: {exit}"));
            Some(format!("worker {index}, process {id}: {exit}"))
        });
    }

    fn set(&self, state: WorkerState) {
        self.shared
            .health(self.index, |worker| worker.state = state);
    }

    fn answer(&mut self, result: Result<(), String>) {
        if let Some(asked) = self.asked.take() {
            let _ = asked.send(result);
        }
    }
}

async fn ready(starting: &mut Option<StartingWorker>) -> Result<WorkerProcess, WorkerEvent> {
    match starting {
        Some(starting) => starting.await,
        None => pending().await,
    }
}
