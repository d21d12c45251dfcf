//! Events as JSON.

use std::io;

use serde_core::Serialize;

use super::error::BusError;

/// Writes an event as JSON, of at most `limit` bytes. It stops at the limit instead of keeping more in memory.
pub(super) fn write(event: &(impl Serialize + ?Sized), limit: usize) -> Result<Vec<u8>, BusError> {
    let mut text = LimitedWriter {
        bytes: Vec::new(),
        limit,
    };
    match serde_json::to_writer(&mut text, event) {
        Ok(()) => Ok(text.bytes),
        Err(error) if error.is_io() => Err(BusError::TooLarge { limit }),
        Err(error) => Err(BusError::Encode(error.to_string())),
    }
}

struct LimitedWriter {
    bytes: Vec<u8>,
    limit: usize,
}

impl io::Write for LimitedWriter {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if more.len() > self.limit - self.bytes.len() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
