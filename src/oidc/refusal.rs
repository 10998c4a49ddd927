//! The provider's "no", as callback and every endpoint write it.

use std::fmt;

use serde_json::Value;

use crate::secret::MfaToken;

/// The `error` of [RFC 6749 §4.1.2.1 and §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2).
///
/// Text from outside: cut to 64 characters of the RFC's own alphabet, so it is fit for a message.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::ErrorCode;
///
/// let code = ErrorCode::new("access_denied");
/// assert_eq!(code, "access_denied");
/// assert_eq!(ErrorCode::new("<script>\n\"\u{202e}").to_string(), "<script>");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorCode(String);

impl ErrorCode {
    /// Takes the code, leaving out what may not stand in one.
    pub fn new(text: &str) -> Self {
        let allowed = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
        let code: String = text.chars().filter(allowed).take(64).collect();
        Self(code)
    }

    /// Gives the code's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for ErrorCode {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for ErrorCode {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An answer of [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2).
pub(super) struct Refused {
    pub(super) code: ErrorCode,
    pub(super) description: Option<String>,
    pub(super) status: u16,
    /// What another factor is given with, when that is all that is missing (Auth0).
    pub(super) mfa_token: Option<MfaToken>,
}

impl Refused {
    /// Reads a body that has an `error`.
    pub(super) fn read(body: &Value, status: u16) -> Option<Self> {
        let code = body.get("error").and_then(Value::as_str)?;
        let text = body.get("error_description").and_then(Value::as_str);
        Some(Self {
            code: ErrorCode::new(code),
            description: text.and_then(description),
            status,
            mfa_token: (code == "mfa_required").then(|| mfa_token(body)).flatten(),
        })
    }
}

fn mfa_token(body: &Value) -> Option<MfaToken> {
    let token = body.get("mfa_token").and_then(Value::as_str)?;
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    is_token.then(|| MfaToken::new(token))
}

/// Makes an `error_description` fit to be shown, or gives `None` if nothing is left.
pub(crate) fn description(text: &str) -> Option<String> {
    let text = readable(text, 500);
    (!text.is_empty()).then_some(text)
}

/// Cuts to so many characters, and drops control characters and the marks that reorder or hide text.
pub(crate) fn readable(text: &str, most: usize) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let text: String = text.chars().filter(|c| !hidden(*c)).take(most).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_loses_what_cannot_be_seen() {
        let text = "blocked\r\n\u{202e}by \u{0}policy\u{200b}";
        assert_eq!(description(text).as_deref(), Some("blockedby policy"));
    }

    #[test]
    fn a_description_of_nothing_is_none() {
        assert_eq!(description("\u{0}\n \u{202e}"), None);
    }

    #[test]
    fn a_description_is_cut() {
        let cut = description(&"ä".repeat(10_000)).map(|text| text.chars().count());
        assert_eq!(cut, Some(500));
    }

    #[test]
    fn a_code_is_cut() {
        assert_eq!(ErrorCode::new(&"x".repeat(10_000)).as_str().len(), 64);
    }
}
