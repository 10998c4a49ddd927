//! Proofs of a key ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)), without HTTP.

mod nonces;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};
use url::Url;

use crate::clock::Seconds;
use crate::random::sha256;

pub use nonces::DpopNonces;
pub(crate) use nonces::Nonces;

/// How far a proof's clock may be from the tenant's.
const DRIFT_SECONDS: Seconds = 300;

/// What a proof has to be about.
#[derive(Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) method: &'a str,
    /// The URL of the request, without its query.
    pub(crate) url: &'a str,
    /// The access token that the request bears.
    pub(crate) access_token: Option<&'a str>,
    pub(crate) now: Seconds,
    /// Whether the proof must carry a nonce of the tenant's.
    pub(crate) nonce: bool,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unproven {
    Invalid(&'static str),
    UseNonce,
}

/// What the tenant remembers of proofs.
#[derive(Debug)]
pub(crate) struct Proofs {
    pub(crate) nonces: Nonces,
    /// Until when each proof would still be taken, by key and `jti`.
    seen: Mutex<HashMap<String, Seconds>>,
}

impl Proofs {
    pub(crate) fn new(demand: DpopNonces) -> Self {
        Self {
            nonces: Nonces::new(demand),
            seen: Mutex::default(),
        }
    }

    /// Checks a proof in the order of [RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3) and returns
    /// the thumbprint of its key.
    ///
    /// A proof with a good signature is used up, whatever else is wrong with it. The rules that it breaks beside that go to
    /// `breaches`.
    pub(crate) fn check(
        &self,
        proof: &str,
        expected: &Expected<'_>,
        breaches: &mut Vec<&'static str>,
    ) -> Result<String, Unproven> {
        let key = Key::of(proof)?;
        let claims = key.verify(proof)?;
        let word = |name: &str| claims.get(name).and_then(Value::as_str);
        let jti = word("jti")
            .filter(|jti| !jti.is_empty())
            .ok_or(Unproven::Invalid("The DPoP proof has no jti"))?;
        let iat = claims
            .get("iat")
            .and_then(Value::as_i64)
            .ok_or(Unproven::Invalid("The DPoP proof has no iat"))?;
        let thumbprint = key.thumbprint();
        if !self.is_first(&format!("{thumbprint}.{jti}"), iat, expected.now) {
            return Err(Unproven::Invalid("The DPoP proof was used before"));
        }
        if word("htm") != Some(expected.method) {
            return Err(Unproven::Invalid("The DPoP proof is for another htm"));
        }
        if !word("htu").is_some_and(|htu| names(htu, expected.url)) {
            return Err(Unproven::Invalid("The DPoP proof is for another htu"));
        }
        if iat.abs_diff(expected.now) > DRIFT_SECONDS.unsigned_abs() {
            return Err(Unproven::Invalid("The DPoP proof's iat is not of now"));
        }
        if let Some(token) = expected.access_token
            && word("ath") != Some(&sha256(token.as_bytes()))
        {
            return Err(Unproven::Invalid("The DPoP proof is for another ath"));
        }
        if expected.access_token.is_none() && claims.contains_key("ath") {
            breaches.push("a proof has an ath beside an access token only");
        }
        let last = self.nonces.last_given();
        if last.is_some() && word("nonce") != last.as_deref() {
            breaches.push("a proof has the nonce that was given last");
        }
        if expected.nonce && !word("nonce").is_some_and(|nonce| self.nonces.knows(nonce)) {
            return Err(Unproven::UseNonce);
        }
        Ok(thumbprint)
    }

    fn is_first(&self, proof: &str, iat: Seconds, now: Seconds) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // Tests move the clock both ways, so a proof is kept by the later of its time and now.
        seen.retain(|_, until| *until >= now);
        let until = iat.max(now).saturating_add(DRIFT_SECONDS);
        seen.insert(proof.to_owned(), until).is_none()
    }
}

/// The public key in a proof's header.
struct Key {
    x: String,
    y: String,
}

impl Key {
    fn of(proof: &str) -> Result<Self, Unproven> {
        let malformed = Unproven::Invalid("The DPoP proof is no JWT");
        let header = proof.split('.').next().ok_or(malformed)?;
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| malformed)?;
        let header: Map<String, Value> = serde_json::from_slice(&header).map_err(|_| malformed)?;
        let word = |name: &str| header.get(name).and_then(Value::as_str);
        if word("typ") != Some("dpop+jwt") {
            return Err(Unproven::Invalid("The DPoP proof's typ is not dpop+jwt"));
        }
        if word("alg") != Some("ES256") {
            return Err(Unproven::Invalid("The DPoP proof's alg is not ES256"));
        }
        if header.contains_key("crit") {
            return Err(Unproven::Invalid("The DPoP proof has a critical header"));
        }
        let Some(Value::Object(jwk)) = header.get("jwk") else {
            return Err(Unproven::Invalid("The DPoP proof has no jwk"));
        };
        if jwk.contains_key("d") {
            return Err(Unproven::Invalid("The DPoP proof's jwk is private"));
        }
        let word = |name: &str| jwk.get(name).and_then(Value::as_str);
        match (word("kty"), word("crv"), word("x"), word("y")) {
            (Some("EC"), Some("P-256"), Some(x), Some(y)) => Ok(Self {
                x: x.to_owned(),
                y: y.to_owned(),
            }),
            _ => Err(Unproven::Invalid("The DPoP proof's jwk is not of P-256")),
        }
    }

    fn verify(&self, proof: &str) -> Result<Map<String, Value>, Unproven> {
        let key = DecodingKey::from_ec_components(&self.x, &self.y)
            .map_err(|_| Unproven::Invalid("The DPoP proof's jwk is not of P-256"))?;
        let mut validation = Validation::new(Algorithm::ES256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        jsonwebtoken::decode::<Map<String, Value>>(proof, &key, &validation)
            .map(|data| data.claims)
            .map_err(|_| Unproven::Invalid("The DPoP proof's signature is wrong"))
    }

    /// The thumbprint of [RFC 7638 §3](https://www.rfc-editor.org/rfc/rfc7638#section-3).
    fn thumbprint(&self) -> String {
        let Self { x, y } = self;
        sha256(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#).as_bytes())
    }
}

/// Compares URLs as URLs; an `htu` has neither query nor fragment.
fn names(htu: &str, url: &str) -> bool {
    let (Ok(htu), Ok(url)) = (Url::parse(htu), Url::parse(url)) else {
        return false;
    };
    htu == url
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The proof of <https://www.rfc-editor.org/rfc/rfc9449#section-7.1>, figure 13.
    const PROOF: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklD\
        UkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2\
        R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM\
        6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8\
        ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1ple\
        mAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";

    /// What that proof is about.
    const EXPECTED: Expected<'_> = Expected {
        method: "GET",
        url: "https://resource.example.org/protectedresource",
        access_token: Some("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"),
        now: 1_562_262_618,
        nonce: false,
    };

    fn check(proofs: &Proofs, proof: &str) -> Result<String, Unproven> {
        let mut breaches = Vec::new();
        let proven = proofs.check(proof, &EXPECTED, &mut breaches);
        assert!(breaches.is_empty());
        proven
    }

    #[test]
    fn the_proof_of_rfc_9449_proves_its_key_once() {
        let proofs = Proofs::new(DpopNonces::default());
        let thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
        assert_eq!(check(&proofs, PROOF), Ok(thumbprint.to_owned()));
        let used = Unproven::Invalid("The DPoP proof was used before");
        assert_eq!(check(&proofs, PROOF), Err(used));
    }

    #[test]
    fn a_proof_with_another_signature_proves_nothing_and_is_not_used_up() {
        let proofs = Proofs::new(DpopNonces::default());
        let wrong = Unproven::Invalid("The DPoP proof's signature is wrong");
        let spoilt = PROOF.replace(".2oW9", ".2oW8");
        assert_eq!(check(&proofs, &spoilt), Err(wrong));
        assert!(check(&proofs, PROOF).is_ok());
    }

    #[test]
    fn an_htu_is_compared_as_a_url() {
        let here = "http://127.0.0.1:80/oauth/token";
        assert!(names("HTTP://127.0.0.1/oauth/token", here));
        assert!(!names("http://127.0.0.1/oauth/token?a=b", here));
        assert!(!names("http://127.0.0.1/oauth/token#", here));
        assert!(!names("http://localhost/oauth/token", here));
        assert!(!names("/oauth/token", here));
    }
}
