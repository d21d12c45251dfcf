//! Sequences, maps and structs while they are written.

use minicbor::data::IanaTag;
use serde_core::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::error::Error;
use super::writer::CborWriter;

/// A sequence or a tuple.
pub(super) struct SequenceWriter<'a> {
    writer: &'a mut CborWriter,
    /// The positions of its header and of its first item.
    start: usize,
    first: usize,
    length: DeclaredLength,
    are_bytes: bool,
}

/// A map or a struct.
pub(super) struct MapWriter<'a> {
    writer: &'a mut CborWriter,
    length: DeclaredLength,
}

/// The number of items or entries in the header, if it has one, and the number written so far.
struct DeclaredLength {
    said: Option<usize>,
    written: usize,
}

/// The fields of a variant.
pub(super) struct VariantWriter<T>(pub(super) T);

impl DeclaredLength {
    fn new(said: Option<usize>) -> Self {
        DeclaredLength { said, written: 0 }
    }

    /// Writes the end, if the header has no length.
    fn end(&self, writer: &mut CborWriter) -> Result<(), Error> {
        match self.said {
            None => drop(writer.out.end()?),
            Some(said) if said == self.written => {}
            Some(said) => {
                return Err(Error::from_display(format_args!(
                    "its `Serialize` declares {said} items and writes {}",
                    self.written
                )));
            }
        }
        writer.end();
        Ok(())
    }
}

impl<'a> SequenceWriter<'a> {
    pub(super) fn begin(writer: &'a mut CborWriter, length: Option<usize>) -> Result<Self, Error> {
        let start = writer.length();
        match length {
            Some(length) => writer.out.array(length as u64)?,
            None => writer.out.begin_array()?,
        };
        Ok(SequenceWriter {
            start,
            first: writer.length(),
            length: DeclaredLength::new(length),
            are_bytes: true,
            writer,
        })
    }

    fn item(&mut self, item: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.length.written += 1;
        self.writer.was_byte = false;
        item.serialize(&mut *self.writer)?;
        self.are_bytes &= self.writer.was_byte;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        let SequenceWriter {
            writer,
            start,
            first,
            length,
            are_bytes,
        } = self;
        if *are_bytes && length.written > 0 {
            let bytes = bytes_of(&writer.out.writer()[*first..]);
            // The tag has two bytes, and the length of the byte string is at most as long as that of the sequence, or 9
            // bytes.
            if bytes.len() + 11 < writer.length() - *first {
                writer.out.writer_mut().truncate(*start);
                writer.out.tag(IanaTag::TypedArrayU8)?.bytes(&bytes)?;
                length.said = Some(length.written);
            }
        }
        length.end(writer)
    }
}

/// The byte string of these items.
fn bytes_of(items: &[u8]) -> Vec<u8> {
    const FOLLOWS: u8 = 0x18;
    let mut items = items.iter();
    let next = || match *items.next()? {
        FOLLOWS => items.next().copied(),
        byte => Some(byte),
    };
    std::iter::from_fn(next).collect()
}

impl SerializeSeq for SequenceWriter<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Error> {
        self.item(item)
    }

    fn end(mut self) -> Result<(), Error> {
        self.finish()
    }
}

impl SerializeTuple for SequenceWriter<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Error> {
        self.item(item)
    }

    fn end(mut self) -> Result<(), Error> {
        self.finish()
    }
}

impl SerializeTupleStruct for SequenceWriter<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Error> {
        self.item(item)
    }

    fn end(mut self) -> Result<(), Error> {
        self.finish()
    }
}

impl SerializeTupleVariant for VariantWriter<SequenceWriter<'_>> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Error> {
        self.0.item(item)
    }

    fn end(mut self) -> Result<(), Error> {
        self.0.finish()?;
        self.0.writer.end();
        Ok(())
    }
}

impl<'a> MapWriter<'a> {
    pub(super) fn begin(writer: &'a mut CborWriter, length: Option<usize>) -> Result<Self, Error> {
        match length {
            Some(length) => writer.out.map(length as u64)?,
            None => writer.out.begin_map()?,
        };
        Ok(MapWriter {
            writer,
            length: DeclaredLength::new(length),
        })
    }

    fn field(
        &mut self,
        name: &'static str,
        value: &(impl Serialize + ?Sized),
    ) -> Result<(), Error> {
        self.length.written += 1;
        self.writer.out.str(name)?;
        value.serialize(&mut *self.writer)
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.length.end(self.writer)
    }
}

impl SerializeMap for MapWriter<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.length.written += 1;
        key.serialize(&mut *self.writer)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut *self.writer)
    }

    fn end(mut self) -> Result<(), Error> {
        self.finish()
    }
}

impl SerializeStruct for MapWriter<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.field(name, value)
    }

    fn end(mut self) -> Result<(), Error> {
        self.finish()
    }
}

impl SerializeStructVariant for VariantWriter<MapWriter<'_>> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.0.field(name, value)
    }

    fn end(mut self) -> Result<(), Error> {
        self.0.finish()?;
        self.0.writer.end();
        Ok(())
    }
}
