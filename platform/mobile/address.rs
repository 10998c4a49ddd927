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
    let system = phone.system();
    Ok(format!(
        "{identifier}://{provider}/{system}/{identifier}/callback"
    ))
}

/// Says whether a system may be told to open an app with `url`: by a scheme that is a domain turned around
/// ([RFC 8252 §7.1](https://www.rfc-editor.org/rfc/rfc8252#section-7.1)), or by an `https` address that is the app's.
fn opens_an_app(url: &Url) -> bool {
    let is_own = url.scheme().contains('.');
    (is_own || url.scheme() == "https") && url.has_host() && url.fragment().is_none()
}
