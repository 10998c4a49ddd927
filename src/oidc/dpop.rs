//! Proofs of a key ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)): a token that is stolen without the key is of no
//! use.
//!
//! The key stays where the machine keeps it. What is to be signed is written here, its signature and every digest come
//! from the caller, and so do the time and the random bytes. A server may demand a nonce of its own in the proof; it is
//! found here in its answers and remembered by server in a [`NonceStore`].

mod nonce;

use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;
use url::{Position, Url};

use crate::secret::base64url;
use crate::time::UnixTime;

pub use nonce::{
    DPOP_NONCE, MAX_NONCE, MAX_SERVERS, NonceStore, ServerNonce, resource_challenge,
    token_challenge,
};

/// The header of a request that bears the proof.
pub const DPOP: HeaderName = HeaderName::from_static("dpop");

/// A public key on the curve P-256, for `ES256`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    x: String,
    y: String,
}

/// The thumbprint of a key by SHA-256 ([RFC 7638](https://www.rfc-editor.org/rfc/rfc7638)): the `jkt` of a token bound to
/// it, and the `dpop_jkt` that binds a code ([RFC 9449 §10](https://www.rfc-editor.org/rfc/rfc9449#section-10)).
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::dpop::{PublicKey, Thumbprint};
///
/// let mut raw = [7; 65];
/// raw[0] = 4;
/// let key = PublicKey::from_sec1(&raw).ok_or("a point that is not compressed")?;
/// assert!(key.thumbprint_input().starts_with(r#"{"crv":"P-256","kty":"EC","x":"BwcH"#));
/// // What the machine's crypto makes of it.
/// # let sha256 = |_: String| [0; 32];
/// let thumbprint = Thumbprint::from_digest(&sha256(key.thumbprint_input()));
/// assert_eq!(thumbprint.as_str().len(), 43);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbprint(String);

/// What one proof says ([RFC 9449 §4.2](https://www.rfc-editor.org/rfc/rfc9449#section-4.2)). Every request needs a new
/// one, a repeated request too.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::dpop::{Proof, PublicKey};
/// use dioxus_auth0::time::UnixTime;
/// use http::Method;
///
/// let mut raw = [7; 65];
/// raw[0] = 4;
/// let proof = Proof {
///     key: &PublicKey::from_sec1(&raw).ok_or("a point that is not compressed")?,
///     method: &Method::POST,
///     url: &"https://tenant.auth0.com/oauth/token".parse()?,
///     jti: [1; 12],
///     iat: UnixTime::from_seconds(1_700_000_000),
///     access_token_digest: None,
///     nonce: None,
/// };
/// let unsigned = proof.unsigned();
/// // What the machine's crypto makes of it.
/// # let sign = |_: &[u8]| [0; 64];
/// let signature = sign(unsigned.signing_input());
/// let header = unsigned.signed(&signature);
/// assert_eq!(format!("{header:?}"), "Sensitive");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// The key that signs.
    pub key: &'a PublicKey,
    /// The method of the request.
    pub method: &'a Method,
    /// The URL of the request; its query, fragment and user name stay out.
    pub url: &'a Url,
    /// Random bytes that no other proof has.
    pub jti: [u8; 12],
    /// The time by this machine's clock.
    pub iat: UnixTime,
    /// The SHA-256 digest of the access token that the request bears; `None` where it bears none, as to the token
    /// endpoint.
    pub access_token_digest: Option<&'a [u8; 32]>,
    /// What this server gave last, if it gave any.
    pub nonce: Option<&'a ServerNonce>,
}

/// A proof that nobody has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsignedProof(String);

impl PublicKey {
    /// Takes an uncompressed point, as machines give it out: a 4 and both coordinates
    /// ([SEC 1 §2.3.3](https://www.secg.org/sec1-v2.pdf)).
    pub fn from_sec1(point: &[u8]) -> Option<Self> {
        let (x, y) = match point {
            [4, coordinates @ ..] if coordinates.len() == 64 => coordinates.split_at(32),
            _ => return None,
        };
        Some(Self {
            x: base64url(x),
            y: base64url(y),
        })
    }

    /// Gives the text whose SHA-256 digest is the [`Thumbprint`]
    /// ([RFC 7638 §3.2](https://www.rfc-editor.org/rfc/rfc7638#section-3.2)).
    pub fn thumbprint_input(&self) -> String {
        let (x, y) = (&*self.x, &*self.y);
        [
            r#"{"crv":"P-256","kty":"EC","x":""#,
            x,
            r#"","y":""#,
            y,
            r#""}"#,
        ]
        .concat()
    }

    /// Writes the key as RFC 9449 does in its examples: the public part and nothing else.
    fn jwk(&self) -> String {
        let (x, y) = (&*self.x, &*self.y);
        [
            r#"{"kty":"EC","x":""#,
            x,
            r#"","y":""#,
            y,
            r#"","crv":"P-256"}"#,
        ]
        .concat()
    }
}

impl Thumbprint {
    /// Encodes the SHA-256 digest of [`PublicKey::thumbprint_input`].
    pub fn from_digest(digest: &[u8; 32]) -> Self {
        Self(base64url(digest))
    }

    /// Gives the text, for good.
    pub fn into_text(self) -> String {
        self.0
    }

    /// Gives the text that stands in a token or an authorize URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Proof<'_> {
    /// Writes the proof up to its signature.
    pub fn unsigned(&self) -> UnsignedProof {
        let jwk = self.key.jwk();
        let header = [r#"{"typ":"dpop+jwt","alg":"ES256","jwk":"#, &jwk, "}"].concat();
        let input = [
            base64url(header.as_bytes()),
            base64url(self.claims().as_bytes()),
        ];
        UnsignedProof(input.join("."))
    }

    fn claims(&self) -> String {
        let mut claims = String::new();
        let mut claim = |name: &str, value: Value| {
            claims.push(if claims.is_empty() { '{' } else { ',' });
            let value = value.to_string();
            claims.push_str(&["\"", name, "\":", &value].concat());
        };
        claim("jti", base64url(&self.jti).into());
        claim("htm", self.method.as_str().into());
        claim("htu", target(self.url).into());
        claim("iat", self.iat.seconds().into());
        if let Some(digest) = self.access_token_digest {
            claim("ath", base64url(digest).into());
        }
        if let Some(nonce) = self.nonce {
            claim("nonce", nonce.as_str().into());
        }
        claims.push('}');
        claims
    }
}

impl UnsignedProof {
    /// Gives the bytes that are signed by `ES256`.
    pub fn signing_input(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Takes the signature, both numbers of 32 bytes one after the other
    /// ([RFC 7518 §3.4](https://www.rfc-editor.org/rfc/rfc7518#section-3.4)), and gives the value of [`DPOP`].
    pub fn signed(self, signature: &[u8; 64]) -> HeaderValue {
        let proof = [self.0, base64url(signature)].join(".");
        let header = HeaderValue::try_from(proof);
        let mut header = header.expect("base64url and full stops stand in a header");
        header.set_sensitive(true);
        header
    }
}

/// Writes the `htu`: scheme, host, port and path.
fn target(url: &Url) -> String {
    let scheme = &url[..Position::BeforeUsername];
    let rest = &url[Position::BeforeHost..Position::AfterPath];
    [scheme, rest].concat()
}
