//! What must never reach a log: tokens, codes, verifiers, and the values that tie a login together.
//!
//! Each is its own type with a redacted `Debug`, no `Display` and no `Deref`; [`expose`] is the one
//! way to the text, so a search for it finds every use.
//!
//! [`expose`]: AccessToken::expose

use std::fmt;

use subtle::ConstantTimeEq;

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident;)+) => { $(
        $(#[$doc])*
        pub struct $name(String);

        impl $name {
            /// Takes the text as it came.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Gives the text, to be sent or stored and nothing else.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }

        /// Compares in a time that depends on the lengths alone.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
            }
        }

        impl Eq for $name {}
    )+ };
}

macro_rules! clonable {
    ($($name:ident),+) => { $(
        impl Clone for $name {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }
    )+ };
}

macro_rules! consumable {
    ($($name:ident),+) => { $(
        impl $name {
            /// Uses the secret up.
            pub(crate) fn into_inner(self) -> String {
                self.0
            }
        }
    )+ };
}

macro_rules! random {
    ($($name:ident),+) => { $(
        impl $name {
            /// Writes 256 random bits as 43 URL-safe characters.
            pub fn from_random(bytes: &[u8; 32]) -> Self {
                Self(base64url(bytes))
            }
        }
    )+ };
}

secrets! {
    /// The `access_token` of [RFC 6749 §1.4](https://www.rfc-editor.org/rfc/rfc6749#section-1.4): what
    /// an API is shown.
    ///
    /// # Examples
    ///
    /// ```
    /// use dioxus_auth0::secret::AccessToken;
    ///
    /// let token = AccessToken::new("eyJhbGciOi");
    /// assert_eq!(format!("{token:?}"), "AccessToken([redacted])");
    /// assert_eq!(token.expose(), "eyJhbGciOi");
    /// ```
    AccessToken;

    /// The `refresh_token` of [RFC 6749 §1.5](https://www.rfc-editor.org/rfc/rfc6749#section-1.5): what
    /// buys the next access token.
    RefreshToken;

    /// The raw `id_token` of
    /// [OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken), a signed
    /// JWT nobody has checked yet.
    IdToken;

    /// The `state` of [RFC 6749 §4.1.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1): names the
    /// login a callback belongs to.
    State;

    /// The `nonce` of
    /// [OpenID Connect Core §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest):
    /// binds an ID token to the login that asked for it.
    Nonce;

    /// The `code_verifier` of [RFC 7636 §4.1](https://www.rfc-editor.org/rfc/rfc7636#section-4.1).
    ///
    /// Not `Clone`: the exchange it proves consumes it.
    ///
    /// ```compile_fail
    /// let verifier = dioxus_auth0::secret::Verifier::from_random(&[7; 32]);
    /// let twice = (verifier.clone(), verifier);
    /// ```
    Verifier;

    /// The authorization `code` of
    /// [RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2).
    ///
    /// Not `Clone`: it is good for one exchange, which consumes it.
    Code;

    /// The `device_code` of [RFC 8628 §3.2](https://www.rfc-editor.org/rfc/rfc8628#section-3.2): what this device asks
    /// for its tokens with.
    DeviceCode;

    /// The `user_code` of [RFC 8628 §3.2](https://www.rfc-editor.org/rfc/rfc8628#section-3.2): what the user enters on
    /// another device. For their eyes, and for no log: who enters it first has the login.
    UserCode;

    /// A security token of another making, as [RFC 8693 §1](https://www.rfc-editor.org/rfc/rfc8693#section-1) has it:
    /// what is exchanged.
    SecurityToken;

    /// The `request_uri` of [RFC 9126 §2.2](https://www.rfc-editor.org/rfc/rfc9126#section-2.2): stands for a request
    /// the provider already has.
    ///
    /// Not `Clone`: it is good for one login.
    RequestUri;

    /// The `mfa_token` (Auth0) of a refusal that asks for another factor: with it the factor is given, and nothing else.
    MfaToken;
}

consumable!(Verifier, Code);
clonable!(
    AccessToken,
    RefreshToken,
    IdToken,
    State,
    Nonce,
    UserCode,
    MfaToken
);
random!(State, Nonce, Verifier);

/// Encodes bytes as the unpadded base64url of
/// [RFC 7515 §2](https://www.rfc-editor.org/rfc/rfc7515#section-2).
pub(crate) fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes unpadded base64url, refusing padding, foreign characters and stray bits.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(text)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_shows_in_debug() {
        let shown = [
            format!("{:?}", AccessToken::new("s3cret")),
            format!("{:?}", RefreshToken::new("s3cret")),
            format!("{:?}", IdToken::new("s3cret")),
            format!("{:?}", State::new("s3cret")),
            format!("{:?}", Nonce::new("s3cret")),
            format!("{:?}", Verifier::new("s3cret")),
            format!("{:?}", Code::new("s3cret")),
            format!("{:?}", DeviceCode::new("s3cret")),
            format!("{:?}", UserCode::new("s3cret")),
            format!("{:?}", SecurityToken::new("s3cret")),
            format!("{:?}", RequestUri::new("s3cret")),
            format!("{:?}", MfaToken::new("s3cret")),
        ];
        for text in shown {
            assert!(text.ends_with("([redacted])"), "{text}");
            assert!(!text.contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn equality_is_of_the_whole_text() {
        assert_ne!(State::new("abc"), State::new("abc1"));
        assert_ne!(State::new("abc"), State::new("abd"));
        assert_eq!(State::new("abc"), State::new("abc"));
    }
}
