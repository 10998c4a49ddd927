//! The ID token, past a signature that is taken for good.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dioxus_auth0::oidc::id_token::Expected;
use dioxus_auth0::oidc::{IdTokenError, Jws};
use dioxus_auth0::secret::{IdToken, Nonce};
use dioxus_auth0::time::UnixTime;
use dioxus_auth0::user::Claims;
use serde_json::Value;

use crate::secrecy::{assert_unsaid, told};
use crate::world::{CLIENT_ID, ISSUER, NOW};

const NONCE: &str = "nonce-s3cr3t";
const LEEWAY: i64 = 60;

/// Claims come out only of a token for which every check of OpenID Connect Core §3.1.3.7 holds, said once more in other
/// words; and what is wrong is said without the nonce.
pub fn run(bytes: &[u8]) {
    let Some(text) = token(bytes) else { return };
    let token = IdToken::new(text.clone());
    let jws = match Jws::parse(&token) {
        Ok(jws) => jws,
        Err(error) => {
            assert_unsaid(&told(&error), &public(&text));
            return;
        }
    };
    let (input, _) = text.rsplit_once('.').expect("it has three parts");
    assert_eq!(jws.signing_input(), input.as_bytes());
    assert_header(&part(&text, 0).expect("the header was read"), jws.kid());

    let forged = jws.clone().verify_with(false).map(|_| ());
    assert_eq!(forged, Err(IdTokenError::Signature));

    let verified = jws.verify_with(true).expect("the signature is good");
    let nonce = Nonce::new(NONCE);
    for max_age in [None, Some(Duration::from_secs(600))] {
        for organization in [None, Some("org_1"), Some("Acme")] {
            let expected = Expected {
                issuer: ISSUER,
                client_id: CLIENT_ID,
                nonce: Some(&nonce),
                now: UnixTime::from_seconds(NOW),
                leeway: Duration::from_secs(LEEWAY.unsigned_abs()),
                max_age,
                organization,
            };
            match verified.claims(&expected) {
                Ok(claims) => {
                    assert_claims(&claims, max_age.is_some(), organization);
                    let read = Claims::from_value(&claims.to_value());
                    assert_eq!(read.as_ref(), Ok(&claims));
                    let renewed = verified.renewed_claims(&expected, &claims);
                    assert_eq!(renewed, Ok(claims), "a token renews itself");
                }
                Err(error) => assert_unsaid(&told(&error), &public(&text)),
            }
        }
    }
}

/// A token in compact form; or one of these lines: its header and its payload.
fn token(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    Some(match text.split_once('\n') {
        Some((header, payload)) => {
            let parts = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part));
            [&parts[0], ".", &parts[1], ".c2ln"].concat()
        }
        None => text.to_owned(),
    })
}

fn part(token: &str, at: usize) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(at)?).ok()?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(bytes).ok()
}

fn assert_header(header: &Value, kid: Option<&str>) {
    assert_eq!(header["alg"], "RS256");
    assert!(header.get("crit").is_none());
    assert_eq!(header["kid"].as_str(), kid);
    let typ = header["typ"].as_str().unwrap_or_default();
    assert!(!typ.to_lowercase().ends_with("+jwt"), "{typ}");
}

fn assert_claims(claims: &Claims, has_max_age: bool, organization: Option<&str>) {
    let text = |name| claims.get(name).and_then(Value::as_str);
    let seconds = |name| {
        claims
            .get(name)
            .map(|value| value.as_f64().expect("a number"))
    };
    let now = NOW as f64;
    let leeway = LEEWAY as f64;
    assert_eq!(text("iss"), Some(ISSUER));
    let sub = text("sub").expect("it has a sub");
    assert!((1..=255).contains(&sub.len()) && sub.is_ascii());
    match claims.get("aud") {
        Some(Value::String(only)) => assert_eq!(only, CLIENT_ID),
        Some(Value::Array(several)) => {
            assert!(several.iter().any(|one| one == CLIENT_ID));
            assert!(several.len() == 1 || text("azp") == Some(CLIENT_ID));
        }
        other => panic!("it is for {other:?}"),
    }
    assert!(text("azp").is_none_or(|azp| azp == CLIENT_ID));
    assert!(seconds("exp").expect("it ends") + leeway >= now);
    assert!(seconds("iat").expect("it began") <= now + leeway + 1.0);
    if claims.get("nbf").is_some_and(|nbf| !nbf.is_null()) {
        assert!(seconds("nbf").is_some_and(|nbf| nbf <= now + leeway + 1.0));
    }
    assert_eq!(text("nonce"), Some(NONCE));
    if has_max_age {
        assert!(seconds("auth_time").expect("it says when") >= now - 600.0 - leeway);
    }
    match organization {
        Some("org_1") => assert_eq!(text("org_id"), Some("org_1")),
        Some(_) => assert_eq!(text("org_name"), Some("acme")),
        None => {}
    }
}

/// What of a token may be said: all of its header, and of its payload all but the nonce. What cannot be read may be said
/// nothing of, but the name of a member that stands there twice.
fn public(token: &str) -> String {
    let text = |at| {
        let part: &str = token.split('.').nth(at).unwrap_or_default();
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    match part(token, 1) {
        Some(Value::Object(mut claims)) => {
            claims.remove("nonce");
            text(0) + &Value::Object(claims).to_string()
        }
        _ => text(0) + &text(1),
    }
}
