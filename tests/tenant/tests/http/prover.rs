//! A client's key and its proofs.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(crate) struct Prover {
    pair: EcdsaKeyPair,
}

/// A proof before it is signed; tests spoil it.
pub(crate) struct Proof {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Prover {
    pub(crate) fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        Self { pair }
    }

    pub(crate) fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "x": number(&point[1..33]), "y": number(&point[33..]) })
    }

    pub(crate) fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let input = format!(
            r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#,
            jwk["x"], jwk["y"]
        );
        hash(&input)
    }

    pub(crate) fn draft(&self, method: &str, url: &str) -> Proof {
        let mut jti = [0; 12];
        aws_lc_rs::rand::fill(&mut jti).expect("random bytes");
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a time");
        Proof {
            header: json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() }),
            claims: json!({
                "jti": URL_SAFE_NO_PAD.encode(jti),
                "htm": method,
                "htu": url,
                "iat": now.as_secs(),
            }),
        }
    }

    pub(crate) fn sign(&self, proof: &Proof) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(&proof.header), part(&proof.claims));
        let signature = self
            .pair
            .sign(&SystemRandom::new(), input.as_bytes())
            .expect("a signature");
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A good proof.
    pub(crate) fn proof(&self, method: &str, url: &str) -> String {
        self.sign(&self.draft(method, url))
    }

    /// A good proof with a nonce.
    pub(crate) fn with_nonce(&self, method: &str, url: &str, nonce: &str) -> String {
        let mut draft = self.draft(method, url);
        draft.claims["nonce"] = nonce.into();
        self.sign(&draft)
    }

    /// A good proof for a request that bears this token.
    pub(crate) fn bearing(&self, method: &str, url: &str, token: &str) -> Proof {
        let mut draft = self.draft(method, url);
        draft.claims["ath"] = hash(token).into();
        draft
    }
}

fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}
