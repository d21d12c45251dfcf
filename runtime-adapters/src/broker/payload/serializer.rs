//! From serde to CBOR.

use serde_core::ser::{Serialize, Serializer};

use super::compound::{MapWriter, SequenceWriter, VariantWriter};
use super::error::Error;
use super::tags::{CHAR, SOME_AS_WRITTEN};
use super::writer::CborWriter;

impl CborWriter {
    fn items(&mut self, length: Option<usize>) -> Result<SequenceWriter<'_>, Error> {
        self.descend()?;
        SequenceWriter::begin(self, length)
    }

    fn entries(&mut self, length: Option<usize>) -> Result<MapWriter<'_>, Error> {
        self.descend()?;
        MapWriter::begin(self, length)
    }
}

/// `is_human_readable`, like the reader: the buffer that serde uses for `untagged` and `flatten` is always human
/// readable, and types with two forms must be read in the form in which they were written.
impl<'a> Serializer for &'a mut CborWriter {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = SequenceWriter<'a>;
    type SerializeTuple = SequenceWriter<'a>;
    type SerializeTupleStruct = SequenceWriter<'a>;
    type SerializeTupleVariant = VariantWriter<SequenceWriter<'a>>;
    type SerializeMap = MapWriter<'a>;
    type SerializeStruct = MapWriter<'a>;
    type SerializeStructVariant = VariantWriter<MapWriter<'a>>;

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.out.bool(value)?;
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        self.out.i64(value)?;
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), Error> {
        self.out.i128(value)?;
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.out.u8(value)?;
        self.was_byte = true;
        Ok(())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.out.u64(value)?;
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Error> {
        self.out.u128(value)?;
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.number(value.is_finite())?.f32(value)?;
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.number(value.is_finite())?.f64(value)?;
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        let text = value.encode_utf8(&mut [0; 4]).to_owned();
        self.out.tag(CHAR)?.str(&text)?;
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.out.str(value)?;
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.out.bytes(value)?;
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.out.null()?;
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        let start = self.length();
        self.within(value)?;
        self.was_byte = false;
        if self.reads_as_none(start) {
            if self.for_json {
                return Err(Error::NotInJson("a `Some` of `None` or of `()`"));
            }
            self.out.writer_mut().splice(start..start, SOME_AS_WRITTEN);
        }
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.out.undefined()?;
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.within(value)?;
        self.was_byte = false;
        Ok(())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(variant)?;
        value.serialize(&mut *self)?;
        self.end();
        Ok(())
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<SequenceWriter<'a>, Error> {
        self.items(length)
    }

    fn serialize_tuple(self, length: usize) -> Result<SequenceWriter<'a>, Error> {
        self.items(Some(length))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        length: usize,
    ) -> Result<SequenceWriter<'a>, Error> {
        self.items(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<VariantWriter<SequenceWriter<'a>>, Error> {
        self.variant(variant)?;
        self.items(Some(length)).map(VariantWriter)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<MapWriter<'a>, Error> {
        self.entries(length)
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<MapWriter<'a>, Error> {
        self.entries(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<VariantWriter<MapWriter<'a>>, Error> {
        self.variant(variant)?;
        self.entries(Some(length)).map(VariantWriter)
    }
}
