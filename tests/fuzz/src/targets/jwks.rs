//! The provider's keys.

use dioxus_auth0::oidc::Jwks;
use serde_json::Value;

/// Every key that is taken may verify RS256 and is of a sane size, and the set is read back from the cache as it was.
pub fn run(bytes: &[u8]) {
    let Ok(keys) = Jwks::from_bytes(bytes) else {
        return;
    };
    let all = keys.candidates(None);
    for key in &all {
        let first = *key.n.first().expect("a modulus has bytes");
        let bits = key.n.len() * 8 - first.leading_zeros() as usize;
        assert!((2048..=8192).contains(&bits), "{bits}");
        assert!((1..=4).contains(&key.e.len()) && key.e != [1]);
        assert!(key.e.last().is_some_and(|byte| byte % 2 == 1));
        if let Some(kid) = key.kid.as_deref() {
            let named = keys.candidates(Some(kid));
            assert!(named.contains(key));
            assert!(named.iter().all(|named| named.kid.as_deref() == Some(kid)));
        }
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value: Value = serde_json::from_slice(text).expect("what is accepted is JSON");
    let given = value["keys"].as_array().expect("it is an array");
    assert!(all.len() <= given.iter().filter(|key| key["kty"] == "RSA").count());
    assert_eq!(Jwks::parse(&keys.to_value()), Ok(keys));
}
