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

/// What a worker inherits from its parent.
#[derive(Debug)]
pub(crate) struct InheritedSocket {
    /// The worker's index, from 0.
    pub(crate) index: usize,
    /// The other end of the socket that [`Program::spawn`](super::Program::spawn) returned. It blocks.
    pub(crate) socket: UnixStream,
}

/// What a parent puts into a worker's environment: `index:parent:protocol:socket`, as numbers.
///
/// Programs that a worker starts inherit this too. They may be the same program, with a different socket as standard
/// input. The parent's id and the socket's inode tell the two apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WorkerMark {
    index: usize,
    parent: Pid,
    protocol: u32,
    /// `None` if the parent is of an older version.
    socket: Option<u64>,
}

impl WorkerRole {
    /// The value that makes a process with this socket as standard input a worker.
    pub(super) fn value(
        &self,
        index: usize,
        parent: u32,
        socket: &UnixStream,
    ) -> io::Result<String> {
        let socket = inode(socket.as_fd())?;
        Ok(format!("{index}:{parent}:{}:{socket}", self.protocol))
    }

    /// Whether this process was started as a worker of this role, so that [`inherit`](Self::inherit) makes, or has
    /// made, it one.
    pub(crate) fn is_worker(&self) -> bool {
        let value = std::env::var_os(self.variable);
        let mark = value.as_ref().and_then(|value| parse(value.to_str()?));
        mark.is_some_and(WorkerMark::is_ours)
    }

    /// What this worker inherits, or `None` if this process is not a worker of this role. Works once: after that,
    /// standard input, which was the socket, is `/dev/null`.
    ///
    /// From here on, this process does not outlive its parent.
    pub(crate) fn inherit(&self) -> io::Result<Option<InheritedSocket>> {
        let Some(value) = std::env::var_os(self.variable) else {
            return Ok(None);
        };
        let fail = |why: String| {
            io::Error::other(format!(
                "{} is `{}`, but {why}",
                self.variable,
                value.to_string_lossy()
            ))
        };
        let Some(mark) = value.to_str().and_then(parse) else {
            return Err(fail("a parent sets no such value".into()));
        };
        if !mark.is_ours() {
            // The process that started this one is a worker, whose variables this one inherited.
            return Ok(None);
        }
        if mark.protocol != self.protocol {
            return Err(fail(format!(
                "this program, of another version, supports only protocol {}",
                self.protocol
            )));
        }
        if !mark.is_socket_here() {
            return Err(fail(
                "standard input is not, or no longer, a socket of its parent".into(),
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
    /// Whether it was set for this process: by its parent, or by a process that has ended and left its socket.
    fn is_ours(self) -> bool {
        getppid() == Some(self.parent) || self.is_socket_here()
    }

    fn is_socket_here(self) -> bool {
        let here = inode(io::stdin().as_fd());
        self.socket.is_some() && here.ok() == self.socket
    }
}

/// A number that no other open file of this kind has.
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

/// Ends this process when its parent ends. The thread for that lives as long as the process: Linux cancels a death
/// signal when the thread that requested it ends.
fn die_with(parent: Pid, socket: OwnedFd) -> io::Result<()> {
    let (sender, is_set) = sync_channel(0);
    thread::Builder::new()
        .name("conjoin-parent".into())
        .spawn(move || watch(parent, &socket, &sender))?;
    is_set
        .recv()
        .map_err(|_| io::Error::other("the thread that watches the parent has ended"))?
}

fn watch(parent: Pid, socket: &OwnedFd, is_set: &SyncSender<io::Result<()>>) {
    let result = ask_for_death_signal().and_then(|()| match getppid() {
        Some(now) if now == parent => Ok(()),
        // The parent ended before the signal was set.
        _ => Err(io::Error::other("the parent has ended")),
    });
    let is_err = result.is_err();
    if is_set.send(result).is_err() || is_err {
        return;
    }
    // Without flags, it wakes only when the other end has closed.
    let _ = retry_on_intr(|| poll(&mut [PollFd::new(socket, PollFlags::empty())], None));
    // This process leads the group, and is in it.
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
