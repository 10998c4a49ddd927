//! A login that waits for its ID token, and a token that suits it.

use std::time::Duration;

use dioxus_auth0::oidc::Jws;
use dioxus_auth0::oidc::id_token::{Expected, IdTokenError};
use dioxus_auth0::secret::{IdToken, Nonce};
use dioxus_auth0::time::UnixTime;
use dioxus_auth0::user::Claims;
use serde_json::{Value, json};

use crate::support::{Signer, is_genuine, keys};

pub(crate) const ISSUER: &str = "https://tenant.auth0.com/";
pub(crate) const CLIENT: &str = "client-1";
pub(crate) const NOW: i64 = 1_700_000_000;

/// What the login under test expects; each test changes what it is about.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) nonce: Option<Nonce>,
    pub(crate) leeway: u64,
    pub(crate) max_age: Option<u64>,
    pub(crate) organization: Option<&'static str>,
}

impl Default for Login {
    fn default() -> Self {
        Self {
            nonce: Some(Nonce::new("nonce-1")),
            leeway: 60,
            max_age: None,
            organization: None,
        }
    }
}

impl Login {
    pub(crate) fn expected(&self) -> Expected<'_> {
        Expected {
            issuer: ISSUER,
            client_id: CLIENT,
            nonce: self.nonce.as_ref(),
            now: UnixTime::from_seconds(NOW),
            leeway: Duration::from_secs(self.leeway),
            max_age: self.max_age.map(Duration::from_secs),
            organization: self.organization,
        }
    }

    pub(crate) fn read(&self, claims: &Value) -> Result<Claims, IdTokenError> {
        self.read_token(&Signer::provider().sign(claims))
    }

    pub(crate) fn read_token(&self, token: &IdToken) -> Result<Claims, IdTokenError> {
        let keys = keys(&[Signer::provider().jwk()]);
        let jws = Jws::parse(token)?;
        let genuine = is_genuine(&jws, &keys.candidates(jws.kid()));
        jws.verify_with(genuine)?.claims(&self.expected())
    }
}

pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "auth0|ada", "aud": CLIENT, "exp": NOW + 3600, "iat": NOW,
        "nonce": "nonce-1", "name": "Ada Lovelace",
    })
}

pub(crate) fn with(claim: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[claim] = value;
    claims
}

pub(crate) fn without(claim: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(claim);
    claims
}

pub(crate) fn read(claims: &Value) -> Result<Claims, IdTokenError> {
    Login::default().read(claims)
}

pub(crate) fn mismatch(
    claim: &'static str,
    expected: &str,
    found: &str,
) -> Result<Claims, IdTokenError> {
    Err(IdTokenError::Mismatch {
        claim,
        expected: expected.into(),
        found: found.into(),
    })
}
