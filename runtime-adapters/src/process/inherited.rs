use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::retry_on_intr;
use rustix::process::{Pid, Signal, getppid, kill_current_process_group};
use rustix::stdio::dup2_stdin;

use super::role::WorkerRole;

/// What a worker got from its parent.
#[derive(Debug)]
pub(crate) struct InheritedSocket {
    /// Which of its parent's workers it is, from 0.
    pub(crate) index: usize,
    /// The other end of the socket that [`Program::spawn`](super::Program::spawn) returned. It blocks.
    pub(crate) socket: UnixStream,
}

/// What a parent tells a worker in the environment: `index:parent:protocol:socket`, in numbers.
///
/// Whatever a worker starts has this in its environment, too, and may be this same program, with a socket of somebody
/// else's as its standard input. The parent's id and the socket's inode tell the two apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WorkerMark {
    index: usize,
    parent: Pid,
    protocol: u32,
    /// `None` from a parent of an older version.
    socket: Option<u64>,
}

impl WorkerRole {
    /// What makes a process a worker that has this socket as its standard input.
    pub(super) fn value(
        &self,
        index: usize,
        parent: u32,
        socket: &UnixStream,
    ) -> io::Result<String> {
        let socket = inode(socket.as_fd())?;
        Ok(format!("{index}:{parent}:{}:{socket}", self.protocol))
    }

    /// Whether this process was started as a worker of this role: whether [`inherit`](Self::inherit) makes one of it, or
    /// has made one of it.
    pub(crate) fn is_worker(&self) -> bool {
        let value = std::env::var_os(self.variable);
        let mark = value.as_ref().and_then(|value| parse(value.to_str()?));
        mark.is_some_and(WorkerMark::is_ours)
    }

    /// What a worker got from its parent, or `None` when this process is no worker of this role. Works once: standard
    /// input, which is the socket, is `/dev/null` from then on.
    ///
    /// From here on this process does not outlive its parent.
    pub(crate) fn inherit(&self) -> io::Result<Option<InheritedSocket>> {
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
        let Some(mark) = value.to_str().and_then(parse) else {
            return Err(fail("that is not what a parent sets".into()));
        };
        if !mark.is_ours() {
            // Whoever started this process is a worker, and has left its own variables in the environment.
            return Ok(None);
        }
        if mark.protocol != self.protocol {
            return Err(fail(format!(
                "this program knows protocol {} only: its version is another",
                self.protocol
            )));
        }
        if !mark.is_socket_here() {
            return Err(fail(
                "standard input is no socket of its parent's, or is no longer one".into(),
            ));
        }
        let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        die_with(mark.parent, socket.as_fd().try_clone_to_owned()?)?;
        dup2_stdin(File::open("/dev/null")?)?;
        Ok(Some(InheritedSocket {
            index: mark.index,
            socket,
        }))
    }
}

impl WorkerMark {
    /// Whether it was set for this process: by its parent, or by one that has ended since and left its socket.
    fn is_ours(self) -> bool {
        getppid() == Some(self.parent) || self.is_socket_here()
    }

    fn is_socket_here(self) -> bool {
        let here = inode(io::stdin().as_fd());
        self.socket.is_some() && here.ok() == self.socket
    }
}

/// What no other open file of this kind has.
fn inode(file: BorrowedFd<'_>) -> io::Result<u64> {
    Ok(File::from(file.try_clone_to_owned()?).metadata()?.ino())
}

fn parse(value: &str) -> Option<WorkerMark> {
    let mut parts = value.split(':');
    let (index, parent, protocol) = (parts.next()?, parts.next()?, parts.next()?);
    let parent = parent.parse().ok().filter(|&parent| parent > 0);
    let mark = WorkerMark {
        index: index.parse().ok()?,
        parent: parent.and_then(Pid::from_raw)?,
        protocol: protocol.parse().ok()?,
        socket: parts
            .next()
            .map(|socket| socket.parse().ok().ok_or(()))
            .transpose()
            .ok()?,
    };
    parts.next().is_none().then_some(mark)
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
