//! Tests each kind of value in serde's data model, with each engine: all must return it unchanged.
//!
//! `CONJOIN_SEED` runs one seed again.

#![allow(
    clippy::option_option,
    reason = "nested options must come back as well"
)]

mod random;

use std::env;
use std::ffi::OsString;
use std::fmt::Debug;
use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use conjoin_adapters::broker::{Broker, BrokerError, Request};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::requests::handlers;

/// A float that compares by its bits.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Double(f64);

impl PartialEq for Double {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Single(f32);

impl PartialEq for Single {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

/// Bytes in serde's sense, unlike `Vec<u8>`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Bytes;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        deserializer.deserialize_byte_buf(Read)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unit;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Newtype(Box<Value>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pair(Box<Value>, u8);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Inner {
    number: i64,
    unit: Option<()>,
    nested: Option<Option<u8>>,
    address: IpAddr,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flat {
    first: u8,
    #[serde(flatten)]
    inner: Inner,
    #[serde(flatten)]
    rest: std::collections::BTreeMap<String, Option<Option<u8>>>,
}

/// All variants read differently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Untagged {
    Nested(Option<Option<()>>),
    Char(char),
    Single(f32),
    Inner(Inner),
    Choice(Choice),
    List(Vec<Untagged>),
    Bytes(Bytes),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Choice {
    Unit,
    Newtype(Option<()>),
    Tuple(u8, Option<Option<u8>>),
    Struct { nested: Option<Option<()>> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "tag")]
pub(crate) enum Internal {
    Unit,
    Inner(Inner),
    Struct { nested: Option<Option<()>> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "tag", content = "content")]
pub(crate) enum Adjacent {
    Unit,
    Newtype(Option<()>),
    Tuple(u8, char),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Value {
    Unit(()),
    UnitStruct(Unit),
    Nothing,
    Bool(bool),
    Signed(i8, i16, i32, i64, i128),
    Unsigned(u8, u16, u32, u64, u128),
    Double(Double),
    Single(Single),
    Char(char),
    Text(String),
    Bytes(Bytes),
    ByteList(Vec<u8>),
    OsString(OsString),
    Address(IpAddr),
    Option(Option<Box<Value>>),
    Options(Option<Option<Option<()>>>),
    UnitOption(Option<Unit>),
    Newtype(Newtype),
    Pair(Pair),
    List(Vec<Value>),
    Tuple(Box<(Value, Value)>),
    Map(Vec<(u8, u8)>, #[serde(with = "as_map")] Vec<(Value, Value)>),
    Flat(Flat),
    Untagged(Untagged),
    Choice(Choice),
    Internal(Internal),
    Adjacent(Adjacent),
    Json(serde_json::Value),
    Result(Result<Box<Value>, ()>),
}

/// A map with any keys.
mod as_map {
    use std::fmt;

    use serde::de::{MapAccess, Visitor};
    use serde::{Deserializer, Serializer};

    use super::Value;

    type Entries = Vec<(Value, Value)>;

    pub(super) fn serialize<S: Serializer>(map: &Entries, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(map.iter().map(|(key, value)| (key, value)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Entries, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Entries;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                std::iter::from_fn(|| map.next_entry().transpose()).collect()
            }
        }
        from.deserialize_map(Read)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Carry {
    pub(crate) value: Value,
    pub(crate) fails: bool,
}

impl Request for Carry {
    const NAME: &'static str = "carry";
    type Response = Value;
    type Error = Option<Value>;
}

fn runner(cases: u32) -> TestRunner {
    let given = env::var("CONJOIN_SEED").map(|seed| seed.parse().expect("a number"));
    let seed: u64 = given.unwrap_or_else(|_| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.map_or(0, |time| u64::from(time.subsec_nanos()))
    });
    println!("CONJOIN_SEED={seed}");
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let seed = seed.to_be_bytes().repeat(4);
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

/// Checks that a broker with [`handlers`] returns each value unchanged, as a response and as an error. Call it outside
/// of its runtime.
pub(crate) fn check(runtime: &tokio::runtime::Runtime, broker: &Broker, cases: u32) {
    let strategy = (random::value(), any::<bool>());
    let result = runner(cases).run(&strategy, |(value, fails)| {
        let carry = Carry {
            value: value.clone(),
            fails,
        };
        let answer = runtime.block_on(broker.call(&carry));
        if fails {
            prop_assert_eq!(answer, Err(BrokerError::Failed(Some(value))));
        } else {
            prop_assert_eq!(answer, Ok(value));
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().expect("a runtime")
}

/// A few are enough: nothing is encoded.
#[test]
fn values_come_back_in_process() {
    check(&runtime(), &Broker::in_process(handlers()), 50);
}
