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

/// How long a process that was killed has to be gone. One that waits for a device can take longer than anybody wants to
/// wait.
const KILLED_WITHIN: Duration = Duration::from_secs(10);

/// A worker that runs. When this is dropped, it is killed, with its process group.
///
/// Its group is also killed when the worker ends by itself: what it has started does not outlive it.
#[derive(Debug)]
pub(crate) struct Child {
    life: Arc<ChildProcess>,
    exit: watch::Receiver<Option<Exit>>,
}

/// A process and its number.
#[derive(Debug)]
struct ChildProcess {
    pid: Pid,
    /// Set when the number can be another process's. No signal is sent from then on.
    is_over: Mutex<bool>,
}

impl Child {
    /// Starts the process, which is to lead its own group. Whoever calls this must live as long as the process.
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
        // A thread for each worker: there are few, and it needs no runtime that may end before the worker does.
        let waiter = thread::Builder::new().name("conjoin-waiter".into());
        // When that fails, the process is killed with `child`, and stays a zombie.
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
            .unwrap_or_else(|| Exit::Unknown("the thread that waits for it is gone".into()))
    }

    /// Sends `SIGTERM` to the worker, but not to what it has started.
    pub(crate) fn terminate(&self) {
        self.life.signal(|pid| kill_process(pid, Signal::TERM));
    }

    /// Sends `SIGKILL` to the worker and to what it has started.
    pub(crate) fn kill(&self) {
        self.life
            .signal(|pid| kill_process_group(pid, Signal::KILL));
    }

    /// [Terminates](Self::terminate) the worker, and waits for its end, for which it has so much time.
    pub(crate) async fn stop(&self, grace: Duration) -> Exit {
        self.terminate();
        self.ended_within(grace).await
    }

    /// Waits until the worker has ended, and kills it when it has not after this time. That is over in bounded time.
    pub(crate) async fn ended_within(&self, grace: Duration) -> Exit {
        if let Ok(exit) = timeout(grace, self.exited()).await {
            return exit;
        }
        self.kill();
        let killed = timeout(KILLED_WITHIN, self.exited()).await;
        killed.unwrap_or_else(|_| {
            Exit::Unknown(format!(
                "it was killed, and was still there after {KILLED_WITHIN:?}"
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
            // It fails when the process has just ended, and that is fine.
            let _ = send(self.pid);
        }
    }

    /// Blocks until the process has ended, and kills the rest of its group.
    fn wait(&self, mut process: process::Child) -> Exit {
        // It is left as a zombie here, so that its number is nobody else's yet.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let ended = retry_on_intr(|| waitid(WaitId::Pid(self.pid), options));
        let mut is_over = lock(&self.is_over);
        // Otherwise somebody else has waited for it, such as a program that ignores `SIGCHLD`.
        if ended.is_ok() {
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
        *is_over = true;
        process.wait().into()
    }
}
