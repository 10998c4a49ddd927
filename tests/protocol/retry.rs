use std::time::Duration;

use dioxus_auth0::oidc::RetryAfter;
use dioxus_auth0::oidc::retry::{LONGEST_WAIT, retry_after};
use dioxus_auth0::time::UnixTime;
use http::{HeaderMap, HeaderName};
use proptest::prelude::*;

/// 1994-11-06T08:49:37Z, the instant of the examples in RFC 9110 §5.6.7.
const THEN: i64 = 784_111_777;

fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(HeaderName::from_static(name), value.parse().unwrap());
    }
    headers
}

fn wait(fields: &[(&'static str, &str)], now: i64) -> Option<u64> {
    let wait = retry_after(&headers(fields), UnixTime::from_seconds(now));
    wait.map(|wait| wait.as_secs())
}

/// <https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3>
#[test]
fn the_delay_of_rfc_9110_is_read_and_capped() {
    let after = RetryAfter::read(&headers(&[("retry-after", "120")]));
    assert_eq!(after, Some(RetryAfter::For(Duration::from_secs(120))));
    assert_eq!(wait(&[("retry-after", "120")], 0), Some(60));
    assert_eq!(LONGEST_WAIT, Duration::from_secs(60));
}

/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>
#[test]
fn the_three_forms_of_a_date_name_one_instant() {
    for date in [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ] {
        let after = RetryAfter::read(&headers(&[("retry-after", date)]));
        let then = RetryAfter::Until(UnixTime::from_seconds(THEN));
        assert_eq!(after, Some(then), "{date}");
        assert_eq!(wait(&[("retry-after", date)], THEN - 7), Some(7));
        assert_eq!(wait(&[("retry-after", date)], THEN - 3_600), Some(60));
        assert_eq!(wait(&[("retry-after", date)], THEN + 1), Some(0));
    }
}

#[test]
fn a_delay_that_no_number_holds_is_the_longest_wait() {
    let digits = "9".repeat(100);
    assert_eq!(wait(&[("retry-after", &digits)], 0), Some(60));
    assert_eq!(wait(&[("x-ratelimit-reset", &digits)], 0), Some(60));
}

#[test]
fn a_field_that_is_neither_is_absent() {
    for text in [
        "",
        " ",
        "+5",
        "-5",
        "5.5",
        "5 s",
        "0x5",
        "soon",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
    ] {
        assert_eq!(wait(&[("retry-after", text)], THEN), None, "{text}");
    }
    let mut other = HeaderMap::new();
    let bytes = http::HeaderValue::from_bytes(b"\xff").unwrap();
    other.insert("retry-after", bytes);
    assert_eq!(RetryAfter::read(&other), None);
}

#[test]
fn two_fields_of_one_name_are_none() {
    assert_eq!(
        wait(&[("retry-after", "1"), ("retry-after", "50")], 0),
        None
    );
}

#[test]
fn the_reset_of_auth0_stands_in_for_a_delay_that_is_not_there() {
    let reset = ("x-ratelimit-reset", "784111777");
    assert_eq!(wait(&[reset], THEN - 10), Some(10));
    assert_eq!(wait(&[reset], THEN + 10), Some(0));
    assert_eq!(wait(&[reset], 0), Some(60));
    assert_eq!(wait(&[("retry-after", "3"), reset], THEN - 10), Some(3));
    assert_eq!(wait(&[("retry-after", "?"), reset], THEN - 10), Some(10));
    assert_eq!(wait(&[("x-ratelimit-reset", "soon")], THEN), None);
}

proptest! {
    #[test]
    fn no_field_makes_anybody_wait_longer(text in "[ -~]{0,40}", now: i64) {
        let wait = wait(&[("retry-after", &text), ("x-ratelimit-reset", &text)], now);
        prop_assert!(wait.is_none_or(|wait| wait <= 60));
    }
}
