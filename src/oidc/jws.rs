//! The signed form of an ID token, and the one way from there to its payload: past the signature.

use std::fmt;

use serde_json::Value;

use crate::json::{self, excerpt};
use crate::oidc::id_token::IdTokenError;
use crate::secret::{IdToken, from_base64url};

/// A JWS in compact form whose signature nobody has checked
/// ([RFC 7515 §3.1](https://www.rfc-editor.org/rfc/rfc7515#section-3.1)).
#[derive(Clone)]
pub struct Jws<'a> {
    signing_input: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
    kid: Option<String>,
}

/// A JWS whose signature is good; its claims may now be looked at.
#[derive(Clone)]
pub struct VerifiedJws<'a> {
    payload: &'a str,
}

impl<'a> Jws<'a> {
    /// Finds the parts of an ID token, and refuses all but RS256 without critical extensions.
    ///
    /// # Errors
    ///
    /// [`IdTokenError`], up to [`IdTokenError::Type`].
    ///
    /// # Examples
    ///
    /// ```
    /// use dioxus_auth0::oidc::{IdTokenError, Jws};
    /// use dioxus_auth0::secret::IdToken;
    ///
    /// let unsigned = IdToken::new("eyJhbGciOiJub25lIn0.e30.");
    /// let refused = Jws::parse(&unsigned).map(|_| ());
    /// assert_eq!(refused, Err(IdTokenError::Algorithm { found: "none".into() }));
    /// ```
    pub fn parse(token: &'a IdToken) -> Result<Self, IdTokenError> {
        let text = token.expose();
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(IdTokenError::Parts {
                found: text.split('.').count(),
            });
        };

        let kid = kid_of(&part(header, "header")?)?;
        Ok(Self {
            signing_input: &text[..header.len() + 1 + payload.len()],
            payload,
            signature: from_base64url(signature)
                .ok_or(IdTokenError::Encoding { part: "signature" })?,
            kid,
        })
    }

    /// Gives the name of the key, if the token says.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Gives the bytes that are signed.
    pub fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    /// Gives the signature.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Takes the verdict: does [`signature`](Self::signature) sign
    /// [`signing_input`](Self::signing_input) under RS256 with one of the provider's keys?
    ///
    /// # Errors
    ///
    /// [`IdTokenError::Signature`], if it does not.
    pub fn verify_with(self, genuine: bool) -> Result<VerifiedJws<'a>, IdTokenError> {
        if !genuine {
            return Err(IdTokenError::Signature);
        }
        Ok(VerifiedJws {
            payload: self.payload,
        })
    }
}

impl VerifiedJws<'_> {
    /// Reads the payload, an object of claims nobody has checked yet.
    pub(crate) fn payload(&self) -> Result<Value, IdTokenError> {
        part(self.payload, "payload")
    }
}

fn kid_of(header: &Value) -> Result<Option<String>, IdTokenError> {
    let text = |member| {
        json::string(header, member).map_err(|source| IdTokenError::Json {
            part: "header",
            source,
        })
    };
    let alg = text("alg")?.unwrap_or_default();
    if alg != "RS256" {
        return Err(IdTokenError::Algorithm {
            found: excerpt(alg),
        });
    }
    if header.get("crit").is_some() {
        return Err(IdTokenError::Critical);
    }
    if let Some(typ) = text("typ")?
        && typ.to_ascii_lowercase().ends_with("+jwt")
    {
        return Err(IdTokenError::Type {
            found: excerpt(typ),
        });
    }
    Ok(text("kid")?.map(str::to_owned))
}

/// Decodes one part of the token, which must be a JSON object.
fn part(text: &str, part: &'static str) -> Result<Value, IdTokenError> {
    let bytes = from_base64url(text).ok_or(IdTokenError::Encoding { part })?;
    let value = json::parse(&bytes).map_err(|source| IdTokenError::Json { part, source })?;
    json::object(&value).map_err(|source| IdTokenError::Json { part, source })?;
    Ok(value)
}

/// Leaves the token out: its text is a credential, as a logout hint for one.
impl fmt::Debug for Jws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jws([redacted])")
    }
}

/// Leaves the token out.
impl fmt::Debug for VerifiedJws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifiedJws([redacted])")
    }
}
