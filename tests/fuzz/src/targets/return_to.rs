//! Where to go after login.

use dioxus_auth0::oidc::callback;
use dioxus_auth0::return_to::ReturnTo;
use url::Url;

/// The longest text that is looked at.
const MAX_LENGTH: usize = 4_096;

/// What is accepted is a page of the same origin, stays one when it is read again by anybody, and is no callback.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for base in [
        "https://app.example/",
        "http://127.0.0.1:8080/app/?code=c&state=s#part",
        "dioxus://index.html/",
    ] {
        let base: Url = base.parse().expect("a literal URL");
        let Ok(page) = ReturnTo::parse(text, &base) else {
            continue;
        };
        let path = page.as_str();
        assert!(path.starts_with('/') && !path.starts_with("//"), "{path}");
        assert!(!path.contains(|c: char| c.is_control() || c.is_whitespace()));
        let url = base.join(path).expect("a page is a URL");
        let origin = |url: &Url| url[..url::Position::BeforePath].to_owned();
        assert_eq!(origin(&url), origin(&base), "{path}");
        assert!(!callback::is_callback(&url), "{path}");
        // Beyond the limit nothing is read again: what is written in percents is longer than it was.
        for again in [path, url.as_str()] {
            if again.len() <= MAX_LENGTH {
                assert_eq!(ReturnTo::parse(again, &base).as_ref(), Ok(&page));
            }
        }
    }
}
