//! Where to go after login: a page of this app, and of no other.

use std::fmt;

use url::Url;

use crate::oidc::callback;

/// The longest text that is looked at, in bytes.
const MAX_LENGTH: usize = 4_096;

/// A path of this app, with its query and fragment; it starts with one slash.
///
/// The text is read by the URL parser that browsers agree on, against the app's own address, so
/// that what is checked is what a browser would do
/// ([RFC 9700 §4.11.1](https://www.rfc-editor.org/rfc/rfc9700#section-4.11.1)).
///
/// # Examples
///
/// ```
/// use dioxus_auth0::return_to::ReturnTo;
///
/// let app = "https://app.example/".parse()?;
/// let page = ReturnTo::parse("/profile?tab=2#name", &app)?;
/// assert_eq!(page.as_str(), "/profile?tab=2#name");
/// assert!(ReturnTo::parse("//evil.example/", &app).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

/// Says why a text is no page of this app.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReturnToError {
    /// Longer than any page's address.
    #[error("expected a page address of at most {limit} bytes, found {found}")]
    TooLong {
        /// The most bytes allowed.
        limit: usize,
        /// The bytes that came.
        found: usize,
    },
    /// A control character, white space or a backslash, which parsers read differently.
    #[error("expected a page address without control characters, spaces or backslashes")]
    Character,
    /// Not a path, or not one the parser takes.
    #[error("expected a page address that starts with one slash")]
    NotAPath,
    /// Another scheme, host or port.
    #[error("expected a page of \"{expected}\", found one of another origin")]
    Foreign {
        /// The app's origin.
        expected: String,
    },
    /// The address of an answer of the provider: to return there would be to log in again.
    #[error("expected a page address, found a login callback")]
    Callback,
}

impl ReturnTo {
    /// Reads a path, or a whole URL of the app, against the app's own address.
    ///
    /// # Errors
    ///
    /// [`ReturnToError`].
    pub fn parse(text: &str, base: &Url) -> Result<Self, ReturnToError> {
        if text.len() > MAX_LENGTH {
            return Err(ReturnToError::TooLong {
                limit: MAX_LENGTH,
                found: text.len(),
            });
        }
        if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(ReturnToError::Character);
        }
        let url = match text.starts_with('/') {
            true => base.join(text),
            false => Url::parse(text),
        };
        let url = url.map_err(|_| ReturnToError::NotAPath)?;
        if !same_origin(&url, base) {
            return Err(ReturnToError::Foreign {
                expected: origin(base),
            });
        }
        if callback::is_callback(&url) {
            return Err(ReturnToError::Callback);
        }

        let page = url[url::Position::BeforePath..].to_owned();
        // `/..//evil` loses its dots and would be another host when read again.
        if !page.starts_with('/') || page.starts_with("//") {
            return Err(ReturnToError::NotAPath);
        }
        Ok(Self(page))
    }

    /// Gives path, query and fragment.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The app's front page.
impl Default for ReturnTo {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Compares scheme, host and port; not by `Url::origin`, to which every desktop app's address is
/// unlike even itself.
fn same_origin(url: &Url, base: &Url) -> bool {
    base.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.scheme() == base.scheme()
        && url.host() == base.host()
        && url.port_or_known_default() == base.port_or_known_default()
}

fn origin(base: &Url) -> String {
    base[..url::Position::BeforePath].to_owned()
}
