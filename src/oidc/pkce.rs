//! Proof Key for Code Exchange ([RFC 7636](https://www.rfc-editor.org/rfc/rfc7636)), method `S256`
//! and no other.
//!
//! The verifier is made by [`Verifier::from_random`](crate::secret::Verifier::from_random); its SHA-256 comes from the caller, because the machine's
//! own crypto computes it.

use crate::secret::base64url;

/// The `code_challenge` of [RFC 7636 §4.2](https://www.rfc-editor.org/rfc/rfc7636#section-4.2).
///
/// # Examples
///
/// The vector of [RFC 7636 appendix B](https://www.rfc-editor.org/rfc/rfc7636#appendix-B):
///
/// ```
/// use dioxus_auth0::oidc::pkce::Challenge;
///
/// let digest = [
///     19, 211, 30, 150, 26, 26, 216, 236, 47, 22, 177, 12, 76, 152, 46, 8, 118, 168, 120, 173, 109,
///     241, 68, 86, 110, 225, 137, 74, 203, 112, 249, 195,
/// ];
/// let challenge = Challenge::from_digest(&digest);
/// assert_eq!(challenge.as_str(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge(String);

impl Challenge {
    /// Encodes the SHA-256 digest of the verifier's ASCII text.
    pub fn from_digest(digest: &[u8; 32]) -> Self {
        Self(base64url(digest))
    }

    /// Gives the text that goes into the authorize URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
