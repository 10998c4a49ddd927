//! The provider's public keys.

use serde_json::Value;

use crate::json::{self, JsonError};
use crate::secret::{base64url, from_base64url};

/// The RSA keys of a JWK set that may verify RS256
/// ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5),
/// [RFC 7518 §6.3.1](https://www.rfc-editor.org/rfc/rfc7518#section-6.3.1)).
///
/// Keys of other kinds, uses, algorithms or strengths are left out, so a `kid` shared with one of
/// them cannot mislead the choice.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::Jwks;
///
/// let set = br#"{"keys":[{"kty":"EC","kid":"1","crv":"P-256","x":"AA","y":"AA"}]}"#;
/// let keys = Jwks::from_bytes(set)?;
/// assert!(keys.candidates(Some("1")).is_empty());
/// # Ok::<(), dioxus_auth0::oidc::JwksError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jwks {
    keys: Vec<RsaKey>,
}

/// One RSA public key of 2048 bits or more.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RsaKey {
    /// The name a token calls the key by.
    pub kid: Option<String>,
    /// The modulus, big-endian, without leading zeros.
    pub n: Vec<u8>,
    /// The public exponent, big-endian, without leading zeros.
    pub e: Vec<u8>,
}

/// Says why a JWK set cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwksError {
    /// The text is not JSON, or `keys` is no array.
    #[error("the key set cannot be read")]
    Json(#[from] JsonError),
}

impl Jwks {
    /// Reads a set from the body of an answer.
    ///
    /// # Errors
    ///
    /// [`JwksError::Json`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, JwksError> {
        Self::parse(&json::parse(bytes)?)
    }

    /// Reads a set from JSON already parsed.
    ///
    /// # Errors
    ///
    /// [`JwksError::Json`], if there is no array `keys`. A key that cannot be used is no error:
    /// [RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5) has it ignored.
    pub fn parse(value: &Value) -> Result<Self, JwksError> {
        let keys = json::array(value, "keys")?.ok_or(JsonError::Missing {
            member: "keys",
            expected: "an array",
        })?;
        Ok(Self {
            keys: keys.iter().filter_map(RsaKey::usable).collect(),
        })
    }

    /// Gives the keys that a token with this `kid` may be signed with; without one, all.
    pub fn candidates(&self, kid: Option<&str>) -> Vec<&RsaKey> {
        let named = |key: &&RsaKey| kid.is_none() || key.kid.as_deref() == kid;
        self.keys.iter().filter(named).collect()
    }

    /// Writes the set for the cache; [`Jwks::parse`] reads it back.
    pub fn to_value(&self) -> Value {
        let keys: Vec<Value> = self.keys.iter().map(RsaKey::to_value).collect();
        json::record([("keys", keys.into())])
    }
}

impl RsaKey {
    /// Gives the modulus as JWK has it.
    pub fn n_base64url(&self) -> String {
        base64url(&self.n)
    }

    /// Gives the public exponent as JWK has it.
    pub fn e_base64url(&self) -> String {
        base64url(&self.e)
    }

    /// Reads a JWK if it may verify RS256.
    fn usable(jwk: &Value) -> Option<Self> {
        let absent_or = |member: &str, value: &str| match jwk.get(member) {
            None => true,
            Some(found) => found == value,
        };
        let may_verify = match jwk.get("key_ops") {
            None => true,
            Some(ops) => ops.as_array()?.iter().any(|op| op == "verify"),
        };
        if jwk.get("kty")? != "RSA"
            || !absent_or("use", "sig")
            || !absent_or("alg", "RS256")
            || !may_verify
        {
            return None;
        }

        let kid = match jwk.get("kid") {
            None => None,
            Some(kid) => Some(kid.as_str()?.to_owned()),
        };
        let n = unsigned(jwk.get("n")?)?;
        let e = unsigned(jwk.get("e")?)?;
        let bits = n.len() * 8 - n.first()?.leading_zeros() as usize;
        let odd_and_not_one = e.last()? & 1 == 1 && e != [1];
        // RFC 7518 §3.3 asks for 2048 bits; beyond 8192 and 33 a verifier only burns time.
        let sane = (2048..=8192).contains(&bits) && e.len() <= 4 && odd_and_not_one;
        sane.then_some(Self { kid, n, e })
    }

    fn to_value(&self) -> Value {
        json::record([
            ("kty", "RSA".into()),
            ("use", "sig".into()),
            ("alg", "RS256".into()),
            ("kid", self.kid.as_deref().into()),
            ("n", self.n_base64url().into()),
            ("e", self.e_base64url().into()),
        ])
    }
}

impl std::fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RsaKey(")?;
        f.write_str(self.kid.as_deref().unwrap_or("without kid"))?;
        f.write_str(")")
    }
}

/// Reads `Base64urlUInt` ([RFC 7518 §2](https://www.rfc-editor.org/rfc/rfc7518#section-2)), and
/// forgives the leading zeros it forbids.
fn unsigned(value: &Value) -> Option<Vec<u8>> {
    let bytes = from_base64url(value.as_str()?)?;
    let first = bytes.iter().position(|byte| *byte != 0)?;
    Some(bytes[first..].to_vec())
}
