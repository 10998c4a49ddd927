use dioxus_auth0::oidc::callback::{self, CallbackError, Expected, MAX_URL};
use dioxus_auth0::secret::{Code, State};
use proptest::prelude::*;
use url::Url;

use crate::support::url;

const ISSUER: &str = "https://tenant.auth0.com/";

fn read(query: &str, iss_required: bool) -> Result<Code, CallbackError> {
    let expected = Expected {
        issuer: ISSUER,
        iss_required,
        state: &State::new("s1"),
    };
    callback::code(&app(query), &expected)
}

fn app(query: &str) -> Url {
    url(&format!("http://127.0.0.1:8080/{query}"))
}

fn refused(code: &str) -> CallbackError {
    CallbackError::Refused {
        code: dioxus_auth0::oidc::ErrorCode::new(code),
        description: None,
    }
}

#[test]
fn a_callback_without_a_state_names_no_login() {
    for query in [
        "?code=c",
        "?code=c&state=",
        "#code=c&state=s1",
        "?State=s1",
        "",
    ] {
        let missing = CallbackError::Missing { name: "state" };
        assert_eq!(callback::state_of(&app(query)), Err(missing), "{query}");
    }
}

#[test]
fn a_callback_with_two_states_names_no_login() {
    for query in [
        "?state=s1&state=s1",
        "?state=s1&code=c&state=",
        "?state=&state=s1",
        "?state=s1&st%61te=s1",
    ] {
        let twice = CallbackError::Duplicate { name: "state" };
        assert_eq!(callback::state_of(&app(query)), Err(twice), "{query}");
    }
}

#[test]
fn an_endless_callback_is_rejected_unread() {
    let long = app(&format!("?code={}&state=s1", "c".repeat(MAX_URL)));
    let found = long.as_str().len();
    let refused = CallbackError::TooLong {
        limit: MAX_URL,
        found,
    };
    assert_eq!(callback::state_of(&long), Err(refused));
}

#[test]
fn a_callback_with_a_foreign_state_is_rejected() {
    for state in ["s2", "s11", "S1", "s", "s1%00", "s1+"] {
        let query = format!("?code=c&state={state}");
        assert_eq!(read(&query, false), Err(CallbackError::State), "{state}");
    }
}

/// An attacker's page can send any error with any state; neither its text nor its issuer counts.
#[test]
fn the_state_comes_before_everything_else() {
    for query in [
        "?error=access_denied&state=s2",
        "?error=a&error=b&state=s2",
        "?iss=https://evil.example/&state=s2",
        "?code=a&code=b&state=s2",
    ] {
        assert_eq!(read(query, true), Err(CallbackError::State), "{query}");
    }
}

#[test]
fn a_callback_of_another_issuer_is_rejected() {
    for found in [
        "https://tenant.auth0.com/1",
        "https://tenant.auth0.com",
        "https://TENANT.auth0.com/",
        "https://evil.example/",
    ] {
        for rest in ["code=c", "error=access_denied", "code=a&code=b"] {
            for iss_required in [false, true] {
                let query = format!("?{rest}&state=s1&iss={found}");
                let refused = CallbackError::Issuer {
                    expected: ISSUER.into(),
                    found: found.into(),
                };
                assert_eq!(read(&query, iss_required), Err(refused), "{query}");
            }
        }
    }
}

#[test]
fn a_promised_issuer_that_is_absent_is_missed_on_refusals_too() {
    for query in [
        "?code=c&state=s1",
        "?error=access_denied&state=s1",
        "?code=c&state=s1&iss=",
    ] {
        let missing = CallbackError::Missing { name: "iss" };
        assert_eq!(read(query, true), Err(missing), "{query}");
    }
}

#[test]
fn a_parameter_twice_is_rejected() {
    let right = "https://tenant.auth0.com/";
    for (query, name) in [
        (format!("?code=c&state=s1&iss={right}&iss={right}"), "iss"),
        (
            format!("?code=c&state=s1&iss={right}&iss=https://evil.example/"),
            "iss",
        ),
        ("?error=a&error=b&state=s1".into(), "error"),
        (
            "?error=a&error_description=b&error_description=c&state=s1".into(),
            "error_description",
        ),
        (
            "?error=a&error_uri=b&error_uri=c&state=s1".into(),
            "error_uri",
        ),
        ("?code=a&code=a&state=s1".into(), "code"),
        ("?code=a&code=&state=s1".into(), "code"),
        ("?code=a&%63ode=b&state=s1".into(), "code"),
    ] {
        let twice = CallbackError::Duplicate { name };
        assert_eq!(read(&query, false), Err(twice), "{query}");
    }
}

#[test]
fn a_refusal_is_a_refusal_even_beside_a_code() {
    for query in [
        "?error=access_denied&state=s1",
        "?code=c&error=access_denied&state=s1",
    ] {
        assert_eq!(read(query, false), Err(refused("access_denied")), "{query}");
    }
}

#[test]
fn a_refusal_is_made_fit_to_show() {
    let query = "?error=%3Cb%3E%22%0A%E2%80%AE&error_description=user%20is%0D%0A%20blocked%E2%80%AE%00&state=s1";
    let Err(CallbackError::Refused { code, description }) = read(query, false) else {
        panic!("expected a refusal");
    };
    assert_eq!(code, "<b>");
    assert_eq!(description.as_deref(), Some("user is blocked"));
}

#[test]
fn a_long_refusal_is_cut() {
    let query = format!("?error=e&error_description={}&state=s1", "x".repeat(9_000));
    let Err(CallbackError::Refused { description, .. }) = read(&query, false) else {
        panic!("expected a refusal");
    };
    assert_eq!(description.map(|text| text.len()), Some(500));
}

#[test]
fn a_callback_without_a_code_is_rejected() {
    for query in ["?state=s1", "?state=s1&code=", "?state=s1&error="] {
        let missing = CallbackError::Missing { name: "code" };
        assert_eq!(read(query, false), Err(missing), "{query}");
    }
}

#[test]
fn no_error_repeats_the_code_or_the_state() {
    for query in [
        "?code=s3cret&state=s4cret",
        "?code=s3cret&code=s3cret&state=s1",
        "?code=s3cret&state=s1&iss=https://evil.example/",
    ] {
        let error = read(query, false).map(|_| ()).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(
            !text.contains("s3cret") && !text.contains("s4cret"),
            "{text}"
        );
    }
}

#[test]
fn the_code_is_read_after_all_that() {
    let right = "https%3A%2F%2Ftenant.auth0.com%2F";
    for (query, iss_required) in [
        ("?code=c%2F%2B+1&state=s1".to_owned(), false),
        (format!("?code=c%2F%2B+1&state=s1&iss={right}"), false),
        (
            format!("?state=s1&iss={right}&code=c%2F%2B+1&session_state=x"),
            true,
        ),
    ] {
        let code = read(&query, iss_required).unwrap();
        assert_eq!(code.expose(), "c/+ 1", "{query}");
    }
}

#[test]
fn only_a_state_with_a_code_or_an_error_makes_a_callback() {
    for query in [
        "",
        "?",
        "?code=c",
        "?state=s",
        "?error=e",
        "#code=c&state=s",
        "?xcode=c&state=s",
    ] {
        assert!(!callback::is_callback(&app(query)), "{query}");
    }
    for query in [
        "?code=c&state=s",
        "?state=s&error=e",
        "profile?tab=1&state=s&code=c",
    ] {
        assert!(callback::is_callback(&app(query)), "{query}");
    }
}

proptest! {
    #[test]
    fn no_query_makes_the_reader_panic(query in ".*") {
        let mut url = app("");
        url.set_query(Some(&query));
        let state = State::new("s1");
        let expected = Expected { issuer: ISSUER, iss_required: false, state: &state };
        let _ = callback::code(&url, &expected);
        let _ = callback::is_callback(&url);
    }

    #[test]
    fn no_state_but_the_sent_one_gives_a_code(state in ".{0,8}", rest in ".{0,40}") {
        prop_assume!(state != "s1");
        let mut url = app("");
        url.query_pairs_mut()
            .append_pair("state", &state)
            .append_pair("code", "c")
            .append_pair("x", &rest);
        let expected_state = State::new("s1");
        let expected = Expected { issuer: ISSUER, iss_required: false, state: &expected_state };
        prop_assert!(callback::code(&url, &expected).is_err());
    }

    #[test]
    fn any_code_comes_through_as_sent(code in "[!-~]{1,64}") {
        let mut url = app("");
        url.query_pairs_mut().append_pair("state", "s1").append_pair("code", &code);
        let state = State::new("s1");
        let expected = Expected { issuer: ISSUER, iss_required: false, state: &state };
        let read = callback::code(&url, &expected).unwrap();
        prop_assert_eq!(read.expose(), code);
    }
}
