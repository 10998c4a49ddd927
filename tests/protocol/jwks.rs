use dioxus_auth0::json::JsonError;
use dioxus_auth0::oidc::{Jwks, JwksError};
use serde_json::{Value, json};

use crate::support::{Signer, encode, keys};

fn provider() -> Value {
    Signer::provider().jwk()
}

fn with(member: &str, value: Value) -> Value {
    let mut jwk = provider();
    jwk[member] = value;
    jwk
}

fn without(member: &str) -> Value {
    let mut jwk = provider();
    jwk.as_object_mut().unwrap().remove(member);
    jwk
}

fn count(jwks: &[Value]) -> usize {
    keys(jwks).candidates(None).len()
}

#[test]
fn a_set_that_is_none_is_rejected() {
    for (text, refused) in [
        ("<html>", JsonError::Html),
        ("[]", JsonError::NotAnObject { found: "an array" }),
        (
            "{}",
            JsonError::Missing {
                member: "keys",
                expected: "an array",
            },
        ),
        (
            r#"{"keys":{}}"#,
            JsonError::WrongType {
                member: "keys",
                expected: "an array",
                found: "an object",
            },
        ),
        (
            r#"{"keys":[],"keys":[]}"#,
            JsonError::Duplicate {
                member: "keys".into(),
            },
        ),
    ] {
        assert_eq!(
            Jwks::from_bytes(text.as_bytes()),
            Err(JwksError::Json(refused)),
            "{text}"
        );
    }
}

#[test]
fn a_key_for_another_use_is_left_out() {
    for jwk in [
        with("kty", "EC".into()),
        with("kty", "oct".into()),
        with("kty", Value::Null),
        without("kty"),
        with("use", "enc".into()),
        with("use", json!(1)),
        with("alg", "PS256".into()),
        with("alg", "RS512".into()),
        with("alg", "none".into()),
        with("key_ops", json!(["sign"])),
        with("key_ops", json!([])),
        with("key_ops", json!("verify")),
        with("kid", json!(1)),
        without("n"),
        without("e"),
        with("n", "not base64url!".into()),
        with("n", json!(1)),
        with("e", "".into()),
        with("e", encode(&[0]).into()),
        with("e", encode(&[1]).into()),
        with("e", encode(&[2]).into()),
        with("e", encode(&[1; 9]).into()),
        json!("text"),
        json!(null),
        json!([]),
    ] {
        assert_eq!(count(std::slice::from_ref(&jwk)), 0, "{jwk}");
    }
}

#[test]
fn a_modulus_below_2048_bits_is_left_out() {
    let mut modulus = [0xff; 256];
    modulus[0] = 0x7f;
    assert_eq!(count(&[with("n", encode(&modulus).into())]), 0);
    assert_eq!(count(&[with("n", encode(&[0xff; 128]).into())]), 0);
    let mut padded = [0; 256];
    padded[128..].fill(0xff);
    assert_eq!(count(&[with("n", encode(&padded).into())]), 0);

    modulus[0] = 0x80;
    assert_eq!(count(&[with("n", encode(&modulus).into())]), 1);
}

#[test]
fn a_modulus_beyond_reason_is_left_out() {
    assert_eq!(count(&[with("n", encode(&[0xff; 1025]).into())]), 0);
    assert_eq!(count(&[with("n", encode(&[0xff; 1024]).into())]), 1);
}

#[test]
fn a_kid_shared_with_keys_of_other_kinds_finds_the_rsa_key() {
    let decoys = [
        json!({"kty": "OKP", "kid": "provider", "crv": "Ed25519", "x": "AA", "alg": "EdDSA"}),
        json!({"kty": "EC", "kid": "provider", "crv": "P-256", "x": "AA", "y": "AA"}),
        with("alg", "PS256".into()),
        provider(),
    ];
    let set = keys(&decoys);
    let found = set.candidates(Some("provider"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].n_base64url(), provider()["n"].as_str().unwrap());
}

#[test]
fn an_unknown_kid_finds_nothing() {
    let set = keys(&[provider(), without("kid")]);
    for kid in ["", "provider1", "Provider"] {
        assert!(set.candidates(Some(kid)).is_empty(), "{kid}");
    }
}

#[test]
fn no_kid_finds_every_usable_key() {
    let set = keys(&[
        provider(),
        Signer::stranger().jwk(),
        with("use", "enc".into()),
    ]);
    assert_eq!(set.candidates(None).len(), 2);
}

#[test]
fn a_bare_key_is_usable() {
    let bare = json!({"kty": "RSA", "n": provider()["n"], "e": "AQAB"});
    let set = keys(&[bare]);
    let key = set.candidates(None)[0];
    assert_eq!(key.kid, None);
    assert_eq!(key.e, [1, 0, 1]);
    assert_eq!(key.e_base64url(), "AQAB");
    assert_eq!(key.n.len(), 256);
}

#[test]
fn leading_zeros_are_dropped() {
    let plain = keys(&[provider()]);
    let mut padded = vec![0];
    padded.extend(&plain.candidates(None)[0].n);
    assert_eq!(keys(&[with("n", encode(&padded).into())]), plain);
}

#[test]
fn what_the_cache_holds_reads_back_alike_and_has_no_private_part() {
    let set = keys(&[with("d", "AQAB".into()), without("kid")]);
    let stored = set.to_value();
    assert!(!stored.to_string().contains("\"d\""));
    assert_eq!(Jwks::parse(&stored), Ok(set));
}
