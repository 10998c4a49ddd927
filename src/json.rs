//! JSON from strangers: bounded, strict, and read member by member.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The most bytes read from any answer or stored value.
pub const MAX_BYTES: usize = 1_000_000;

/// Says why a text is not the JSON it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// More bytes than [`MAX_BYTES`].
    #[error("expected at most {limit} bytes of json, found {found}")]
    TooLarge {
        /// The most bytes allowed.
        limit: usize,
        /// The bytes that came.
        found: usize,
    },
    /// Nothing but white space.
    #[error("expected json, found nothing")]
    Empty,
    /// A web page, as a router or captive portal answers in place of the file.
    #[error("expected json, found html")]
    Html,
    /// Bytes that are not UTF-8, which
    /// [RFC 8259 §8.1](https://www.rfc-editor.org/rfc/rfc8259#section-8.1) demands.
    #[error("expected json in utf-8, found other bytes after {valid} valid ones")]
    NotUtf8 {
        /// The length of the valid part.
        valid: usize,
    },
    /// The text breaks off.
    #[error("expected more json, found the end of the text at line {line}, column {column}")]
    Truncated {
        /// The line of the end, from 1.
        line: usize,
        /// The column of the end, from 1.
        column: usize,
    },
    /// Not the grammar of JSON, or more after its end, or nested deeper than 128 levels.
    #[error("expected json, found something else at line {line}, column {column}")]
    Syntax {
        /// The line of the fault, from 1.
        line: usize,
        /// The column of the fault, from 1.
        column: usize,
    },
    /// Two members of one object with one name: readers disagree on which one counts.
    #[error("expected one member \"{member}\" in an object, found two")]
    Duplicate {
        /// The name, shortened.
        member: String,
    },
    /// The whole value is not an object.
    #[error("expected a json object, found {found}")]
    NotAnObject {
        /// The kind of value found.
        found: &'static str,
    },
    /// A member that must be there is not.
    #[error("expected a member \"{member}\" ({expected}), found none")]
    Missing {
        /// The member's name.
        member: &'static str,
        /// The kind of value expected.
        expected: &'static str,
    },
    /// A member holds another kind of value.
    #[error("expected {expected} in \"{member}\", found {found}")]
    WrongType {
        /// The member's name.
        member: &'static str,
        /// The kind of value expected.
        expected: &'static str,
        /// The kind of value found.
        found: &'static str,
    },
}

/// Parses one JSON text, as [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259) has it, from at most
/// [`MAX_BYTES`] bytes, and refuses duplicate member names at any depth.
///
/// # Errors
///
/// Every [`JsonError`] up to [`JsonError::Duplicate`].
///
/// # Examples
///
/// ```
/// use dioxus_auth0::json::{self, JsonError};
///
/// let config = json::parse(br#"{"domain":"tenant.auth0.com"}"#)?;
/// assert_eq!(json::string(&config, "domain")?, Some("tenant.auth0.com"));
///
/// assert_eq!(json::parse(b"<!doctype html>"), Err(JsonError::Html));
/// # Ok::<(), JsonError>(())
/// ```
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    if bytes.len() > MAX_BYTES {
        return Err(JsonError::TooLarge {
            limit: MAX_BYTES,
            found: bytes.len(),
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| JsonError::NotUtf8 {
        valid: error.valid_up_to(),
    })?;
    // Editors on Windows put a mark there; RFC 8259 §8.1 lets a parser ignore it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_start().as_bytes().first() {
        None => return Err(JsonError::Empty),
        Some(b'<') => return Err(JsonError::Html),
        Some(_) => {}
    }

    let duplicate = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict {
        duplicate: &duplicate,
    }
    .deserialize(&mut reader)
    .and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| match duplicate.into_inner() {
        Some(member) => JsonError::Duplicate { member },
        None if error.is_eof() => JsonError::Truncated {
            line: error.line(),
            column: error.column(),
        },
        None => JsonError::Syntax {
            line: error.line(),
            column: error.column(),
        },
    })
}

/// Reads a string member; absent and `null` are `None`.
///
/// # Errors
///
/// [`JsonError::NotAnObject`] or [`JsonError::WrongType`].
pub fn string<'a>(value: &'a Value, member: &'static str) -> Result<Option<&'a str>, JsonError> {
    read(value, member, "a string", Value::as_str)
}

/// Reads a string member that must be there.
///
/// # Errors
///
/// As [`string`], and [`JsonError::Missing`].
pub fn required_string<'a>(value: &'a Value, member: &'static str) -> Result<&'a str, JsonError> {
    string(value, member)?.ok_or(JsonError::Missing {
        member,
        expected: "a string",
    })
}

/// Reads a boolean member; absent and `null` are `None`.
///
/// # Errors
///
/// [`JsonError::NotAnObject`] or [`JsonError::WrongType`].
pub fn boolean(value: &Value, member: &'static str) -> Result<Option<bool>, JsonError> {
    read(value, member, "a boolean", Value::as_bool)
}

/// Reads a numeric member in whole seconds or units, rounding a fraction down; absent and `null`
/// are `None`.
///
/// A `NumericDate` may have a fraction
/// ([RFC 7519 §2](https://www.rfc-editor.org/rfc/rfc7519#section-2)). Numbers beyond `i64` saturate.
///
/// # Errors
///
/// [`JsonError::NotAnObject`] or [`JsonError::WrongType`].
pub fn integer(value: &Value, member: &'static str) -> Result<Option<i64>, JsonError> {
    read(value, member, "a number", whole)
}

/// Reads an array member; absent and `null` are `None`.
///
/// # Errors
///
/// [`JsonError::NotAnObject`] or [`JsonError::WrongType`].
pub fn array<'a>(
    value: &'a Value,
    member: &'static str,
) -> Result<Option<&'a Vec<Value>>, JsonError> {
    read(value, member, "an array", Value::as_array)
}

/// Reads a member that is an array of strings; absent and `null` are `None`.
///
/// # Errors
///
/// [`JsonError::NotAnObject`] or [`JsonError::WrongType`], also when one element is no string.
pub fn strings<'a>(
    value: &'a Value,
    member: &'static str,
) -> Result<Option<Vec<&'a str>>, JsonError> {
    read(value, member, "an array of strings", |value| {
        value.as_array()?.iter().map(Value::as_str).collect()
    })
}

/// Reads the whole value as an object.
///
/// # Errors
///
/// [`JsonError::NotAnObject`].
pub fn object(value: &Value) -> Result<&Map<String, Value>, JsonError> {
    value
        .as_object()
        .ok_or(JsonError::NotAnObject { found: kind(value) })
}

/// Writes an object, leaving out the members that are null.
///
/// The `json!` macro does as much, but brings the generic serializer and its errors into the wasm.
pub(crate) fn record<const N: usize>(members: [(&str, Value); N]) -> Value {
    fn insert(object: &mut Map<String, Value>, (member, value): (&str, Value)) {
        if !value.is_null() {
            object.insert(member.to_owned(), value);
        }
    }
    let mut object = Map::new();
    for member in members {
        insert(&mut object, member);
    }
    Value::Object(object)
}

/// Names the kind of a value, for messages.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Rounds a number down to a whole one, saturating.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|number| number.floor() as i64))
}

fn read<'a, T>(
    value: &'a Value,
    member: &'static str,
    expected: &'static str,
    convert: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<Option<T>, JsonError> {
    match object(value)?.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(found) => match convert(found) {
            Some(converted) => Ok(Some(converted)),
            None => Err(JsonError::WrongType {
                member,
                expected,
                found: kind(found),
            }),
        },
    }
}

/// Reads any value as `serde_json` does, except that the second member of a name is an error.
#[derive(Clone, Copy)]
struct Strict<'a> {
    duplicate: &'a RefCell<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("json")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(self)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                self.duplicate.replace(Some(excerpt(&name)));
                return Err(de::Error::custom("duplicate"));
            }
            let value = members.next_value_seed(self)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

/// Makes a stranger's text fit for a message: short, one line, nothing invisible.
pub(crate) fn excerpt(text: &str) -> String {
    crate::oidc::refusal::readable(text, 128)
}
