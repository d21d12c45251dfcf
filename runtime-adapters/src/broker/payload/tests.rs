//! The exact bytes that are written, and how foreign bytes are read. `tests/broker/values.rs` tests that values survive
//! a round trip, with each engine.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use serde_core::de::DeserializeOwned;

use super::tags::{SOME, SOME_AS_WRITTEN};
use super::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum List {
    End,
    Item(Box<List>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    List(Vec<Untagged>),
    Text(String),
}

fn list(length: usize) -> List {
    (0..length).fold(List::End, |list, _| List::Item(Box::new(list)))
}

fn cbor(value: &impl Serialize) -> Vec<u8> {
    let bytes = Format::Cbor.encode(value).expect("CBOR");
    bytes.strip_prefix(&MAGIC).expect("its mark").to_vec()
}

fn read<T: DeserializeOwned>(cbor: &[u8]) -> Result<T, String> {
    decode(&[&MAGIC, cbor].concat()).map_err(|error| error.to_string())
}

#[track_caller]
fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    assert_eq!(read::<T>(&cbor(value)).as_ref(), Ok(value));
}

#[test]
fn tag_of_some_is_as_written() {
    let mut out = minicbor::Encoder::new(Vec::new());
    out.tag(SOME).expect("room");
    assert_eq!(out.into_writer(), SOME_AS_WRITTEN);
}

#[test]
fn format_is_known_by_the_first_bytes() {
    for format in [Format::Cbor, Format::Json] {
        let bytes = format.encode(&"text").expect("bytes");
        assert_eq!(Format::of(&bytes), format);
        assert_eq!(decode::<String>(&bytes).expect("text"), "text");
    }
    assert_eq!(Format::of(b""), Format::Json);
}

#[test]
fn options_are_tagged_only_where_they_must_be() {
    assert_eq!(cbor(&None::<u8>), [0xf6]);
    assert_eq!(cbor(&Some(5)), [5]);
    assert_eq!(cbor(&()), [0xf7]);
    assert_eq!(cbor(&Some(())), [&SOME_AS_WRITTEN[..], &[0xf7]].concat());
    let twice = [&SOME_AS_WRITTEN[..], &SOME_AS_WRITTEN, &[0xf6]].concat();
    assert_eq!(cbor(&Some(Some(None::<u8>))), twice);
}

#[test]
fn bytes_cost_a_byte_each() {
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(cbor(&bytes).len(), bytes.len() + 5);
    comes_back(&bytes);
    comes_back(&[200_u8; 30]);
    comes_back(&vec![vec![200_u8; 30], vec![], vec![1]]);
    // Sequences that only look like bytes.
    comes_back(&vec![200_u16; 30]);
    comes_back(&vec![Some(200_u8); 30]);
    comes_back(&vec![(200_u8,); 30]);
    comes_back(&(vec![200_u8; 30], 200_u8, 300_u16));
}

#[test]
fn fields_may_come_and_go_between_versions() {
    #[derive(Serialize)]
    struct New {
        added: Vec<Option<u8>>,
        kept: u8,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Old {
        kept: u8,
        #[serde(default)]
        removed: Option<u8>,
    }
    let new = New {
        added: vec![Some(1), None],
        kept: 5,
    };
    let old = Old {
        kept: 5,
        removed: None,
    };
    assert_eq!(read(&cbor(&new)), Ok(old));
}

#[test]
fn deep_values_come_back_on_small_stacks() {
    let thread = std::thread::Builder::new().stack_size(512 * 1024);
    let test = thread.spawn(|| {
        comes_back(&list(DEEPEST - 1));
        let texts = || vec![Untagged::Text("x".into())];
        let deep = (0..DEEPEST / 4).fold(texts(), |list, _| vec![Untagged::List(list)]);
        comes_back(&deep);
    });
    test.expect("a thread").join().expect("no overflow");
}

#[test]
fn values_that_are_too_deep_are_refused() {
    let why = "the value is nested over 1024 levels deep";
    let refused = Format::Cbor.encode(&list(DEEPEST + 1)).expect_err("deep");
    assert_eq!(refused.to_string(), why);
    let arrays = [vec![0x81; DEEPEST + 1], vec![0]].concat();
    assert_eq!(read::<serde_json::Value>(&arrays), Err(why.into()));
    assert_eq!(read::<Untagged>(&arrays), Err(why.into()));
}

#[test]
fn unknown_fields_may_be_of_any_depth() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Empty {}
    // {"a": [[[…0…]]]}
    let deep = [vec![0xa1, 0x61, b'a'], vec![0x81; 100_000], vec![0]].concat();
    assert_eq!(read(&deep), Ok(Empty {}));
}

#[test]
fn json_refuses_what_it_cannot_carry() {
    #[track_caller]
    fn refuses(value: &impl Serialize, why: &str) {
        let refused = Format::Json.encode(value).expect_err("no JSON");
        assert_eq!(refused.to_string(), why);
    }
    let some = "JSON cannot carry a `Some` of `None` or of `()`";
    refuses(&Some(()), some);
    refuses(&[Some(None::<u8>)], some);
    refuses(&Some(serde_json::Value::Null), some);
    let float = "JSON cannot carry a float that is not finite";
    refuses(&f64::NAN, float);
    refuses(&[f32::INFINITY], float);
    refuses(&BTreeMap::from([((1, 2), 3)]), "key must be a string");
    refuses(
        &list(DEEPEST_JSON + 1),
        "JSON cannot carry values nested over 127 levels deep",
    );
}

#[test]
fn json_carries_what_it_says() {
    for value in [
        serde_json::json!({ "a": [1, -1.5, null, true, "ä"], "b": {} }),
        serde_json::json!(0.1 + 0.2),
    ] {
        let bytes = Format::Json.encode(&value).expect("JSON");
        assert_eq!(bytes, value.to_string().into_bytes());
        assert_eq!(decode::<serde_json::Value>(&bytes).expect("JSON"), value);
    }
    // As deep as `serde_json` reads: each item is a map.
    let deep = list(DEEPEST_JSON);
    let bytes = Format::Json.encode(&deep).expect("JSON");
    assert_eq!(decode::<List>(&bytes).expect("JSON"), deep);
}

#[test]
fn a_wrong_length_is_an_error() {
    struct Wrong;
    impl Serialize for Wrong {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeSeq;
            let mut items = serializer.serialize_seq(Some(2))?;
            items.serialize_element("one")?;
            items.end()
        }
    }
    let refused = Format::Cbor.encode(&Wrong).expect_err("two items");
    let why = "its `Serialize` declares 2 items and writes 1";
    assert_eq!(refused.to_string(), why);
}

#[test]
fn other_programs_may_write_in_their_ways() {
    // Strings in pieces; a list and a map with an end marker instead of a length; a foreign tag.
    let text = [0x7f, 0x61, b'a', 0x61, b'b', 0xff];
    assert_eq!(read::<String>(&text), Ok("ab".into()));
    assert_eq!(read(&[0x9f, 1, 2, 0xff]), Ok(vec![1, 2]));
    let map = BTreeMap::from([("a".to_owned(), 1)]);
    assert_eq!(read(&[0xbf, 0x61, b'a', 1, 0xff]), Ok(map));
    assert_eq!(read(&[0xc1, 5]), Ok(5));
    assert_eq!(read(&[0xf6]), Ok(()));
    assert_eq!(read(&[0x61, b'x']), Ok('x'));
}

#[test]
fn malformed_bytes_are_errors() {
    for (bytes, why) in [
        (&[][..], "end of input bytes"),
        (&[0x82, 1], "end of input bytes"),
        (&[1, 2], "1 bytes follow the value"),
        (&[0x62, 0xff, 0xff], "invalid"),
        (&[0xff], "unexpected"),
    ] {
        let error = read::<serde_json::Value>(bytes).expect_err("no value");
        assert!(error.contains(why), "{bytes:?}: {error}");
    }
    // More items than the type has, and lengths beyond any memory.
    assert!(read::<(u8,)>(&[0x82, 1, 2]).is_err());
    assert!(read::<Vec<u64>>(&[0x9b, 0x7f, 255, 255, 255, 255, 255, 255, 255]).is_err());
    assert!(read::<String>(&[0x7b, 0x7f, 255, 255, 255, 255, 255, 255, 255]).is_err());
}
