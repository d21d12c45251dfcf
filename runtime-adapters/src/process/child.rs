use std::io;
use std::process::{self, ChildStderr, ChildStdout, Command};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustix::io::retry_on_intr;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid,
};
use tokio::sync::watch;
use tokio::time::timeout;

use super::exit::Exit;
use crate::sync::{Mutex, lock};

/// How long to wait for the end of a killed process. One that waits for a device may take longer than anyone wants to
/// wait.
const KILLED_WITHIN: Duration = Duration::from_secs(10);

/// A running worker. Dropping this kills it and its process group.
///
/// Its group is also killed when it ends by itself: what it has started does not outlive it.
#[derive(Debug)]
pub(crate) struct Child {
    life: Arc<ChildProcess>,
    exit: watch::Receiver<Option<Exit>>,
}

/// A process and its id.
#[derive(Debug)]
struct ChildProcess {
    pid: Pid,
    /// Set once the id may belong to another process. From then on, no signal is sent.
    is_over: Mutex<bool>,
}

impl Child {
    /// Starts the process, as the leader of its own group. The calling thread must live as long as the process.
    pub(super) fn spawn(
        command: &mut Command,
    ) -> io::Result<(Self, Option<ChildStdout>, Option<ChildStderr>)> {
        let mut process = command.spawn()?;
        let pipes = (process.stdout.take(), process.stderr.take());
        let life = Arc::new(ChildProcess {
            pid: Pid::from_child(&process),
            is_over: Mutex::new(false),
        });
        let (sender, exit) = watch::channel(None);
        let child = Self {
            life: Arc::clone(&life),
            exit,
        };
        // A thread for each worker: there are few, and unlike a runtime it lives as long as the worker.
        let waiter = thread::Builder::new().name("conjoin-waiter".into());
        // If this fails, dropping `child` kills the process, which remains a zombie.
        waiter.spawn(move || drop(sender.send_replace(Some(life.wait(process)))))?;
        Ok((child, pipes.0, pipes.1))
    }

    pub(crate) fn id(&self) -> u32 {
        self.life.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Waits until the worker has ended. Cancel safe.
    pub(crate) async fn exited(&self) -> Exit {
        let mut exit = self.exit.clone();
        let exit = exit
            .wait_for(Option::is_some)
            .await
            .map(|exit| exit.clone());
        exit.ok()
            .flatten()
            .unwrap_or_else(|| Exit::Unknown("the thread that waits for it has ended".into()))
    }

    /// Sends `SIGTERM` to the worker, not to its group.
    pub(crate) fn terminate(&self) {
        self.life.signal(|pid| kill_process(pid, Signal::TERM));
    }

    /// Sends `SIGKILL` to the worker and its group.
    pub(crate) fn kill(&self) {
        self.life
            .signal(|pid| kill_process_group(pid, Signal::KILL));
    }

    /// [Terminates](Self::terminate) the worker, and waits for its end. After this time it is killed.
    pub(crate) async fn stop(&self, grace: Duration) -> Exit {
        self.terminate();
        self.ended_within(grace).await
    }

    /// Waits until the worker has ended, and kills it after this time. Returns in bounded time.
    pub(crate) async fn ended_within(&self, grace: Duration) -> Exit {
        if let Ok(exit) = timeout(grace, self.exited()).await {
            return exit;
        }
        self.kill();
        let killed = timeout(KILLED_WITHIN, self.exited()).await;
        killed.unwrap_or_else(|_| {
            Exit::Unknown(format!(
                "it was killed, but still existed after {KILLED_WITHIN:?}"
            ))
        })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

impl ChildProcess {
    fn signal(&self, send: impl FnOnce(Pid) -> rustix::io::Result<()>) {
        let is_over = lock(&self.is_over);
        if !*is_over {
            // This fails if the process has just ended, which is fine.
            let _ = send(self.pid);
        }
    }

    /// Blocks until the process has ended, and kills the rest of its group.
    fn wait(&self, mut process: process::Child) -> Exit {
        // This leaves it as a zombie, so that its id is not reused yet.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let ended = retry_on_intr(|| waitid(WaitId::Pid(self.pid), options));
        let mut is_over = lock(&self.is_over);
        // Otherwise something else has waited for it: a program that ignores `SIGCHLD`, for example.
        if ended.is_ok() {
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
        *is_over = true;
        process.wait().into()
    }
}
