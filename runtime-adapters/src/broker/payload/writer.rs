//! Writes CBOR and counts the nesting.

use minicbor::Encoder;
use serde_core::ser::Serialize;

use super::error::Error;
use super::tags::{MAGIC, SOME_AS_WRITTEN};

/// Writes one value.
pub(super) struct CborWriter {
    pub(super) out: Encoder<Vec<u8>>,
    levels: usize,
    deepest: usize,
    /// Whether a value that JSON cannot represent is an error.
    pub(super) for_json: bool,
    /// Whether the last value was a bare `u8`.
    pub(super) was_byte: bool,
}

impl CborWriter {
    pub(super) fn new(deepest: usize) -> Self {
        CborWriter {
            out: Encoder::new(MAGIC.to_vec()),
            levels: 0,
            deepest,
            for_json: false,
            was_byte: false,
        }
    }

    /// A writer that refuses what JSON cannot represent.
    pub(super) fn for_json(deepest: usize) -> Self {
        CborWriter {
            for_json: true,
            ..CborWriter::new(deepest)
        }
    }

    pub(super) fn write(mut self, value: &impl Serialize) -> Result<Vec<u8>, Error> {
        value.serialize(&mut self)?;
        Ok(self.out.into_writer())
    }

    pub(super) fn length(&self) -> usize {
        self.out.writer().len()
    }

    pub(super) fn descend(&mut self) -> Result<(), Error> {
        if self.levels == self.deepest {
            return Err(if self.for_json {
                Error::NotInJson("values nested over 127 levels deep")
            } else {
                Error::TooDeep(self.deepest)
            });
        }
        self.levels += 1;
        Ok(())
    }

    /// Writes a value inside one that adds no nesting in JSON.
    pub(super) fn within(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        if self.for_json {
            return value.serialize(self);
        }
        self.descend()?;
        value.serialize(&mut *self)?;
        self.levels -= 1;
        Ok(())
    }

    /// Whether what begins at `start` would be read as `None` if its `Some` were not marked.
    pub(super) fn reads_as_none(&self, start: usize) -> bool {
        const NULL: u8 = 0xf6;
        const UNDEFINED: u8 = 0xf7;
        let bytes = &self.out.writer()[start..];
        matches!(bytes, [NULL | UNDEFINED, ..]) || bytes.starts_with(&SOME_AS_WRITTEN)
    }

    pub(super) fn number(&mut self, is_finite: bool) -> Result<&mut Encoder<Vec<u8>>, Error> {
        if self.for_json && !is_finite {
            return Err(Error::NotInJson("a float that is not finite"));
        }
        Ok(&mut self.out)
    }

    /// Begins a variant that has fields.
    pub(super) fn variant(&mut self, name: &str) -> Result<(), Error> {
        self.descend()?;
        self.out.map(1)?.str(name)?;
        Ok(())
    }

    pub(super) fn end(&mut self) {
        self.levels -= 1;
        self.was_byte = false;
    }
}
