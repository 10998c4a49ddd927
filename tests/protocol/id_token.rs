use dioxus_auth0::json::JsonError;
use dioxus_auth0::oidc::{IdTokenError, Jws};
use dioxus_auth0::secret::IdToken;
use dioxus_auth0::time::UnixTime;
use dioxus_auth0::user::Claims;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::login::{CLIENT, ISSUER, Login, NOW, claims, mismatch, read, with, without};
use crate::support::{Signer, encode};

fn missing(claim: &'static str) -> Result<Claims, IdTokenError> {
    Err(IdTokenError::Missing { claim })
}

fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(seconds)
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

/// Reads a token that a refresh brought after `login`.
fn renew(claims: &Value, login: &Claims) -> Result<Claims, IdTokenError> {
    let after = Login {
        nonce: None,
        ..Login::default()
    };
    let token = Signer::provider().sign(claims);
    let verified = Jws::parse(&token).unwrap().verify_with(true).unwrap();
    verified.renewed_claims(&after.expected(), login)
}

/// <https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse>
#[test]
fn a_renewed_token_of_another_organization_is_rejected() {
    let login = read(&with("org_id", "org_1".into())).unwrap();
    let renew = |claims: &Value| renew(claims, &login);

    assert_eq!(
        renew(&with("org_id", "org_11".into())),
        mismatch("org_id", "org_1", "org_11")
    );
    assert_eq!(
        renew(&claims()),
        Err(IdTokenError::Missing { claim: "org_id" })
    );
    assert!(renew(&with("org_id", "org_1".into())).is_ok());
}

#[test]
fn a_renewed_token_of_another_user_or_login_is_rejected() {
    let login = read(&with("auth_time", (NOW - 10).into())).unwrap();
    let renew = |claims: &Value| renew(claims, &login);

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
