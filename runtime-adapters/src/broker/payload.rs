//! The encoding of requests, responses and handlers' errors.
//!
//! | part | |
//! | --- | --- |
//! | [`serializer`], [`writer`], [`compound`] | a serde serializer that writes CBOR, and detects what JSON cannot represent |
//! | [`read`] | the deserializer for it |
//! | [`error`] | why encoding or decoding fails |
//!
//! The default is CBOR ([RFC 8949](https://www.rfc-editor.org/rfc/rfc8949)) with field names, so that two versions of a
//! program understand each other as far as their types do. It represents each value of serde's data model exactly. No
//! self-describing serde codec does: all of them write `Some(None)` and `Some(())` as `None`. Codecs that are not
//! self-describing cannot read `untagged`, `flatten` and `serde_json::Value`. Hence the layer between serde and CBOR is
//! our own; `minicbor` reads and writes the items.
//!
//! | serde | CBOR |
//! | --- | --- |
//! | `None` | null |
//! | unit, unit struct | undefined |
//! | `Some` | its value; with the tag [`SOME`](tags::SOME) before null, undefined, or another such tag |
//! | `char` | a text with the tag [`CHAR`](tags::CHAR) |
//! | integers over 64 bits | bignums |
//! | a sequence or tuple of `u8` | a typed array of bytes (RFC 8746), where that is shorter |
//! | struct | a map of texts |
//! | variant | a text, or a map with one entry |
//! | bytes, text, floats, sequences, maps | the same |

mod compound;
mod error;
mod read;
mod serializer;
mod tags;
#[cfg(test)]
mod tests;
mod writer;

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

pub(super) use self::error::Error;
use self::read::CborReader;
use self::tags::MAGIC;
use self::writer::CborWriter;

/// The deepest nesting of values. Values are dropped on threads with 2 MiB of stack, where a deeper one would overflow
/// it.
const DEEPEST: usize = 1024;

/// The nesting for which any stack is large enough.
const SHALLOW: usize = 64;

/// The stack for deeper nesting. In a debug build, a level of `untagged` enums takes some 10 KiB.
const STACK: usize = DEEPEST * 32 * 1024;

/// The deepest nesting that `serde_json` reads.
const DEEPEST_JSON: usize = 127;

/// The format of encoded values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    #[default]
    Cbor,
    Json,
}

impl Format {
    /// The format of these bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(&MAGIC) {
            Format::Cbor
        } else {
            Format::Json
        }
    }

    pub(super) fn encode(self, value: &impl Serialize) -> Result<Vec<u8>, Error> {
        match self {
            Format::Cbor => on_enough_stack(|deepest| CborWriter::new(deepest).write(value)),
            Format::Json => {
                CborWriter::for_json(DEEPEST_JSON).write(value)?;
                serde_json::to_vec(value).map_err(Error::from_display)
            }
        }
    }
}

/// Decodes a value of either format.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    match bytes.strip_prefix(&MAGIC) {
        Some(cbor) => on_enough_stack(|deepest| CborReader::new(cbor, deepest).read()),
        None => serde_json::from_slice(bytes).map_err(Error::from_display),
    }
}

/// Runs `code` with the nesting that this stack allows, and again on a larger stack if that is not enough. Deeply
/// nested values are rare: they cost twice the time, and all others nothing.
fn on_enough_stack<T>(code: impl Fn(usize) -> Result<T, Error>) -> Result<T, Error> {
    match code(SHALLOW) {
        Err(Error::TooDeep(_)) => stacker::grow(STACK, || code(DEEPEST)),
        result => result,
    }
}
