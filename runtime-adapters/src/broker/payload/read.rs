//! From CBOR to serde.

use minicbor::Decoder;
use minicbor::data::{IanaTag, Type};
use serde_core::de::value::{SeqDeserializer, StrDeserializer};
use serde_core::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer,
    MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde_core::forward_to_deserialize_any;

use super::error::Error;
use super::tags::{CHAR, SOME};

/// Reads one value.
pub(super) struct CborReader<'de> {
    input: Decoder<'de>,
    levels: usize,
    deepest: usize,
}

impl<'de> CborReader<'de> {
    pub(super) fn new(input: &'de [u8], deepest: usize) -> Self {
        CborReader {
            input: Decoder::new(input),
            levels: 0,
            deepest,
        }
    }

    pub(super) fn read<T: DeserializeOwned>(mut self) -> Result<T, Error> {
        let value = T::deserialize(&mut self);
        // If the nesting is too deep, that is the error, even if user code has replaced it by another one.
        if self.levels > self.deepest {
            return Err(Error::TooDeep(self.deepest));
        }
        let value = value?;
        match self.input.input().len() - self.input.position() {
            0 => Ok(value),
            rest => Err(Error::custom(format_args!("{rest} bytes follow the value"))),
        }
    }

    /// Reads one level deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.levels += 1;
        if self.levels > self.deepest {
            return Err(Error::TooDeep(self.deepest));
        }
        let result = read(self);
        // Not restored after an error.
        if self.levels <= self.deepest {
            self.levels -= 1;
        }
        result
    }

    fn peek(&self) -> Result<Type, Error> {
        Ok(self.input.datatype()?)
    }

    fn items<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let length = self.input.array()?;
        self.deeper(|reader| {
            let mut items = ContainerReader { reader, length };
            let value = visitor.visit_seq(&mut items)?;
            items.end(value)
        })
    }

    fn entries<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let length = self.input.map()?;
        self.deeper(|reader| {
            let mut entries = ContainerReader { reader, length };
            let value = visitor.visit_map(&mut entries)?;
            entries.end(value)
        })
    }

    fn text<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.input.str()?)
    }

    fn tagged<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        const POSITIVE: IanaTag = IanaTag::PosBignum;
        let start = self.input.position();
        let tag = self.input.tag()?;
        if tag == SOME {
            return self.deeper(|reader| visitor.visit_some(reader));
        }
        if tag == CHAR {
            let text = self.input.str()?;
            let mut chars = text.chars();
            return match (chars.next(), chars.next()) {
                (Some(char), None) => visitor.visit_char(char),
                _ => Err(Error::custom(
                    "a `char` does not have exactly one character",
                )),
            };
        }
        match IanaTag::try_from(tag) {
            Ok(POSITIVE) => {
                self.input.set_position(start);
                visitor.visit_u128(self.input.u128()?)
            }
            Ok(IanaTag::NegBignum) => {
                self.input.set_position(start);
                visitor.visit_i128(self.input.i128()?)
            }
            Ok(IanaTag::TypedArrayU8) => {
                let bytes = self.input.bytes()?.iter().copied();
                let mut bytes = SeqDeserializer::<_, Error>::new(bytes);
                let value = visitor.visit_seq(&mut bytes)?;
                bytes.end()?;
                Ok(value)
            }
            // Other tags only annotate the value.
            _ => self.deeper(|reader| reader.deserialize_any(visitor)),
        }
    }
}

impl<'de> Deserializer<'de> for &mut CborReader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek()? {
            Type::Bool => visitor.visit_bool(self.input.bool()?),
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => visitor.visit_u64(self.input.u64()?),
            Type::I8 | Type::I16 | Type::I32 | Type::I64 => visitor.visit_i64(self.input.i64()?),
            Type::Int => visitor.visit_i128(self.input.i128()?),
            Type::F32 => visitor.visit_f32(self.input.f32()?),
            Type::F64 => visitor.visit_f64(self.input.f64()?),
            Type::String => self.text(visitor),
            Type::StringIndef => {
                let pieces = self.input.str_iter()?.collect::<Result<String, _>>()?;
                visitor.visit_string(pieces)
            }
            Type::Bytes => visitor.visit_borrowed_bytes(self.input.bytes()?),
            Type::BytesIndef => {
                let pieces = self.input.bytes_iter()?.collect::<Result<Vec<_>, _>>()?;
                visitor.visit_byte_buf(pieces.concat())
            }
            Type::Null => {
                self.input.null()?;
                visitor.visit_none()
            }
            Type::Undefined => {
                self.input.undefined()?;
                visitor.visit_unit()
            }
            Type::Array | Type::ArrayIndef => self.items(visitor),
            Type::Map | Type::MapIndef => self.entries(visitor),
            Type::Tag => self.tagged(visitor),
            other => Err(Error::custom(format_args!("unexpected {other}"))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek()? {
            Type::Null => self.deserialize_any(visitor),
            Type::Tag if self.input.probe().tag()? == SOME => self.tagged(visitor),
            _ => self.deeper(|reader| visitor.visit_some(reader)),
        }
    }

    /// Other programs write null for the unit.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek()? == Type::Null {
            self.input.null()?;
            return visitor.visit_unit();
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deeper(|reader| visitor.visit_newtype_struct(reader))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.peek()? == Type::String {
            let name: StrDeserializer<'_, Error> = self.input.str()?.into_deserializer();
            return visitor.visit_enum(name);
        }
        if self.input.map()? != Some(1) {
            return Err(Error::custom("an enum variant is not a map with one entry"));
        }
        self.deeper(|reader| visitor.visit_enum(reader))
    }

    /// Without recursion, so that it has no limit of depth.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.input.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq tuple
        tuple_struct map struct identifier
    }
}

impl<'de> EnumAccess<'de> for &mut CborReader<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        Ok((seed.deserialize(&mut *self)?, self))
    }
}

impl<'de> VariantAccess<'de> for &mut CborReader<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        serde_core::Deserialize::deserialize(self)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }
}

/// A sequence or map, with the number of items left to read, or `None` up to its end marker.
struct ContainerReader<'a, 'de> {
    reader: &'a mut CborReader<'de>,
    length: Option<u64>,
}

impl ContainerReader<'_, '_> {
    /// Whether another item or entry follows, which then counts as read.
    fn next(&mut self) -> Result<bool, Error> {
        match &mut self.length {
            Some(0) => Ok(false),
            Some(length) => {
                *length -= 1;
                Ok(true)
            }
            None if self.reader.peek()? == Type::Break => {
                let input = &mut self.reader.input;
                input.set_position(input.position() + 1);
                self.length = Some(0);
                Ok(false)
            }
            None => Ok(true),
        }
    }

    fn hint(&self) -> Option<usize> {
        self.length.and_then(|length| usize::try_from(length).ok())
    }

    /// Fails if items are left: they belong to another type.
    fn end<T>(mut self, value: T) -> Result<T, Error> {
        if self.next()? {
            return Err(Error::custom(
                "a sequence or map has more items than expected",
            ));
        }
        Ok(value)
    }
}

impl<'de> SeqAccess<'de> for ContainerReader<'_, 'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        if !self.next()? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        self.hint()
    }
}

impl<'de> MapAccess<'de> for ContainerReader<'_, 'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        if !self.next()? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(&mut *self.reader)
    }

    fn size_hint(&self) -> Option<usize> {
        self.hint()
    }
}
