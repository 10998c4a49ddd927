//! Proofs of a key as requests bear them, and the access tokens bound to a key.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use url::Url;

use crate::dpop::{Expected, Unproven};
use crate::http::form::denied;
use crate::http::gate::text;
use crate::http::place::Published;
use crate::http::visit::Stop;
use crate::module::{Twist, inverted};
use crate::tenant::Shared;

/// The header of a request that bears a proof.
pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");
/// The header of an answer that brings a nonce.
pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// What a request says of itself, for its proof to be compared with.
pub(crate) struct Asked {
    method: String,
    url: String,
    proofs: Vec<String>,
    is_anonymous: bool,
    credentials: Option<Credentials>,
}

/// The token of an `Authorization` header.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) token: String,
    scheme: Scheme,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Dpop,
}

/// Why a token is refused although it is good ([RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)).
pub(crate) struct Challenge {
    pub(crate) description: &'static str,
    scheme: &'static str,
    error: &'static str,
    nonce: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let host = text(&parts.headers, header::HOST).unwrap_or_default();
        let published = parts.extensions.get::<Published>();
        let path = published.map_or_else(|| parts.uri.path(), |Published(path)| path);
        let proofs = parts.headers.get_all(DPOP).iter();
        Ok(Self {
            method: parts.method.to_string(),
            url: format!("http://{host}{path}"),
            proofs: proofs
                .map(|proof| proof.to_str().unwrap_or_default().to_owned())
                .collect(),
            is_anonymous: !parts.headers.contains_key(header::AUTHORIZATION),
            credentials: credentials(&parts.headers),
        })
    }
}

impl Asked {
    /// Whether the request bears no credentials at all.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.is_anonymous
    }

    /// The token that the request bears, by a scheme that is known here.
    pub(crate) fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// The thumbprint of the key that a request for tokens proves; `None` without a proof.
    pub(crate) fn key(&self, app: &Shared) -> Result<Option<String>, Stop> {
        if self.proofs.is_empty() {
            return Ok(None);
        }
        let nonce = app.proofs.nonces.demand().token;
        match self.check(app, None, nonce) {
            Ok(thumbprint) => Ok(Some(thumbprint)),
            Err(Unproven::Invalid(text)) => Err(denied(400, "invalid_dpop_proof", text)),
            Err(Unproven::UseNonce) => {
                let text = "Authorization server requires nonce in DPoP proof";
                let mut response = denied(400, "use_dpop_nonce", text).into_response();
                give_nonce(response.headers_mut(), &app.proofs.nonces.current());
                Err(Stop::with(response))
            }
        }
    }

    /// Refuses the token that the request bears, by its own scheme.
    pub(crate) fn invalid_token(&self, description: &'static str) -> Challenge {
        let is_proven = |credentials: &Credentials| credentials.scheme == Scheme::Dpop;
        Challenge {
            scheme: match self.credentials.as_ref().is_some_and(is_proven) {
                true => "DPoP",
                false => "Bearer",
            },
            error: "invalid_token",
            description,
            nonce: None,
        }
    }

    /// Lets a token through by its own scheme alone, and one that is bound to a key with a proof of that key.
    pub(crate) fn check_binding(
        &self,
        app: &Shared,
        bound_to: Option<&str>,
    ) -> Result<(), Challenge> {
        let refuse = |error, description| {
            Err(Challenge {
                scheme: "DPoP",
                error,
                description,
                nonce: None,
            })
        };
        let Some(credentials) = &self.credentials else {
            return refuse("invalid_token", "There is no token");
        };
        match (credentials.scheme, bound_to) {
            (Scheme::Bearer, None) => Ok(()),
            (Scheme::Bearer, Some(_)) => {
                refuse("invalid_token", "The token is bound to a DPoP key")
            }
            (Scheme::Dpop, None) => refuse("invalid_token", "The token is bound to no DPoP key"),
            (Scheme::Dpop, Some(key)) => {
                let nonce = app.proofs.nonces.demand().resources;
                match self.check(app, Some(&credentials.token), nonce) {
                    Ok(thumbprint) if thumbprint == key => Ok(()),
                    Ok(_) => refuse("invalid_token", "Invalid DPoP key binding"),
                    Err(Unproven::Invalid(text)) => refuse("invalid_dpop_proof", text),
                    Err(Unproven::UseNonce) => Err(Challenge {
                        scheme: "DPoP",
                        error: "use_dpop_nonce",
                        description: "Resource server requires nonce in DPoP proof",
                        nonce: Some(app.proofs.nonces.current()),
                    }),
                }
            }
        }
    }

    fn check(
        &self,
        app: &Shared,
        access_token: Option<&str>,
        nonce: bool,
    ) -> Result<String, Unproven> {
        let [proof] = &*self.proofs else {
            return Err(Unproven::Invalid("There is not exactly one DPoP proof"));
        };
        let expected = Expected {
            method: &self.method,
            url: &self.url,
            access_token,
            now: app.clock.now(),
            nonce,
        };
        let mut broken = Vec::new();
        let proven = app.proofs.check(proof, &expected, &mut broken);
        if let Err(Unproven::Invalid(rule)) = &proven {
            broken.push(rule);
        }
        let path =
            Url::parse(&self.url).map_or_else(|_| String::new(), |url| url.path().to_owned());
        app.breaches.note(&path, broken);
        proven
    }
}

impl Challenge {
    /// Adds the challenge to an answer, which becomes a 401.
    pub(crate) fn put_on(self, app: &Shared, body: impl IntoResponse) -> Response {
        let mut response = (StatusCode::UNAUTHORIZED, body).into_response();
        let Self {
            error, description, ..
        } = self;
        let scheme = match app.course.has(&Twist::SchemeCase) {
            true => inverted(self.scheme),
            false => self.scheme.to_owned(),
        };
        let challenge =
            format!(r#"{scheme} error="{error}", error_description="{description}", algs="ES256""#);
        let headers = response.headers_mut();
        if let Ok(challenge) = HeaderValue::try_from(challenge) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(nonce) = self.nonce {
            give_nonce(headers, &nonce);
        }
        response
    }
}

/// Brings the next nonce with the answer to a proof, where the tenant is set to.
pub(crate) fn renew_nonce(app: &Shared, path: &str, headers: &mut HeaderMap) {
    let demand = app.proofs.nonces.demand();
    let demanded = match path.starts_with("/oauth/") {
        true => demand.token,
        false => demand.resources,
    };
    if demanded && demand.renewed && !headers.contains_key(DPOP_NONCE) {
        give_nonce(headers, &app.proofs.nonces.renew());
    }
}

/// The thumbprint of the key a token is bound to
/// ([RFC 9449 §6.1](https://www.rfc-editor.org/rfc/rfc9449#section-6.1)).
pub(crate) fn bound_to(claims: &Map<String, Value>) -> Option<&str> {
    claims.get("cnf")?.get("jkt")?.as_str()
}

fn give_nonce(headers: &mut HeaderMap, nonce: &str) {
    if let Ok(nonce) = HeaderValue::try_from(nonce) {
        headers.insert(DPOP_NONCE, nonce);
    }
}

/// Reads an `Authorization` header; the scheme's case does not matter.
fn credentials(headers: &HeaderMap) -> Option<Credentials> {
    let value = text(headers, header::AUTHORIZATION)?;
    let (scheme, token) = value.split_once(' ')?;
    let scheme = [("bearer", Scheme::Bearer), ("dpop", Scheme::Dpop)]
        .into_iter()
        .find(|(name, _)| scheme.eq_ignore_ascii_case(name))
        .map(|(_, scheme)| scheme)?;
    let token = token.trim();
    (!token.is_empty()).then(|| Credentials {
        token: token.to_owned(),
        scheme,
    })
}
