//! c-ares, an asynchronous resolver, and a server for it.

use std::error::Error;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::ptr::{NonNull, null_mut};
use std::sync::OnceLock;
use std::thread;

use conjoin_adapters::ffi::{self, ForeignFuture, UserData};

#[repr(C)]
struct RawChannel([u8; 0]);

/// `ares_callback`: the user data is first.
type Callback = unsafe extern "C" fn(*mut c_void, c_int, c_int, *mut u8, c_int);

unsafe extern "C" {
    fn ares_library_init(flags: c_int) -> c_int;
    fn ares_init(channel: *mut *mut RawChannel) -> c_int;
    fn ares_destroy(channel: NonNull<RawChannel>);
    fn ares_cancel(channel: NonNull<RawChannel>);
    fn ares_set_servers_ports_csv(channel: NonNull<RawChannel>, servers: *const c_char) -> c_int;
    fn ares_query(
        channel: NonNull<RawChannel>,
        name: *const c_char,
        class: c_int,
        kind: c_int,
        callback: Callback,
        arg: *mut c_void,
    );
    fn ares_strerror(code: c_int) -> *const c_char;
    fn resolver_drive(channel: NonNull<RawChannel>);
}

const INIT_ALL: c_int = 1;
const INTERNET: c_int = 1;
const ADDRESS: c_int = 1;

/// What c-ares says when it has no answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AresError(c_int);

impl AresError {
    /// There is no such name.
    pub const NOT_FOUND: Self = AresError(4);
    /// There is no memory.
    pub const NO_MEMORY: Self = AresError(15);
    /// There is a null in a text.
    pub const BAD_TEXT: Self = AresError(17);
    /// The channel was destroyed.
    pub const DESTRUCTION: Self = AresError(16);
    /// The query was cancelled.
    pub const CANCELLED: Self = AresError(24);
}

impl fmt::Display for AresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: It returns a constant text for any number.
        let text = unsafe { CStr::from_ptr(ares_strerror(self.0)) };
        f.write_str(&text.to_string_lossy())
    }
}

impl fmt::Debug for AresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AresError({}: {self})", self.0)
    }
}

impl Error for AresError {}

/// A channel of c-ares.
#[derive(Debug)]
pub struct Resolver(NonNull<RawChannel>);

// SAFETY: A channel may be used on any thread, though not on two at once.
unsafe impl Send for Resolver {}

impl Resolver {
    /// That asks this server.
    ///
    /// # Errors
    ///
    /// When c-ares cannot be set up.
    pub fn new(server: SocketAddr) -> Result<Self, AresError> {
        static INIT: OnceLock<c_int> = OnceLock::new();
        // SAFETY: It is called once, before all else.
        checked(*INIT.get_or_init(|| unsafe { ares_library_init(INIT_ALL) }))?;
        let mut channel = null_mut();
        // SAFETY: It writes the pointer if it succeeds.
        checked(unsafe { ares_init(&raw mut channel) })?;
        let resolver = Resolver(NonNull::new(channel).ok_or(AresError::NO_MEMORY)?);
        let servers = CString::new(server.to_string()).map_err(|_| AresError::BAD_TEXT)?;
        // SAFETY: The channel is there, and the text is read in the call only.
        checked(unsafe { ares_set_servers_ports_csv(resolver.0, servers.as_ptr()) })?;
        Ok(resolver)
    }

    /// Asks for the addresses of a name. The future gets the answer as it came over the wire.
    pub fn query(&self, name: &CStr) -> ForeignFuture<Vec<u8>, AresError> {
        let (call, answer) = ffi::once(
            |_: UserData, status: c_int, _: c_int, answer: *mut u8, length: c_int| {
                checked(status)?;
                let length = usize::try_from(length).unwrap_or(0);
                // SAFETY: With success, there is an answer of this length, for as long as the call.
                Ok(unsafe { std::slice::from_raw_parts(answer, length) }.to_vec())
            },
        );
        let (callback, arg) = call.into_raw();
        // SAFETY: c-ares calls exactly once, at the latest when the channel is destroyed, with what its manual says.
        unsafe { ares_query(self.0, name.as_ptr(), INTERNET, ADDRESS, callback, arg) };
        answer
    }

    /// Works until all is answered.
    pub fn drive(&self) {
        // SAFETY: The channel is there, and as it is not `Sync`, no other thread uses it.
        unsafe { resolver_drive(self.0) };
    }

    /// Cancels all that is pending.
    pub fn cancel(&self) {
        // SAFETY: As above.
        unsafe { ares_cancel(self.0) };
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        // SAFETY: It was made by `ares_init` and is destroyed here only.
        unsafe { ares_destroy(self.0) };
    }
}

fn checked(code: c_int) -> Result<(), AresError> {
    if code == 0 {
        Ok(())
    } else {
        Err(AresError(code))
    }
}

/// A name server on the loopback interface that knows `present.test`, denies `absent.test` and has no answer for the rest.
/// Its thread ends with the process.
///
/// # Errors
///
/// When there is no socket.
pub fn serve(address: Ipv4Addr) -> io::Result<SocketAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let at = socket.local_addr()?;
    thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            if let Some(answer) = answer(&buffer[..length], address) {
                // A client that is gone needs no answer.
                let _ = socket.send_to(&answer, from);
            }
        }
    });
    Ok(at)
}

/// RFC 1035: a header of twelve bytes, a question, and a record that points to the question's name.
fn answer(query: &[u8], address: Ipv4Addr) -> Option<Vec<u8>> {
    let name = query.get(12..)?;
    let is_present = name.starts_with(b"\x07present\x04test\0");
    if !is_present && !name.starts_with(b"\x06absent\x04test\0") {
        return None;
    }
    let question = name.get(..name.iter().position(|&byte| byte == 0)? + 5)?;
    let mut answer = query[..2].to_vec();
    answer.extend([
        0x81,
        if is_present { 0x80 } else { 0x83 },
        0,
        1,
        0,
        u8::from(is_present),
        0,
        0,
        0,
        0,
    ]);
    answer.extend(question);
    if is_present {
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend(address.octets());
    }
    Some(answer)
}
