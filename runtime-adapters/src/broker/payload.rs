//! Requests, responses and handlers' errors as bytes.
//!
//! | part | |
//! | --- | --- |
//! | [`serializer`], [`writer`], [`compound`] | a serde serializer that writes CBOR, and finds what JSON cannot carry |
//! | [`read`] | the deserializer for it |
//! | [`error`] | why either fails |
//!
//! The default is CBOR ([RFC 8949](https://www.rfc-editor.org/rfc/rfc8949)) with field names, so that two versions of a
//! program understand each other as far as their types do. It carries each value of serde's data model as what it is.
//! No serde codec that describes itself does: all of them write `Some(None)` and `Some(())` like `None`. Codecs that do
//! not describe themselves cannot read `untagged`, `flatten` and `serde_json::Value`. So the layer between serde and
//! CBOR is our own; `minicbor` reads and writes the items.
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

/// How many levels of values within values there may be. Values end on threads with 2 MiB of stack, where more of them
/// could not be dropped.
const DEEPEST: usize = 1024;

/// Levels for which any stack is large enough.
const SHALLOW: usize = 64;

/// The stack for deeper values. In a debug build, a level of `untagged` enums takes some 10 KiB.
const STACK: usize = DEEPEST * 32 * 1024;

/// `serde_json` reads this many levels.
const DEEPEST_JSON: usize = 127;

/// How values become bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    #[default]
    Cbor,
    Json,
}

impl Format {
    /// Which of them this is.
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

/// Reads a value in whichever format it is.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    match bytes.strip_prefix(&MAGIC) {
        Some(cbor) => on_enough_stack(|deepest| CborReader::new(cbor, deepest).read()),
        None => serde_json::from_slice(bytes).map_err(Error::from_display),
    }
}

/// Runs `code` with the number of levels that it may take, and once more on a larger stack if those are too few. Deep
/// values are rare: they cost twice the time, and all others nothing.
fn on_enough_stack<T>(code: impl Fn(usize) -> Result<T, Error>) -> Result<T, Error> {
    match code(SHALLOW) {
        Err(Error::TooDeep(_)) => stacker::grow(STACK, || code(DEEPEST)),
        result => result,
    }
}
