//! That nothing secret is said.
//!
//! The fuzzer is free to put anything anywhere, so a search for the secret itself would find words of the message. Seeds
//! and dictionaries mark their secrets instead: a text that holds the mark may be said only if the mark stands in a part of
//! the input that may be said, too.

use std::error::Error;
use std::fmt::{Debug, Write};

use serde_json::Value;

/// What every secret of the seeds has in it.
pub(crate) const MARK: &str = "s3cr3t";

/// Everything that an error says, with everything below it.
pub(crate) fn told(error: &dyn Error) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        write!(text, "{error}\n{error:?}\n").expect("a string takes everything");
        next = error.source();
    }
    text
}

/// Everything that a value shows in a log.
pub(crate) fn shown(value: &dyn Debug) -> String {
    format!("{value:?}")
}

/// Asserts that `said` holds no secret, unless `public`, which may be said, holds the mark itself.
pub(crate) fn assert_unsaid(said: &str, public: &str) {
    assert!(
        !said.contains(MARK) || public.contains(MARK),
        "a secret was said: {said}"
    );
}

/// The part of a JSON text that may be said: the names of its members, and the values of those named here. A text that is
/// no JSON for any reader may be said nothing of but names, which nobody can list: then it is public as a whole.
pub(crate) fn public_part(body: &[u8], members: &[&str]) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return String::from_utf8_lossy(body).into_owned();
    };
    let mut public = String::new();
    collect(&value, members, &mut public);
    public
}

fn collect(value: &Value, members: &[&str], public: &mut String) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                public.push_str(name);
                if members.contains(&name.as_str()) {
                    public.push_str(value.as_str().unwrap_or_default());
                    public.push_str(&value.to_string());
                }
                collect(value, members, public);
            }
        }
        Value::Array(array) => {
            for value in array {
                collect(value, members, public);
            }
        }
        _ => {}
    }
}
