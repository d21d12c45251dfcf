//! The tags that payloads have.

use minicbor::data::Tag;

/// What a payload in CBOR begins with: the tag of RFC 8949 that says that this is CBOR. No JSON text begins so.
pub(super) const MAGIC: [u8; 3] = [0xd9, 0xd9, 0xf7];

/// Before what reads like `None` and is not: `cnjS`.
pub(super) const SOME: Tag = Tag::new(0x636e_6a53);

/// Before a text that is a `char`: `cnjC`.
pub(super) const CHAR: Tag = Tag::new(0x636e_6a43);

/// The tag [`SOME`] as it is written.
pub(super) const SOME_AS_WRITTEN: [u8; 5] = [0xda, b'c', b'n', b'j', b'S'];
