//! Keys that nothing is signed with, as the conformance suite publishes them beside the right one: of other kinds, under
//! the same name. All are examples of the standards, their private halves public.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

use crate::error::Error;

/// The key of [RFC 7517 A.1](https://www.rfc-editor.org/rfc/rfc7517#appendix-A.1): `x`, `y` and `d`.
const EC: [&str; 3] = [
    "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
];

/// The modulus of the other key there.
const RSA: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3\
    oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qM\
    QvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnq\
    DKgw";

/// The key of [RFC 8037 A.2](https://www.rfc-editor.org/rfc/rfc8037#appendix-A.2).
const ED25519: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

/// Keys for EdDSA, ES256 and PS256 under this name.
pub(super) fn named(kid: &str) -> [Value; 3] {
    let [x, y, _] = EC;
    [
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": ED25519 }),
        json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": x, "y": y }),
        json!({ "kty": "RSA", "alg": "PS256", "use": "sig", "kid": kid, "n": RSA, "e": "AQAB" }),
    ]
}

/// The decoy for ES256, to sign with.
pub(super) fn es256() -> Result<EncodingKey, Error> {
    let failed = |_| Error::Key { what: "read" };
    let bytes = |text: &str| {
        URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| Error::Key { what: "read" })
    };
    let [x, y, d] = EC.map(bytes);
    let point = [vec![4], x?, y?].concat();
    let pair = EcdsaKeyPair::from_private_key_and_public_key(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        &d?,
        &point,
    )
    .map_err(|_| Error::Key { what: "read" })?;
    let der = pair.to_pkcs8v1().map_err(failed)?;
    Ok(EncodingKey::from_ec_der(der.as_ref()))
}
