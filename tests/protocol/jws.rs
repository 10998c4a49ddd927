use dioxus_auth0::json::JsonError;
use dioxus_auth0::oidc::{IdTokenError, Jwks, Jws};
use dioxus_auth0::secret::IdToken;
use serde_json::{Value, json};

use crate::login::{ISSUER, Login, claims, mismatch, with};
use crate::support::{Signer, encode, is_genuine, keys};

/// <https://www.rfc-editor.org/rfc/rfc7515#appendix-A.2>
#[test]
fn the_vector_of_rfc_7515_appendix_a_2_holds() {
    let keys = Jwks::parse(&json!({ "keys": [{
        "kty": "RSA",
        "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
        "e": "AQAB",
    }] }))
    .unwrap();
    let token = IdToken::new(
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
    );
    let jws = Jws::parse(&token).unwrap();
    assert_eq!(jws.kid(), None);
    assert_eq!(&jws.signature()[..4], [112, 46, 33, 137]);
    assert!(is_genuine(&jws, &keys.candidates(None)));
    assert!(!is_genuine(
        &jws,
        &crate::support::keys(&[Signer::provider().jwk()]).candidates(None)
    ));

    // Its claims are no ID token's: the issuer is another, and there is no subject.
    let claims = jws
        .verify_with(true)
        .unwrap()
        .claims(&Login::default().expected());
    assert_eq!(claims, mismatch("iss", ISSUER, "joe"));
}

#[test]
fn a_token_of_other_than_three_parts_is_rejected() {
    for (text, found) in [
        ("", 1),
        ("a", 1),
        ("a.b", 2),
        ("a.b.c.d", 4),
        ("a.b.c.d.e", 5),
    ] {
        let token = IdToken::new(text);
        let refused = Jws::parse(&token).map(|_| ());
        assert_eq!(refused, Err(IdTokenError::Parts { found }), "{text}");
    }
}

#[test]
fn a_part_that_cannot_be_decoded_is_rejected() {
    let header = encode(br#"{"alg":"RS256"}"#);
    let not_json = encode(b"<html>");
    let array = encode(b"[]");
    let twice = encode(br#"{"alg":"RS256","alg":"none"}"#);
    for (text, refused) in [
        (
            "!.e30.AA".to_owned(),
            IdTokenError::Encoding { part: "header" },
        ),
        (
            "e30=.e30.AA".to_owned(),
            IdTokenError::Encoding { part: "header" },
        ),
        (
            format!("{header}.e30.A+"),
            IdTokenError::Encoding { part: "signature" },
        ),
        (
            format!("{header}.e30.AB"),
            IdTokenError::Encoding { part: "signature" },
        ),
        (
            ".e30.AA".to_owned(),
            IdTokenError::Json {
                part: "header",
                source: JsonError::Empty,
            },
        ),
        (
            format!("{not_json}.e30.AA"),
            IdTokenError::Json {
                part: "header",
                source: JsonError::Html,
            },
        ),
        (
            format!("{array}.e30.AA"),
            IdTokenError::Json {
                part: "header",
                source: JsonError::NotAnObject { found: "an array" },
            },
        ),
        (
            format!("{twice}.e30.AA"),
            IdTokenError::Json {
                part: "header",
                source: JsonError::Duplicate {
                    member: "alg".into(),
                },
            },
        ),
    ] {
        let token = IdToken::new(text.as_str());
        assert_eq!(Jws::parse(&token).map(|_| ()), Err(refused), "{text}");
    }
}

#[test]
fn every_algorithm_but_rs256_is_rejected() {
    for alg in [
        "none", "None", "HS256", "ES256", "PS256", "RS384", "RS512", "EdDSA", "rs256", "RS256 ", "",
    ] {
        let token = Signer::provider().sign_with(&json!({ "alg": alg }), &claims());
        let found = alg.trim().into();
        assert_eq!(
            Login::default().read_token(&token),
            Err(IdTokenError::Algorithm { found }),
            "{alg}"
        );
    }
    let token = Signer::provider().sign_with(&json!({}), &claims());
    let found = String::new();
    assert_eq!(
        Login::default().read_token(&token),
        Err(IdTokenError::Algorithm { found })
    );
}

#[test]
fn an_unsigned_token_is_rejected() {
    let header = encode(br#"{"alg":"RS256","kid":"provider"}"#);
    let payload = encode(claims().to_string().as_bytes());
    let token = IdToken::new(format!("{header}.{payload}."));
    assert_eq!(
        Login::default().read_token(&token),
        Err(IdTokenError::Signature)
    );
}

#[test]
fn critical_extensions_are_rejected() {
    for crit in [json!(["exp"]), json!([]), Value::Null] {
        let header = json!({ "alg": "RS256", "kid": "provider", "crit": crit, "exp": 1 });
        let token = Signer::provider().sign_with(&header, &claims());
        assert_eq!(
            Login::default().read_token(&token),
            Err(IdTokenError::Critical)
        );
    }
}

#[test]
fn a_token_made_for_another_use_is_rejected() {
    for found in ["at+jwt", "logout+JWT", "application/at+jwt", "dpop+jwt"] {
        let header = json!({ "alg": "RS256", "kid": "provider", "typ": found });
        let token = Signer::provider().sign_with(&header, &claims());
        let found = found.into();
        assert_eq!(
            Login::default().read_token(&token),
            Err(IdTokenError::Type { found })
        );
    }
}

#[test]
fn the_signature_of_a_stranger_is_rejected() {
    let header = json!({ "alg": "RS256", "kid": "provider" });
    let token = Signer::stranger().sign_with(&header, &claims());
    assert_eq!(
        Login::default().read_token(&token),
        Err(IdTokenError::Signature)
    );
}

#[test]
fn an_altered_token_is_rejected() {
    let token = Signer::provider().sign(&claims());
    let parts: Vec<&str> = token.expose().split('.').collect();
    let payload = encode(with("sub", "auth0|mallory".into()).to_string().as_bytes());
    let altered = IdToken::new([parts[0], &payload, parts[2]].join("."));
    assert_eq!(
        Login::default().read_token(&altered),
        Err(IdTokenError::Signature)
    );

    let jws = Jws::parse(&token).unwrap();
    let mut signature = jws.signature().to_vec();
    signature[0] ^= 0x5a;
    let altered = IdToken::new([parts[0], parts[1], &encode(&signature)].join("."));
    assert_eq!(
        Login::default().read_token(&altered),
        Err(IdTokenError::Signature)
    );
}

#[test]
fn an_unknown_kid_has_no_key_to_verify_with() {
    let token = Signer::provider().sign_with(&json!({ "alg": "RS256", "kid": "other" }), &claims());
    assert_eq!(
        Login::default().read_token(&token),
        Err(IdTokenError::Signature)
    );
}

#[test]
fn a_token_without_a_kid_is_tried_with_every_key() {
    let token = Signer::provider().sign_with(&json!({ "alg": "RS256" }), &claims());
    let set = keys(&[Signer::stranger().jwk(), Signer::provider().jwk()]);
    let jws = Jws::parse(&token).unwrap();
    assert!(is_genuine(&jws, &set.candidates(jws.kid())));
}

#[test]
fn a_payload_that_is_none_is_rejected() {
    let header = r#"{"alg":"RS256","kid":"provider"}"#;
    for (payload, source) in [
        ("", JsonError::Empty),
        ("<html>", JsonError::Html),
        ("[]", JsonError::NotAnObject { found: "an array" }),
        (
            r#"{"sub":"a","sub":"b"}"#,
            JsonError::Duplicate {
                member: "sub".into(),
            },
        ),
    ] {
        let token = Signer::provider().sign_text(header, payload);
        let part = "payload";
        assert_eq!(
            Login::default().read_token(&token),
            Err(IdTokenError::Json { part, source })
        );
    }
}
