//! Bodies that arrive in several frames.

use std::io;

use bytes::{Bytes, BytesMut};

use super::frame::malformed;

/// The parts of a body that have arrived.
#[derive(Debug, Default)]
pub(super) struct PartialBody(BytesMut);

impl PartialBody {
    /// # Errors
    ///
    /// When the body exceeds this limit.
    pub(super) fn add(&mut self, bytes: &[u8], limit: usize) -> io::Result<()> {
        if self.0.len() + bytes.len() > limit {
            return Err(malformed("the parts of a body are too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    /// The whole body.
    pub(super) fn with(mut self, rest: Bytes, limit: usize) -> io::Result<Bytes> {
        if self.0.is_empty() {
            return Ok(rest);
        }
        self.add(&rest, limit)?;
        Ok(self.0.freeze())
    }
}
