use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::retry_on_intr;
use rustix::process::{Pid, Signal, getppid, kill_current_process_group};
use rustix::stdio::dup2_stdin;

use super::Role;

/// What a worker got from its parent.
#[derive(Debug)]
pub(crate) struct Inherited {
    /// Which of its parent's workers it is, from 0.
    pub(crate) index: usize,
    /// The other end of the socket that [`Program::spawn`](super::Program::spawn) returned. It blocks.
    pub(crate) socket: UnixStream,
}

impl Role {
    /// What makes a process a worker.
    pub(super) fn value(&self, index: usize, parent: u32) -> String {
        format!("{index}:{parent}:{}", self.protocol)
    }

    /// Whether this process was started as a worker of this role, by a parent that is still there.
    pub(crate) fn is_worker(&self) -> bool {
        let value = std::env::var_os(self.variable);
        // The child of a worker has got its variables, too.
        value
            .as_ref()
            .and_then(|value| parse(value.to_str()?))
            .is_some_and(|(_, parent, _)| getppid() == Some(parent))
    }

    /// What a worker got from its parent, or `None` when this process is no worker of this role. Works once: standard
    /// input, which is the socket, is `/dev/null` from then on.
    ///
    /// From here on this process does not outlive its parent.
    pub(crate) fn inherit(&self) -> io::Result<Option<Inherited>> {
        let Some(value) = std::env::var_os(self.variable) else {
            return Ok(None);
        };
        let fail = |why: String| {
            io::Error::other(format!(
                "{} is `{}`, but {why}",
                self.variable,
                value.display()
            ))
        };
        let Some((index, parent, protocol)) = value.to_str().and_then(parse) else {
            return Err(fail("that is not what a parent sets".into()));
        };

        let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        if socket.local_addr().is_err() {
            if getppid() == Some(parent) {
                return Err(fail(
                    "standard input is no socket, or is no longer one".into(),
                ));
            }
            // Whoever started this process is a worker, and has left its own variables in the environment.
            return Ok(None);
        }
        if protocol != self.protocol {
            return Err(fail(format!(
                "this program knows protocol {} only: its version is another",
                self.protocol
            )));
        }
        die_with(parent, socket.as_fd().try_clone_to_owned()?)?;
        dup2_stdin(File::open("/dev/null")?)?;
        Ok(Some(Inherited { index, socket }))
    }
}

fn parse(value: &str) -> Option<(usize, Pid, u32)> {
    let mut parts = value.split(':');
    let (index, parent, protocol) = (parts.next()?, parts.next()?, parts.next()?);
    let parent = parent
        .parse()
        .ok()
        .filter(|&parent| parent > 0)
        .and_then(Pid::from_raw)?;
    parts
        .next()
        .is_none()
        .then_some((index.parse().ok()?, parent, protocol.parse().ok()?))
}

/// Ends this process when its parent ends. The thread that does is there for as long as the process: Linux forgets a
/// death signal when the thread ends that asked for it.
fn die_with(parent: Pid, socket: OwnedFd) -> io::Result<()> {
    let (sender, is_set) = sync_channel(0);
    thread::Builder::new()
        .name("conjoin-parent".into())
        .spawn(move || watch(parent, &socket, &sender))?;
    is_set
        .recv()
        .map_err(|_| io::Error::other("the thread that watches the parent is gone"))?
}

fn watch(parent: Pid, socket: &OwnedFd, is_set: &SyncSender<io::Result<()>>) {
    let result = ask_for_death_signal().and_then(|()| match getppid() {
        Some(now) if now == parent => Ok(()),
        // It was too early for a signal.
        _ => Err(io::Error::other("the parent has ended")),
    });
    let is_err = result.is_err();
    if is_set.send(result).is_err() || is_err {
        return;
    }
    // Without any flag, it is woken only when nobody holds the other end any more.
    let _ = retry_on_intr(|| poll(&mut [PollFd::new(socket, PollFlags::empty())], None));
    // The group is this process's own, and this process is in it.
    let _ = kill_current_process_group(Signal::KILL);
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn ask_for_death_signal() -> io::Result<()> {
    Ok(rustix::process::set_parent_process_death_signal(Some(
        Signal::KILL,
    ))?)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn ask_for_death_signal() -> io::Result<()> {
    Ok(())
}
