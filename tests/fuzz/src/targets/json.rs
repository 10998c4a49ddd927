//! The reader of all JSON.

use std::collections::BTreeSet;
use std::fmt;

use dioxus_auth0::json::{self, JsonError, MAX_BYTES};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// What is accepted is what `serde_json` accepts, and equal, but for two members of one name; and what is refused is what
/// it refuses.
pub fn run(bytes: &[u8]) {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let theirs = serde_json::from_slice::<Value>(text);
    match json::parse(bytes) {
        Ok(ours) => {
            assert!(bytes.len() <= MAX_BYTES);
            assert_eq!(theirs.ok().as_ref(), Some(&ours));
            assert!(!has_duplicates(text));
            // Which of two neighbours a fraction is read as, `serde_json` leaves open.
            if !has_fractions(&ours) {
                assert_eq!(json::parse(ours.to_string().as_bytes()), Ok(ours.clone()));
            }
            assert_readers(&ours);
        }
        Err(JsonError::Duplicate { member }) => {
            assert!(member.chars().count() <= 128);
            assert!(theirs.is_err() || has_duplicates(text));
        }
        Err(JsonError::TooLarge { .. }) => assert!(bytes.len() > MAX_BYTES),
        Err(error) => assert!(theirs.is_err(), "{error}"),
    }
}

/// Reading a member never gives what is not there.
fn assert_readers(value: &Value) {
    let member = "a";
    let found = value.get(member);
    if let Ok(read) = json::string(value, member) {
        assert_eq!(read, found.and_then(Value::as_str));
    }
    if let Ok(read) = json::boolean(value, member) {
        assert_eq!(read, found.and_then(Value::as_bool));
    }
    if let Ok(Some(read)) = json::strings(value, member) {
        assert_eq!(
            found.and_then(Value::as_array).map(Vec::len),
            Some(read.len())
        );
    }
    if let Ok(Some(read)) = json::integer(value, member) {
        let exact = found.and_then(Value::as_f64).expect("it is a number");
        let clamped = exact.clamp(i64::MIN as f64, i64::MAX as f64);
        assert!((clamped - read as f64).abs() <= 1.0_f64.max(clamped.abs() * 1e-9));
    }
}

fn has_fractions(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(array) => array.iter().any(has_fractions),
        Value::Object(object) => object.values().any(has_fractions),
        _ => false,
    }
}

/// Whether some object has two members of one name, found by a reader of its own.
fn has_duplicates(text: &[u8]) -> bool {
    serde_json::from_slice::<Duplicates>(text).is_ok_and(|found| found.0)
}

struct Duplicates(bool);

impl<'de> Deserialize<'de> for Duplicates {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(Look).map(Duplicates)
    }
}

struct Look;

impl<'de> Visitor<'de> for Look {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("json")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(Duplicates(inside)) = elements.next_element()? {
            found |= inside;
        }
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let mut names = BTreeSet::new();
        let mut found = false;
        while let Some((name, Duplicates(inside))) = members.next_entry::<String, _>()? {
            found |= inside | !names.insert(name);
        }
        Ok(found)
    }
}
