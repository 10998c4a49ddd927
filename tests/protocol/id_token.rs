use std::time::Duration;

use dioxus_auth0::json::JsonError;
use dioxus_auth0::oidc::id_token::{Expected, IdTokenError};
use dioxus_auth0::oidc::{Jwks, Jws};
use dioxus_auth0::secret::{IdToken, Nonce};
use dioxus_auth0::time::UnixTime;
use dioxus_auth0::user::Claims;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Signer, encode, is_genuine, keys};

const ISSUER: &str = "https://tenant.auth0.com/";
const CLIENT: &str = "client-1";
const NOW: i64 = 1_700_000_000;

/// What the login under test expects; each test changes what it is about.
#[derive(Clone)]
struct Login {
    nonce: Option<Nonce>,
    leeway: u64,
    max_age: Option<u64>,
    organization: Option<&'static str>,
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
    fn expected(&self) -> Expected<'_> {
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

    fn read(&self, claims: &Value) -> Result<Claims, IdTokenError> {
        self.read_token(&Signer::provider().sign(claims))
    }

    fn read_token(&self, token: &IdToken) -> Result<Claims, IdTokenError> {
        let keys = keys(&[Signer::provider().jwk()]);
        let jws = Jws::parse(token)?;
        let genuine = is_genuine(&jws, &keys.candidates(jws.kid()));
        jws.verify_with(genuine)?.claims(&self.expected())
    }
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "auth0|ada", "aud": CLIENT, "exp": NOW + 3600, "iat": NOW,
        "nonce": "nonce-1", "name": "Ada Lovelace",
    })
}

fn with(claim: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[claim] = value;
    claims
}

fn without(claim: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(claim);
    claims
}

fn read(claims: &Value) -> Result<Claims, IdTokenError> {
    Login::default().read(claims)
}

fn mismatch(claim: &'static str, expected: &str, found: &str) -> Result<Claims, IdTokenError> {
    Err(IdTokenError::Mismatch {
        claim,
        expected: expected.into(),
        found: found.into(),
    })
}

fn missing(claim: &'static str) -> Result<Claims, IdTokenError> {
    Err(IdTokenError::Missing { claim })
}

fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(seconds)
}

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

#[test]
fn another_issuer_is_rejected() {
    for found in [
        "https://tenant.auth0.com/1",
        "https://tenant.auth0.com",
        "https://evil.example/",
    ] {
        assert_eq!(
            read(&with("iss", found.into())),
            mismatch("iss", ISSUER, found)
        );
    }
    assert_eq!(read(&without("iss")), missing("iss"));
    assert_eq!(read(&with("iss", "".into())), missing("iss"));
}

#[test]
fn a_token_without_a_subject_is_rejected() {
    assert_eq!(read(&without("sub")), missing("sub"));
    assert_eq!(read(&with("sub", "".into())), missing("sub"));
    for sub in ["x".repeat(256), "ädä".to_owned()] {
        let error = read(&with("sub", sub.into())).unwrap_err();
        assert!(matches!(error, IdTokenError::Mismatch { claim: "sub", .. }));
    }
}

#[test]
fn another_audience_is_rejected() {
    assert_eq!(
        read(&with("aud", "client-11".into())),
        mismatch("aud", CLIENT, "client-11")
    );
    assert_eq!(
        read(&with("aud", json!(["client-11"]))),
        mismatch("aud", CLIENT, "client-11")
    );
    assert_eq!(
        read(&with("aud", json!(["a", "b"]))),
        mismatch("aud", CLIENT, "a, b")
    );
    assert_eq!(read(&with("aud", json!([]))), mismatch("aud", CLIENT, ""));
    assert_eq!(read(&with("aud", "".into())), mismatch("aud", CLIENT, ""));
    assert_eq!(read(&without("aud")), missing("aud"));
    assert_eq!(read(&with("aud", Value::Null)), missing("aud"));
}

#[test]
fn several_audiences_need_an_authorized_party() {
    let several = with("aud", json!([CLIENT, "https://api.example/"]));
    assert_eq!(read(&several), missing("azp"));
    let mut for_another = several.clone();
    for_another["azp"] = "client-11".into();
    assert_eq!(read(&for_another), mismatch("azp", CLIENT, "client-11"));
    let mut for_us = several;
    for_us["azp"] = CLIENT.into();
    assert!(read(&for_us).is_ok());
}

#[test]
fn an_authorized_party_is_checked_even_with_one_audience() {
    assert_eq!(
        read(&with("azp", "client-11".into())),
        mismatch("azp", CLIENT, "client-11")
    );
    assert_eq!(read(&with("azp", "".into())), mismatch("azp", CLIENT, ""));
    assert!(read(&with("azp", CLIENT.into())).is_ok());
    assert!(read(&with("aud", json!([CLIENT]))).is_ok());
}

#[test]
fn an_expired_token_is_rejected_at_the_second() {
    let refused = |exp| {
        Err(IdTokenError::Expired {
            expired: at(exp),
            now: at(NOW),
        })
    };
    for exp in [NOW - 360, NOW - 61, NOW - 60] {
        assert_eq!(read(&with("exp", exp.into())), refused(exp));
    }
    assert!(read(&with("exp", (NOW - 59).into())).is_ok());
    assert_eq!(read(&without("exp")), missing("exp"));
}

#[test]
fn a_leeway_of_zero_means_zero() {
    let strict = Login {
        leeway: 0,
        ..Login::default()
    };
    let expired = |exp| {
        Err(IdTokenError::Expired {
            expired: at(exp),
            now: at(NOW),
        })
    };
    assert_eq!(strict.read(&with("exp", NOW.into())), expired(NOW));
    assert!(strict.read(&with("exp", (NOW + 1).into())).is_ok());

    for claim in ["iat", "nbf"] {
        let (from, now) = (at(NOW + 1), at(NOW));
        assert_eq!(
            strict.read(&with(claim, (NOW + 1).into())),
            Err(IdTokenError::NotYetValid { claim, from, now })
        );
        assert!(strict.read(&with(claim, NOW.into())).is_ok());
    }
}

#[test]
fn a_token_from_the_future_is_rejected() {
    for claim in ["iat", "nbf"] {
        let (from, now) = (at(NOW + 61), at(NOW));
        assert_eq!(
            read(&with(claim, (NOW + 61).into())),
            Err(IdTokenError::NotYetValid { claim, from, now })
        );
        assert!(read(&with(claim, (NOW + 60).into())).is_ok());
    }
}

#[test]
fn a_token_without_its_time_of_issue_is_rejected() {
    assert_eq!(read(&without("iat")), missing("iat"));
    assert_eq!(read(&with("iat", Value::Null)), missing("iat"));
}

#[test]
fn times_may_have_fractions_and_may_be_absurd() {
    assert!(read(&with("exp", json!(NOW as f64 + 0.5))).is_ok());
    assert!(read(&with("exp", json!(1e300))).is_ok());
    assert!(read(&with("exp", json!(u64::MAX))).is_ok());
    assert!(read(&with("exp", json!(-1e300))).is_err());
    assert!(read(&with("iat", json!(1e300))).is_err());
    let endless = Login {
        leeway: u64::MAX,
        max_age: Some(u64::MAX),
        ..Login::default()
    };
    assert!(endless.read(&with("auth_time", json!(i64::MIN))).is_ok());
}

#[test]
fn a_claim_of_the_wrong_kind_is_rejected() {
    let login = Login {
        max_age: Some(60),
        organization: Some("org_1"),
        ..Login::default()
    };
    let mut right = with("auth_time", NOW.into());
    right["org_id"] = "org_1".into();
    assert!(login.read(&right).is_ok());
    for claim in [
        "iss",
        "sub",
        "aud",
        "azp",
        "nonce",
        "exp",
        "iat",
        "nbf",
        "auth_time",
        "org_id",
    ] {
        for value in [json!(true), json!({}), json!([1])] {
            let mut wrong = right.clone();
            wrong[claim] = value;
            let error = login.read(&wrong).unwrap_err();
            let named = matches!(
                error,
                IdTokenError::Json { part: "payload", source: JsonError::WrongType { member, .. } } if member == claim
            );
            assert!(named, "{claim}: {error:?}");
        }
    }
}

#[test]
fn another_nonce_is_rejected() {
    for nonce in ["nonce-11", "Nonce-1", "nonce-"] {
        assert_eq!(read(&with("nonce", nonce.into())), Err(IdTokenError::Nonce));
    }
    assert_eq!(read(&without("nonce")), missing("nonce"));
    assert_eq!(read(&with("nonce", "".into())), missing("nonce"));
}

#[test]
fn a_login_longer_ago_than_asked_is_rejected() {
    let login = Login {
        max_age: Some(300),
        ..Login::default()
    };
    assert_eq!(login.read(&claims()), missing("auth_time"));
    let (earliest, found) = (at(NOW - 360), at(NOW - 361));
    assert_eq!(
        login.read(&with("auth_time", (NOW - 361).into())),
        Err(IdTokenError::TooOld { earliest, found })
    );
    assert!(login.read(&with("auth_time", (NOW - 360).into())).is_ok());
}

#[test]
fn a_max_age_of_zero_means_zero() {
    let login = Login {
        max_age: Some(0),
        leeway: 0,
        ..Login::default()
    };
    assert!(login.read(&with("auth_time", (NOW - 1).into())).is_err());
    assert!(login.read(&with("auth_time", NOW.into())).is_ok());
}

#[test]
fn another_organization_is_rejected() {
    let by_id = Login {
        organization: Some(" org_abc "),
        ..Login::default()
    };
    assert_eq!(by_id.read(&claims()), missing("org_id"));
    assert_eq!(
        by_id.read(&with("org_name", "org_abc".into())),
        missing("org_id")
    );
    assert_eq!(
        by_id.read(&with("org_id", "org_ABC".into())),
        mismatch("org_id", "org_abc", "org_ABC")
    );
    assert_eq!(
        by_id.read(&with("org_id", "org_abc1".into())),
        mismatch("org_id", "org_abc", "org_abc1")
    );
    assert!(by_id.read(&with("org_id", "org_abc".into())).is_ok());

    let by_name = Login {
        organization: Some("Acme"),
        ..Login::default()
    };
    assert_eq!(
        by_name.read(&with("org_id", "Acme".into())),
        missing("org_name")
    );
    assert_eq!(
        by_name.read(&with("org_name", "acme1".into())),
        mismatch("org_name", "acme", "acme1")
    );
    assert!(by_name.read(&with("org_name", "acme".into())).is_ok());
}

#[test]
fn a_good_token_gives_its_claims() {
    let read = read(&claims()).unwrap();
    assert_eq!(read.to_value(), claims());
    assert_eq!(read.user().name(), Some("Ada Lovelace"));
    assert_eq!(read.user().claim("nonce"), None);
}

#[test]
fn no_error_repeats_the_token_or_the_nonce() {
    let error = read(&with("nonce", "s3cret".into())).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"));
    let token = Signer::provider().sign(&claims());
    let jws = Jws::parse(&token).unwrap();
    let shown = format!("{jws:?}");
    assert!(
        !token.expose().split('.').any(|part| shown.contains(part)),
        "{shown}"
    );
}

#[test]
fn a_long_claim_is_cut_in_the_error() {
    let Err(IdTokenError::Mismatch { found, .. }) = read(&with("iss", "x".repeat(10_000).into()))
    else {
        panic!("expected a mismatch");
    };
    assert_eq!(found.len(), 128);
}

/// <https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse>
#[test]
fn a_renewed_token_of_another_user_or_login_is_rejected() {
    let login = read(&with("auth_time", (NOW - 10).into())).unwrap();
    let after = Login {
        nonce: None,
        ..Login::default()
    };
    let renew = |claims: &Value| {
        let token = Signer::provider().sign(claims);
        let verified = Jws::parse(&token).unwrap().verify_with(true).unwrap();
        verified.renewed_claims(&after.expected(), &login)
    };

    assert_eq!(
        renew(&with("sub", "auth0|ada1".into())),
        mismatch("sub", "auth0|ada", "auth0|ada1")
    );
    assert_eq!(
        renew(&with("iss", "https://tenant.auth0.com/1".into())),
        mismatch("iss", ISSUER, "https://tenant.auth0.com/1")
    );
    assert_eq!(
        renew(&with("nonce", "nonce-11".into())),
        Err(IdTokenError::Nonce)
    );
    assert_eq!(
        renew(&with("auth_time", (NOW - 9).into())),
        mismatch("auth_time", &(NOW - 10).to_string(), &(NOW - 9).to_string())
    );

    assert!(renew(&claims()).is_ok());
    assert!(renew(&without("nonce")).is_ok());
    assert!(renew(&with("auth_time", (NOW - 10).into())).is_ok());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[A-Za-z0-9_.=+-]{0,64}|.{0,32}") {
        let token = IdToken::new(text);
        if let Ok(jws) = Jws::parse(&token) {
            let _ = jws.verify_with(true).map(|jws| jws.claims(&Login::default().expected()));
        }
    }

    #[test]
    fn no_payload_makes_the_reader_panic(payload in ".{0,64}") {
        let header = encode(br#"{"alg":"RS256"}"#);
        let token = IdToken::new(format!("{header}.{}.AA", encode(payload.as_bytes())));
        let jws = Jws::parse(&token).unwrap().verify_with(true).unwrap();
        prop_assert!(jws.claims(&Login::default().expected()).is_err());
    }
}
