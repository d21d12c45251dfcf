//! What supervisor and worker say to each other: single bytes, the first of which comes with the listener.
//!
//! Whoever changes this raises the protocol's number in `process::CLUSTER`.

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
/// From the supervisor: are you there?
pub(super) const PING: u8 = b'?';
/// From the supervisor: take nothing new, and end.
pub(super) const DRAIN: u8 = b'D';

/// From the worker: it has taken the listener.
pub(super) const READY: u8 = b'R';
/// From the worker: it is there.
pub(super) const PONG: u8 = b'!';
/// From the worker: somebody else than the supervisor has told it to end.
pub(super) const LEAVING: u8 = b'E';
/// From the worker: it no longer serves, and will end by itself.
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
                "the supervisor has sent no listener",
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

/// A process that this worker starts must not keep the listener open.
#[cfg(any(target_os = "linux", target_os = "android"))]
const FLAGS: RecvFlags = RecvFlags::CMSG_CLOEXEC;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const FLAGS: RecvFlags = RecvFlags::empty();
