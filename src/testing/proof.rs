//! Checks the proofs of keys that requests bear ([RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3)).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use ring::digest::{SHA256, digest};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;

use super::MemoryProvider;
use crate::oidc::dpop::{DPOP, DPOP_NONCE, PublicKey, Thumbprint};
use crate::port::{HttpRequest, HttpResponse};

/// How far the time in a proof may be off, in seconds.
const LEEWAY: i64 = 300;

/// Why a proof is none.
pub(super) enum Unproven {
    Invalid(&'static str),
    /// It lacks the nonce that the server gives.
    Nonce(String),
}

impl Unproven {
    /// The `error` of [RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5), and words for it.
    pub(super) fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Invalid(words) => ("invalid_dpop_proof", words),
            Self::Nonce(_) => ("use_dpop_nonce", "The proof needs a nonce of this server"),
        }
    }

    /// Adds the nonce to an answer that demands it.
    pub(super) fn demand(&self, answer: &mut HttpResponse) {
        if let Self::Nonce(nonce) = self {
            let nonce = HeaderValue::from_str(nonce).expect("nonces are of visible characters");
            answer.headers_mut().insert(DPOP_NONCE, nonce);
        }
    }
}

impl MemoryProvider {
    /// Returns the thumbprint of the key that a request proves, if it bears a proof.
    ///
    /// With an access token the proof must be one for it.
    pub(super) fn proven(
        &self,
        request: &HttpRequest,
        access_token: Option<&str>,
    ) -> Result<Option<String>, Unproven> {
        let mut proofs = request.headers().get_all(DPOP).iter();
        let proof = match (proofs.next(), proofs.next()) {
            (None, _) => return Ok(None),
            (Some(_), Some(_)) => return Err(Unproven::Invalid("there are two proofs")),
            (Some(proof), None) => proof.to_str().unwrap_or_default(),
        };
        let (key, claims) = signed(proof).ok_or(Unproven::Invalid("it is not signed by ES256"))?;
        let text = |name: &str| claims[name].as_str();
        if text("htm") != Some(request.method().as_str()) {
            return Err(Unproven::Invalid("it is for another method"));
        }
        let url = request.uri().to_string();
        if text("htu") != url.split('?').next() {
            return Err(Unproven::Invalid("it is for another address"));
        }
        let iat = claims["iat"].as_i64().unwrap_or_default();
        if self.now().seconds().abs_diff(iat) > LEEWAY.unsigned_abs() {
            return Err(Unproven::Invalid("it is of another time"));
        }
        let ath = access_token.map(|token| base64url_sha256(token.as_bytes()));
        if text("ath") != ath.as_deref() {
            return Err(Unproven::Invalid("it is for another access token"));
        }
        if let Some(nonce) = &self.rules.borrow().dpop_nonce
            && text("nonce") != Some(nonce)
        {
            return Err(Unproven::Nonce(nonce.clone()));
        }
        let jti = text("jti").unwrap_or_default().to_owned();
        if jti.is_empty() || !self.proofs.borrow_mut().insert(jti) {
            return Err(Unproven::Invalid("it was used before"));
        }
        Ok(Some(key))
    }
}

/// Returns the thumbprint of the key that signed a proof, and what the proof says.
fn signed(proof: &str) -> Option<(String, Value)> {
    let (message, signature) = proof.rsplit_once('.')?;
    let (header, claims) = message.split_once('.')?;
    let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
    let jwk = &header["jwk"];
    let is_known = header["typ"] == "dpop+jwt"
        && header["alg"] == "ES256"
        && jwk["kty"] == "EC"
        && jwk["crv"] == "P-256"
        && jwk.get("d").is_none();
    if !is_known {
        return None;
    }
    let mut point = vec![4];
    point.extend(decode(jwk["x"].as_str()?)?);
    point.extend(decode(jwk["y"].as_str()?)?);
    let thumbprint = PublicKey::from_sec1(&point)?.thumbprint_input();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point)
        .verify(message.as_bytes(), &decode(signature)?)
        .ok()?;
    let claims = serde_json::from_slice(&decode(claims)?).ok()?;
    let digest = digest(&SHA256, thumbprint.as_bytes());
    let digest = digest.as_ref().try_into().ok()?;
    Some((Thumbprint::from_digest(digest).as_str().to_owned(), claims))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

pub(super) fn base64url_sha256(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, bytes))
}
