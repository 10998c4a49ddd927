use dioxus_auth0::return_to::{ReturnTo, ReturnToError};
use proptest::prelude::*;
use url::Url;

use crate::support::url;

const APP: &str = "https://app.example/";

fn parse(text: &str) -> Result<ReturnTo, ReturnToError> {
    ReturnTo::parse(text, &url(APP))
}

#[test]
fn an_address_is_as_long_as_the_limit_and_no_longer() {
    let long = |length: usize| format!("/{}", "a".repeat(length - 1));
    assert!(parse(&long(4_096)).is_ok());
    let refused = ReturnToError::TooLong {
        limit: 4_096,
        found: 4_097,
    };
    assert_eq!(parse(&long(4_097)), Err(refused));
}

/// Found by libFuzzer: the URL parser's tables without Unicode assert that there are no capitals in such a host.
#[test]
fn a_host_of_capitals_and_other_letters_is_refused_and_not_a_panic() {
    for text in [
        "//eV%ee.exam",
        "//H\u{d6}ST.example/",
        "https://APP.\u{e4}xample/",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

/// The corpus of the open redirects that others shipped.
#[test]
fn no_known_open_redirect_gets_through() {
    for text in [
        "//evil",
        "//evil.example/",
        "///evil.example",
        "////evil.example",
        "/\\evil",
        "/\\/evil.example",
        "\\\\evil",
        "\\/evil.example",
        "/\t/evil",
        "/\n/evil",
        "/\r\n/evil",
        "\t//evil.example",
        " //evil.example",
        "/ /evil.example",
        "/\u{0}/evil",
        "/\u{a0}/evil",
        "/\u{2028}/evil",
        "https:evil",
        "https:/evil.example",
        "https:///evil.example",
        "https://evil.example/",
        "https://app.example.evil.example/",
        "https://app.example@evil.example/",
        "https://evil.example\\@app.example/",
        "https://app.example:444/",
        "http://app.example/",
        "https://user@app.example/",
        "https://user:password@app.example/",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "blob:https://app.example/1",
        "file:///etc/passwd",
        "about:blank",
        "ftp://app.example/",
        "/..//evil",
        "/.//evil",
        "/x/..//evil",
        "/%2e%2e//evil",
        "https://app.example//evil",
        "\u{ff0f}\u{ff0f}evil.example",
        "https:\u{ff0f}\u{ff0f}evil.example",
        "evil.example",
        "@evil.example",
        "?next",
        "#x",
        "",
        ".",
        "..",
    ] {
        assert!(parse(text).is_err(), "{text:?} gave {:?}", parse(text));
    }
}

#[test]
fn each_refusal_says_why() {
    let foreign = ReturnToError::Foreign {
        expected: "https://app.example".into(),
    };
    assert_eq!(parse("//evil"), Err(foreign.clone()));
    assert_eq!(parse("https://evil.example/"), Err(foreign.clone()));
    assert_eq!(parse("javascript:alert(1)"), Err(foreign));
    assert_eq!(parse("/\\evil"), Err(ReturnToError::Character));
    assert_eq!(parse("/\r\nSet-Cookie:a"), Err(ReturnToError::Character));
    assert_eq!(parse("/..//evil"), Err(ReturnToError::NotAPath));
    assert_eq!(parse("evil"), Err(ReturnToError::NotAPath));
    assert_eq!(parse("/?code=c&state=s"), Err(ReturnToError::Callback));
}

#[test]
fn ten_kilobytes_are_rejected() {
    let text = format!("/{}", "x".repeat(10_000));
    let refused = ReturnToError::TooLong {
        limit: 4_096,
        found: 10_001,
    };
    assert_eq!(parse(&text), Err(refused));
}

#[test]
fn an_address_without_a_host_has_no_pages() {
    assert!(ReturnTo::parse("/profile", &url("data:text/html,x")).is_err());
}

#[test]
fn pages_of_the_app_stay_as_they_are() {
    for (text, page) in [
        ("/", "/"),
        ("/profile", "/profile"),
        (
            "/profile?tab=2&x=//evil#//evil",
            "/profile?tab=2&x=//evil#//evil",
        ),
        ("/%2f%2fevil", "/%2f%2fevil"),
        ("/@evil", "/@evil"),
        ("/a/../b", "/b"),
        ("/\u{ff0f}evil", "/%EF%BC%8Fevil"),
        ("/javascript:alert(1)", "/javascript:alert(1)"),
        ("/callback?state=s", "/callback?state=s"),
        ("https://app.example", "/"),
        ("https://app.example/profile#x", "/profile#x"),
        ("HTTPS://APP.example:443/profile", "/profile"),
    ] {
        assert_eq!(parse(text).unwrap().as_str(), page, "{text}");
    }
}

#[test]
fn a_desktop_app_has_pages_too() {
    let base = url("dioxus://index.html/");
    assert_eq!(
        ReturnTo::parse("/profile", &base).unwrap().as_str(),
        "/profile"
    );
    assert!(ReturnTo::parse("//evil", &base).is_err());
}

#[test]
fn the_default_is_the_front_page() {
    assert_eq!(ReturnTo::default().as_str(), "/");
}

fn stays(page: &ReturnTo, base: &Url) -> bool {
    let again = base.join(page.as_str()).unwrap();
    again.origin() == base.origin()
        && page.as_str().starts_with('/')
        && !page.as_str().starts_with("//")
}

proptest! {
    #[test]
    fn whatever_gets_through_stays_in_the_app(text in ".{0,64}") {
        let base = url(APP);
        if let Ok(page) = ReturnTo::parse(&text, &base) {
            prop_assert!(stays(&page, &base), "{text:?}");
        }
    }

    #[test]
    fn whatever_is_made_of_slashes_and_dots_stays_in_the_app(
        text in "(/|\\.|%2f|%2e|:|@|\\?|#|https|app\\.example|evil|\\\\|\t){0,12}",
    ) {
        let base = url(APP);
        if let Ok(page) = ReturnTo::parse(&text, &base) {
            prop_assert!(stays(&page, &base), "{text:?}");
            let again = ReturnTo::parse(page.as_str(), &base);
            prop_assert_eq!(again, Ok(page));
        }
    }
}
