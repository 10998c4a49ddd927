//! The key that a provider in memory signs with.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use serde_json::{Value, json};

/// A key pair that everybody knows; it guards nothing and must never be trusted by anything but a test.
static PAIR: LazyLock<RsaKeyPair> = LazyLock::new(|| {
    RsaKeyPair::from_pkcs8(include_bytes!("provider.der")).expect("the test key is RSA in PKCS #8")
});

/// Publishes the key under the name `kid`.
pub(super) fn jwks(kid: &str) -> Value {
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(PAIR.public_key());
    json!({"keys": [{
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": kid,
        "n": URL_SAFE_NO_PAD.encode(&public.n),
        "e": URL_SAFE_NO_PAD.encode(&public.e),
    }]})
}

/// Signs by `RS256`, which has no chance in it: equal claims make equal tokens.
pub(super) fn sign(kid: &str, claims: &Value) -> String {
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": kid });
    let message = [header, claims.clone()].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let message = message.join(".");
    let mut signature = vec![0; PAIR.public().modulus_len()];
    PAIR.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message.as_bytes(),
        &mut signature,
    )
    .expect("the signature has the length of the modulus");
    [message, URL_SAFE_NO_PAD.encode(signature)].join(".")
}

/// Breaks the signature of a token, and nothing else.
pub(super) fn forge(token: &str) -> String {
    let (message, _) = token.rsplit_once('.').unwrap_or_default();
    let signature = vec![1; PAIR.public().modulus_len()];
    [message, &URL_SAFE_NO_PAD.encode(signature)].join(".")
}
