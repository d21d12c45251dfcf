//! Random values of each kind.

use std::ffi::OsString;
use std::net::IpAddr;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::json;

use super::{
    Adjacent, Bytes, Choice, Double, Flat, Inner, Internal, Newtype, Pair, Single, Unit, Untagged,
    Value,
};

fn inner() -> impl Strategy<Value = Inner> {
    (
        any::<i64>(),
        any::<Option<()>>(),
        any::<Option<Option<u8>>>(),
        any::<IpAddr>(),
    )
        .prop_map(|(number, unit, nested, address)| Inner {
            number,
            unit,
            nested,
            address,
        })
}

fn flat() -> impl Strategy<Value = Flat> {
    let rest = btree_map("x[a-z]{0,3}", any::<Option<Option<u8>>>(), 0..4);
    (any::<u8>(), inner(), rest).prop_map(|(first, inner, rest)| Flat { first, inner, rest })
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        Just(Choice::Unit),
        any::<Option<()>>().prop_map(Choice::Newtype),
        any::<(u8, Option<Option<u8>>)>().prop_map(|(a, b)| Choice::Tuple(a, b)),
        any::<Option<Option<()>>>().prop_map(|nested| Choice::Struct { nested }),
    ]
}

fn untagged() -> impl Strategy<Value = Untagged> {
    let leaf = prop_oneof![
        any::<Option<Option<()>>>().prop_map(Untagged::Nested),
        any::<char>().prop_map(Untagged::Char),
        any::<f32>().prop_map(Untagged::Single),
        inner().prop_map(Untagged::Inner),
        choice().prop_map(Untagged::Choice),
        vec(any::<u8>(), 0..40).prop_map(|bytes| Untagged::Bytes(Bytes(bytes))),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| vec(inner, 0..4).prop_map(Untagged::List))
}

fn internal() -> impl Strategy<Value = Internal> {
    prop_oneof![
        Just(Internal::Unit),
        inner().prop_map(Internal::Inner),
        any::<Option<Option<()>>>().prop_map(|nested| Internal::Struct { nested }),
    ]
}

fn adjacent() -> impl Strategy<Value = Adjacent> {
    prop_oneof![
        Just(Adjacent::Unit),
        any::<Option<()>>().prop_map(Adjacent::Newtype),
        any::<(u8, char)>().prop_map(|(a, b)| Adjacent::Tuple(a, b)),
    ]
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        any::<u64>().prop_map(|value| json!(value)),
        any::<f64>().prop_map(|value| json!(value)),
        any::<String>().prop_map(|value| json!(value)),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|list| json!(list)),
            btree_map(any::<String>(), inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn os_string() -> impl Strategy<Value = OsString> {
    #[cfg(unix)]
    let from_bytes = std::os::unix::ffi::OsStringExt::from_vec;
    #[cfg(not(unix))]
    let from_bytes = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned().into();
    vec(any::<u8>(), 0..8).prop_map(from_bytes)
}

pub(super) fn value() -> impl Strategy<Value = Value> {
    let numbers = prop_oneof![
        any::<(i8, i16, i32, i64, i128)>().prop_map(|(a, b, c, d, e)| Value::Signed(a, b, c, d, e)),
        any::<(u8, u16, u32, u64, u128)>()
            .prop_map(|(a, b, c, d, e)| Value::Unsigned(a, b, c, d, e)),
        // All bits are random, so that it is sometimes infinite or NaN.
        any::<u64>().prop_map(|bits| Value::Double(Double(f64::from_bits(bits)))),
        any::<f64>().prop_map(|value| Value::Double(Double(value))),
        Just(Value::Double(Double(f64::NAN))),
        any::<u32>().prop_map(|bits| Value::Single(Single(f32::from_bits(bits)))),
    ];
    let simple = prop_oneof![
        Just(Value::Unit(())),
        Just(Value::UnitStruct(Unit)),
        Just(Value::Nothing),
        any::<bool>().prop_map(Value::Bool),
        any::<char>().prop_map(Value::Char),
        any::<String>().prop_map(Value::Text),
        vec(any::<u8>(), 0..300).prop_map(|bytes| Value::Bytes(Bytes(bytes))),
        vec(any::<u8>(), 0..300).prop_map(Value::ByteList),
        os_string().prop_map(Value::OsString),
        any::<IpAddr>().prop_map(Value::Address),
        any::<Option<Option<Option<()>>>>().prop_map(Value::Options),
        any::<bool>().prop_map(|is_some| Value::UnitOption(is_some.then_some(Unit))),
    ];
    let composed = prop_oneof![
        flat().prop_map(Value::Flat),
        untagged().prop_map(Value::Untagged),
        choice().prop_map(Value::Choice),
        internal().prop_map(Value::Internal),
        adjacent().prop_map(Value::Adjacent),
        json().prop_map(Value::Json),
    ];
    let leaf = prop_oneof![numbers, simple, composed];
    leaf.prop_recursive(6, 40, 4, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let entries = vec((inner.clone(), inner.clone()), 0..4);
        prop_oneof![
            proptest::option::of(boxed()).prop_map(Value::Option),
            boxed().prop_map(|value| Value::Newtype(Newtype(value))),
            (boxed(), any::<u8>()).prop_map(|(value, number)| Value::Pair(Pair(value, number))),
            vec(inner.clone(), 0..5).prop_map(Value::List),
            (inner.clone(), inner.clone()).prop_map(|pair| Value::Tuple(Box::new(pair))),
            (vec(any::<(u8, u8)>(), 0..3), entries).prop_map(|(pairs, map)| Value::Map(pairs, map)),
            proptest::result::maybe_ok(boxed(), Just(())).prop_map(Value::Result),
        ]
    })
}
