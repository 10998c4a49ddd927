//! The links that bring a user back to the app.

use url::Url;

use super::Phone;
use crate::port::{PortError, WayBack};

/// Returns the redirect URI of `way_back`, as it must be registered, and as a URL.
///
/// Without one it is what Auth0 suggests for native apps:
/// `com.example.app://{domain}/android/com.example.app/callback`, and `ios` there on iOS.
pub(super) fn redirect_uri(
    phone: &dyn Phone,
    way_back: WayBack<'_>,
) -> Result<(String, Url), PortError> {
    let text = match way_back.redirect_uri {
        Some(configured) => configured.to_owned(),
        None => own(phone, way_back.provider)?,
    };
    match Url::parse(&text) {
        Ok(url) if opens_an_app(&url) => Ok((text, url)),
        _ => Err(PortError::NotDeepLink { redirect_uri: text }),
    }
}

fn own(phone: &dyn Phone, provider: &str) -> Result<String, PortError> {
    match phone.identifier() {
        Some(identifier) if is_scheme(&identifier) => {
            let system = phone.system();
            Ok(format!(
                "{identifier}://{provider}/{system}/{identifier}/callback"
            ))
        }
        identifier => Err(PortError::NotScheme {
            identifier: identifier.unwrap_or_else(|| "none".to_owned()),
        }),
    }
}

/// Says whether links may begin with `identifier`: a domain turned around
/// ([RFC 8252 §7.1](https://www.rfc-editor.org/rfc/rfc8252#section-7.1)) without the underscore that no scheme may have, and
/// in the small letters that browsers make of every scheme
/// ([RFC 3986 §3.1](https://www.rfc-editor.org/rfc/rfc3986#section-3.1)) while Android compares to the letter.
fn is_scheme(identifier: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
    identifier.starts_with(|first: char| first.is_ascii_lowercase())
        && identifier.contains('.')
        && identifier.bytes().all(is_allowed)
}

/// Says whether a system may be told to open an app with `url`: by a scheme that is a domain turned around, or by an
/// `https` address that is the app's ([RFC 8252 §7.2](https://www.rfc-editor.org/rfc/rfc8252#section-7.2)).
fn opens_an_app(url: &Url) -> bool {
    let is_own = url.scheme().contains('.');
    let is_plain =
        url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (is_own || url.scheme() == "https") && url.has_host() && is_plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::mobile::MemoryPhone;

    fn of(identifier: Option<&str>, redirect_uri: Option<&str>) -> Result<String, PortError> {
        let phone = MemoryPhone::new("ios");
        phone.set_identifier(identifier);
        let way_back = WayBack {
            redirect_uri,
            provider: "example.eu.auth0.com",
            ..WayBack::default()
        };
        super::redirect_uri(&phone, way_back).map(|(text, _)| text)
    }

    #[test]
    fn the_identifier_names_the_way_back() {
        for identifier in ["com.example.app", "eu.a-b.app2", "a.b"] {
            let expected = format!("{identifier}://example.eu.auth0.com/ios/{identifier}/callback");
            assert_eq!(of(Some(identifier), None), Ok(expected));
        }
    }

    #[test]
    fn an_identifier_that_is_no_scheme_is_the_developers_to_mend() {
        for identifier in [
            "com.example.App",
            "Com.example.app",
            "com.example.my_app",
            "1com.example.app",
            ".example.app",
            "app",
            "com.exämple.app",
            "com.example.app:",
            "com.example.app/..",
            "",
        ] {
            let refused = PortError::NotScheme {
                identifier: identifier.to_owned(),
            };
            assert_eq!(of(Some(identifier), None), Err(refused));
        }
        let refused = PortError::NotScheme {
            identifier: "none".into(),
        };
        assert_eq!(of(None, None), Err(refused));
    }

    #[test]
    fn a_configured_redirect_uri_goes_out_to_the_letter_whatever_the_identifier() {
        for text in [
            "com.example.app://callback",
            "com.example.app://Example.EU.auth0.com/ios/com.example.App/callback",
            "Com.Example.App://callback/",
            "https://app.example/callback?from=login",
        ] {
            for identifier in [Some("com.example.My_App"), None] {
                assert_eq!(of(identifier, Some(text)), Ok(text.to_owned()));
            }
        }
    }

    #[test]
    fn what_opens_no_app_is_refused() {
        for text in [
            "http://127.0.0.1:14410/callback",
            "http://app.example/callback",
            "myapp://callback",
            "javascript:alert(1)",
            "file:///callback",
            "intent://callback#Intent;end",
            "com.example.app:callback",
            "com.example.app:/callback",
            "com.example.app:///callback",
            "com.example.app://",
            "com.example.app://callback#a",
            "com.example.app://callback#",
            "https://app.example/#a",
            "com.example.app://user@callback",
            "com.example.app://:secret@callback",
            "https://user@app.example/callback",
            "/callback",
            "",
        ] {
            let redirect_uri = text.to_owned();
            let refused = PortError::NotDeepLink { redirect_uri };
            assert_eq!(of(Some("com.example.app"), Some(text)), Err(refused));
        }
    }
}
