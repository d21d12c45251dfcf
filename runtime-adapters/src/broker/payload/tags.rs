//! The CBOR tags of payloads.

use minicbor::data::Tag;

/// The first bytes of a CBOR payload: the tag of RFC 8949 for "this is CBOR". No JSON text begins with them.
pub(super) const MAGIC: [u8; 3] = [0xd9, 0xd9, 0xf7];

/// Marks a `Some` whose value alone would be read as `None`: `cnjS`.
pub(super) const SOME: Tag = Tag::new(0x636e_6a53);

/// Marks a text that is a `char`: `cnjC`.
pub(super) const CHAR: Tag = Tag::new(0x636e_6a43);

/// The encoding of the tag [`SOME`].
pub(super) const SOME_AS_WRITTEN: [u8; 5] = [0xda, b'c', b'n', b'j', b'S'];
