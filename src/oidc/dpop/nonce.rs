//! What servers want to find in a proof.

use http::{HeaderMap, HeaderName, Response};
use url::Url;

use crate::json;
use crate::oidc::authenticate::challenges;
use crate::oidc::refusal::Refused;
use crate::oidc::retry::only;

/// The header of an answer that bears the server's nonce.
pub const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The longest nonce that is taken, in bytes.
pub const MAX_NONCE: usize = 1_024;

/// The most servers whose nonces are remembered.
pub const MAX_SERVERS: usize = 16;

/// What a server says when it wants its nonce in the proof.
const USE_DPOP_NONCE: &str = "use_dpop_nonce";

/// A nonce of a server's making ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerNonce(String);

/// The nonce that each server gave last. It is good until the server gives another.
///
/// Servers are told apart by their origin; a nonce of one is none of another's business
/// ([RFC 9449 §9](https://www.rfc-editor.org/rfc/rfc9449#section-9)).
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::dpop::{DPOP_NONCE, NonceStore};
/// use http::HeaderMap;
///
/// let mut nonces = NonceStore::default();
/// let mut headers = HeaderMap::new();
/// headers.insert(DPOP_NONCE, "eyJ7S_zG.eyJH0-Z.HX4w-7v".parse()?);
/// nonces.learn(&"https://tenant.auth0.com/oauth/token".parse()?, &headers);
///
/// let userinfo = "https://tenant.auth0.com/userinfo".parse()?;
/// assert_eq!(nonces.of(&userinfo).map(|nonce| nonce.as_str()), Some("eyJ7S_zG.eyJH0-Z.HX4w-7v"));
/// assert_eq!(nonces.of(&"https://api.example/".parse()?), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NonceStore {
    /// By origin, the newest last.
    nonces: Vec<(String, ServerNonce)>,
}

impl ServerNonce {
    /// Reads the nonce in the headers of any answer.
    ///
    /// Two nonces are none ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)), and so are one of other
    /// characters than `NQCHAR` and one of more than [`MAX_NONCE`] bytes.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let nonce = only(headers, &DPOP_NONCE)?;
        let is_allowed = |byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
        let is_nonce = (1..=MAX_NONCE).contains(&nonce.len()) && nonce.bytes().all(is_allowed);
        is_nonce.then(|| Self(nonce.to_owned()))
    }

    /// Gives the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl NonceStore {
    /// Gives the nonce for a request to that URL.
    pub fn of(&self, url: &Url) -> Option<&ServerNonce> {
        let origin = origin(url)?;
        let known = self.nonces.iter().find(|(server, _)| *server == origin);
        known.map(|(_, nonce)| nonce)
    }

    /// Remembers the nonce in an answer from that URL, if it has one: in every answer, those that succeed too
    /// ([RFC 9449 §8.2](https://www.rfc-editor.org/rfc/rfc9449#section-8.2)).
    ///
    /// Beyond [`MAX_SERVERS`] the one that has been silent longest is forgotten.
    pub fn learn(&mut self, url: &Url, headers: &HeaderMap) {
        let (Some(origin), Some(nonce)) = (origin(url), ServerNonce::read(headers)) else {
            return;
        };
        self.nonces.retain(|(server, _)| *server != origin);
        if self.nonces.len() == MAX_SERVERS {
            self.nonces.remove(0);
        }
        self.nonces.push((origin, nonce));
    }
}

/// Reads the demand of a token endpoint, or of another that answers as one, for its nonce in the proof
/// ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
///
/// A refusal for any other reason is none, although it may bring a nonce: [`NonceStore::learn`] takes that.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::dpop::{self, DPOP_NONCE};
///
/// let mut answer = http::Response::new(br#"{"error":"use_dpop_nonce"}"#.to_vec());
/// *answer.status_mut() = http::StatusCode::BAD_REQUEST;
/// assert_eq!(dpop::token_challenge(&answer), None);
///
/// answer.headers_mut().insert(DPOP_NONCE, "n-1".parse()?);
/// assert_eq!(dpop::token_challenge(&answer).map(|n| n.as_str().to_owned()), Some("n-1".into()));
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
pub fn token_challenge(answer: &Response<Vec<u8>>) -> Option<ServerNonce> {
    let status = answer.status().as_u16();
    if status != 400 {
        return None;
    }
    let body = json::parse(answer.body()).ok()?;
    let refused = Refused::read(&body, status)?;
    match refused.code == USE_DPOP_NONCE {
        true => ServerNonce::read(answer.headers()),
        false => None,
    }
}

/// Reads the demand of an API for its nonce in the proof
/// ([RFC 9449 §9](https://www.rfc-editor.org/rfc/rfc9449#section-9)).
///
/// A page sees it only if the server exposes `WWW-Authenticate` and `DPoP-Nonce`.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::dpop::{self, DPOP_NONCE};
/// use http::header::WWW_AUTHENTICATE;
///
/// let mut answer = http::Response::new(Vec::new());
/// *answer.status_mut() = http::StatusCode::UNAUTHORIZED;
/// let headers = answer.headers_mut();
/// headers.insert(WWW_AUTHENTICATE, r#"DPoP error="use_dpop_nonce""#.parse()?);
/// headers.insert(DPOP_NONCE, "n-1".parse()?);
/// assert!(dpop::resource_challenge(&answer).is_some());
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
pub fn resource_challenge(answer: &Response<Vec<u8>>) -> Option<ServerNonce> {
    if answer.status().as_u16() != 401 {
        return None;
    }
    let challenges = challenges(answer.headers()).ok()?;
    let is_demand = challenges.iter().any(|challenge| {
        challenge.is("DPoP") && challenge.parameter("error") == Some(USE_DPOP_NONCE)
    });
    match is_demand {
        true => ServerNonce::read(answer.headers()),
        false => None,
    }
}

fn origin(url: &Url) -> Option<String> {
    let origin = url.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}
