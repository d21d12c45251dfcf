//! Logs what workers write to standard output and standard error.

use std::io;
use std::os::fd::OwnedFd;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::unix::pipe;

use super::printer::{OutputSource, Printer};

/// Where a worker's standard output and standard error go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputMode {
    /// To those of the parent.
    Inherited,
    /// Each line to the log, through `tracing`. Without the feature `tracing`, or without a subscriber, it goes to the parent's
    /// standard error, with the worker's name.
    Logged,
}

/// Longer lines are logged in pieces of this many bytes, so that a worker cannot fill the parent's memory.
pub(super) const LONGEST_LINE: usize = 8 * 1024;

/// Logs the lines from the pipe, until all its writers have closed it.
pub(super) fn log(pipe: OwnedFd, source: OutputSource) -> io::Result<()> {
    let pipe = pipe::Receiver::from_owned_fd(pipe)?;
    let output = Printer::get()?.output(source);
    tokio::spawn(each_line(pipe, move |line| output.line(line)));
    Ok(())
}

/// Calls `log` with each line, without its line ending. A line that is too long comes in pieces.
pub(super) async fn each_line(reader: impl AsyncRead + Unpin, mut log: impl FnMut(String)) {
    let mut reader = BufReader::with_capacity(LONGEST_LINE, reader);
    let (mut line, mut is_piece) = (Vec::new(), false);
    // An error counts as the end: there is no way to handle it.
    while let Ok(bytes @ [_, ..]) = reader.fill_buf().await {
        let room = bytes.len().min(LONGEST_LINE - line.len());
        let end = bytes[..room].iter().position(|&byte| byte == b'\n');
        line.extend_from_slice(&bytes[..end.unwrap_or(room)]);
        reader.consume(end.map_or(room, |end| end + 1));
        let is_full = end.is_none() && line.len() == LONGEST_LINE;
        // After a piece, the line ending alone is not another line.
        if is_full || end.is_some() && !(is_piece && line.is_empty()) {
            log(text(&line));
        }
        if is_full || end.is_some() {
            line.clear();
            is_piece = is_full;
        }
    }
    if !line.is_empty() {
        log(text(&line));
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
}
