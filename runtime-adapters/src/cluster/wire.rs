//! The protocol between supervisor and worker: single bytes, the first of which comes with the listener.
//!
//! Every change of it must raise the protocol version in `process::CLUSTER`.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::AsFd;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use tokio::io::Interest;
use tokio::net::UnixStream;

/// From the supervisor: here is the listener.
const LISTENER: u8 = b'L';
/// From the supervisor: a ping.
pub(super) const PING: u8 = b'?';
/// From the supervisor: drain.
pub(super) const DRAIN: u8 = b'D';

/// From the worker: it has taken the listener.
pub(super) const READY: u8 = b'R';
/// From the worker: the answer to a ping.
pub(super) const PONG: u8 = b'!';
/// From the worker: another process than the supervisor has told it to end.
pub(super) const LEAVING: u8 = b'E';
/// From the worker: it has finished serving, and will end by itself.
pub(super) const DONE: u8 = b'.';

/// Space for one descriptor.
const SPACE: usize = rustix::cmsg_space!(ScmRights(1));

pub(super) async fn send_listener(socket: &UnixStream, listener: &TcpListener) -> io::Result<()> {
    let send = || {
        let mut space = [MaybeUninit::uninit(); SPACE];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let descriptors = [listener.as_fd()];
        control.push(SendAncillaryMessage::ScmRights(&descriptors));
        sendmsg(
            socket,
            &[IoSlice::new(&[LISTENER])],
            &mut control,
            SendFlags::empty(),
        )?;
        Ok(())
    };
    socket.async_io(Interest::WRITABLE, send).await
}

pub(super) async fn receive_listener(socket: &UnixStream) -> io::Result<TcpListener> {
    let receive = || {
        let mut space = [MaybeUninit::uninit(); SPACE];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [0];
        recvmsg(
            socket,
            &mut [IoSliceMut::new(&mut byte)],
            &mut control,
            FLAGS,
        )?;
        let mut descriptors = control.drain().filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        });
        let listener = descriptors.next().filter(|_| byte == [LISTENER]);
        listener.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "the supervisor sent no listener",
            )
        })
    };
    let listener = socket.async_io(Interest::READABLE, receive).await?;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    rustix::io::fcntl_setfd(&listener, rustix::io::FdFlags::CLOEXEC)?;
    let listener = TcpListener::from(listener);
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Processes that this worker starts must not keep the listener open.
#[cfg(any(target_os = "linux", target_os = "android"))]
const FLAGS: RecvFlags = RecvFlags::CMSG_CLOEXEC;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const FLAGS: RecvFlags = RecvFlags::empty();
