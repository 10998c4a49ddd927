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
    let identifier = phone.identifier().ok_or(PortError::Unavailable {
        what: "the app's identifier",
        why: "the system does not tell it".into(),
    })?;
    if !is_scheme(&identifier) {
        return Err(PortError::Unavailable {
            what: "a link of the app's own",
            why: format!(
                "its identifier {identifier} cannot be the scheme of one, which has small letters, digits, `.` and `-` alone; \
                 change it, or configure redirect_uri"
            ),
        });
    }
    let system = phone.system();
    Ok(format!(
        "{identifier}://{provider}/{system}/{identifier}/callback"
    ))
}

/// Says whether an identifier is a scheme ([RFC 3986 §3.1](https://www.rfc-editor.org/rfc/rfc3986#section-3.1)) in the one
/// spelling that comes back: browsers make its letters small, and Android takes large ones for others.
fn is_scheme(identifier: &str) -> bool {
    let goes_on = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'+');
    identifier.starts_with(|first: char| first.is_ascii_lowercase())
        && identifier.bytes().all(goes_on)
}

/// Says whether a system may be told to open an app with `url`: by a scheme that is a domain turned around
/// ([RFC 8252 §7.1](https://www.rfc-editor.org/rfc/rfc8252#section-7.1)), or by an `https` address that is the app's.
fn opens_an_app(url: &Url) -> bool {
    let is_own = url.scheme().contains('.');
    (is_own || url.scheme() == "https") && url.has_host() && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::mobile::MemoryPhone;

    #[test]
    fn an_identifier_that_is_no_scheme_is_named_with_what_to_do() {
        let phone = MemoryPhone::new("android");
        for identifier in [
            "com.example.MyApp",
            "com.example.my_app",
            "1com.example",
            "",
        ] {
            phone.set_identifier(Some(identifier));
            let error = redirect_uri(&phone, WayBack::default()).expect_err(identifier);
            let text = error.to_string();
            assert!(text.contains(identifier), "{text}");
            assert!(text.contains("configure redirect_uri"), "{text}");

            let redirect_uri = Some("com.example.my-app://callback");
            let way_back = WayBack {
                redirect_uri,
                ..WayBack::default()
            };
            let configured = super::redirect_uri(&phone, way_back);
            assert!(configured.is_ok(), "{identifier} does not matter then");
        }
    }
}
