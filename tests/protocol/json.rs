use dioxus_auth0::json::{self, JsonError, MAX_BYTES};
use proptest::prelude::*;
use serde_json::{Value, json};

fn duplicate(member: &str) -> JsonError {
    JsonError::Duplicate {
        member: member.to_owned(),
    }
}

#[test]
fn more_than_a_megabyte_is_rejected_unread() {
    let text = format!("\"{}\"", "x".repeat(MAX_BYTES));
    let refused = JsonError::TooLarge {
        limit: MAX_BYTES,
        found: MAX_BYTES + 2,
    };
    assert_eq!(json::parse(text.as_bytes()), Err(refused));
}

#[test]
fn a_megabyte_is_read() {
    let text = format!("\"{}\"", "x".repeat(MAX_BYTES - 2));
    assert!(json::parse(text.as_bytes()).is_ok());
}

#[test]
fn html_in_place_of_json_is_named() {
    for page in [
        "<!DOCTYPE html><html></html>",
        "\r\n  <html>",
        "<",
        "\u{feff}<html>",
    ] {
        assert_eq!(json::parse(page.as_bytes()), Err(JsonError::Html), "{page}");
    }
}

#[test]
fn nothing_is_named() {
    for text in ["", " \n\t", "\u{feff}"] {
        assert_eq!(json::parse(text.as_bytes()), Err(JsonError::Empty));
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_rejected() {
    let text = b"{\"a\":\"\xff\"}";
    assert_eq!(json::parse(text), Err(JsonError::NotUtf8 { valid: 6 }));
}

#[test]
fn a_truncated_text_is_named() {
    for text in ["{", "{\"a\"", "{\"a\":[1,", "\"abc", "tru"] {
        let error = json::parse(text.as_bytes()).unwrap_err();
        assert!(
            matches!(error, JsonError::Truncated { .. }),
            "{text}: {error:?}"
        );
    }
}

#[test]
fn what_is_not_json_is_rejected() {
    for text in [
        "{} {}",
        "{}x",
        "{a:1}",
        "{'a':1}",
        "[1,]",
        "nul!",
        "01",
        "NaN",
        "1e999",
        "\"\u{1}\"",
    ] {
        let error = json::parse(text.as_bytes()).unwrap_err();
        assert!(
            matches!(error, JsonError::Syntax { .. }),
            "{text}: {error:?}"
        );
    }
}

#[test]
fn a_deep_nest_is_rejected() {
    let text = "[".repeat(100_000);
    let error = json::parse(text.as_bytes()).unwrap_err();
    assert!(matches!(error, JsonError::Syntax { .. }), "{error:?}");
}

#[test]
fn a_member_twice_is_rejected_at_any_depth() {
    for (text, member) in [
        (r#"{"a":1,"a":1}"#, "a"),
        (r#"{"a":1,"\u0061":2}"#, "a"),
        (r#"{"x":{"b":1,"c":2,"b":3}}"#, "b"),
        (r#"[{"x":[{"k":null,"k":null}]}]"#, "k"),
        (r#"{"":1,"":2}"#, ""),
    ] {
        assert_eq!(
            json::parse(text.as_bytes()),
            Err(duplicate(member)),
            "{text}"
        );
    }
}

#[test]
fn a_long_duplicate_name_is_cut_in_the_error() {
    let name = "n".repeat(10_000);
    let text = format!("{{\"{name}\":1,\"{name}\":2}}");
    assert_eq!(json::parse(text.as_bytes()), Err(duplicate(&name[..128])));
}

#[test]
fn one_name_in_two_objects_is_no_duplicate() {
    assert!(json::parse(br#"{"a":{"a":1},"b":{"a":1}}"#).is_ok());
}

#[test]
fn a_byte_order_mark_is_ignored() {
    assert_eq!(json::parse("\u{feff}{}".as_bytes()), Ok(json!({})));
}

#[test]
fn a_member_of_the_wrong_kind_is_named() {
    let value = json!({"s": 1, "b": "true", "i": "1", "a": {}, "l": ["x", 1]});
    let wrong = |member, expected, found| JsonError::WrongType {
        member,
        expected,
        found,
    };
    assert_eq!(
        json::string(&value, "s"),
        Err(wrong("s", "a string", "a number"))
    );
    assert_eq!(
        json::boolean(&value, "b"),
        Err(wrong("b", "a boolean", "a string"))
    );
    assert_eq!(
        json::integer(&value, "i"),
        Err(wrong("i", "a number", "a string"))
    );
    assert_eq!(
        json::array(&value, "a"),
        Err(wrong("a", "an array", "an object"))
    );
    assert_eq!(
        json::strings(&value, "l"),
        Err(wrong("l", "an array of strings", "an array"))
    );
}

#[test]
fn a_value_that_is_no_object_has_no_members() {
    for value in [json!([]), json!("x"), Value::Null, json!(1)] {
        let found = json::kind(&value);
        assert_eq!(
            json::string(&value, "a"),
            Err(JsonError::NotAnObject { found })
        );
    }
}

#[test]
fn absent_and_null_are_alike() {
    let value = json!({"a": null});
    for member in ["a", "b"] {
        assert_eq!(json::string(&value, member), Ok(None));
        assert_eq!(json::integer(&value, member), Ok(None));
        let expected = "a string";
        assert_eq!(
            json::required_string(&value, member),
            Err(JsonError::Missing { member, expected })
        );
    }
}

#[test]
fn numbers_are_rounded_down_and_saturate() {
    for (text, whole) in [
        ("1.9", 1),
        ("-0.5", -1),
        ("1e300", i64::MAX),
        ("-1e300", i64::MIN),
        ("18446744073709551615", i64::MAX),
        ("7", 7),
    ] {
        let value = json::parse(format!("{{\"n\":{text}}}").as_bytes()).unwrap();
        assert_eq!(json::integer(&value, "n"), Ok(Some(whole)), "{text}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = json::parse(&bytes);
    }

    #[test]
    fn what_it_reads_serde_json_reads_alike(text in "[\\[\\]{}\",:0-9a-c\\\\ eE+.-]{0,24}") {
        if let Ok(value) = json::parse(text.as_bytes()) {
            prop_assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
        }
    }
}
