use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dioxus_auth0::oidc::dpop::{
    DPOP_NONCE, MAX_NONCE, MAX_SERVERS, NonceStore, Proof, PublicKey, ServerNonce, Thumbprint,
    resource_challenge, token_challenge,
};
use dioxus_auth0::time::UnixTime;
use http::{HeaderMap, HeaderValue, Method, Response};
use proptest::prelude::*;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use serde_json::{Value, json};
use url::Url;

use crate::support::{url, with_headers};

/// The key of every proof in RFC 9449.
const X: &str = "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs";
const Y: &str = "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA";

/// The header of every proof in RFC 9449.
const HEADER: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwie\
    CI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpi\
    VFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";

/// The proof of <https://www.rfc-editor.org/rfc/rfc9449#section-4.1>, figure 2.
const TOKEN_CLAIMS: &str = "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0d\
    HBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ";
const TOKEN_SIGNATURE: &str = "2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7N\
    VY-FNyJK70nfbV37xRZT3Lg";

/// The proof of <https://www.rfc-editor.org/rfc/rfc9449#section-7.1>, figure 13.
const RESOURCE_CLAIMS: &str = "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR\
    0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIj\
    oiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9";
const RESOURCE_SIGNATURE: &str = "2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnm\
    cw6Fy1dqd-jfxSYoMxhAJpLjA";
const ACCESS_TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

/// The nonce of <https://www.rfc-editor.org/rfc/rfc9449#section-8>.
const NONCE: &str = "eyJ7S_zG.eyJH0-Z.HX4w-7v";

fn decode<const N: usize>(text: &str) -> [u8; N] {
    URL_SAFE_NO_PAD.decode(text).unwrap().try_into().unwrap()
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes).as_ref().try_into().unwrap()
}

fn point() -> [u8; 65] {
    let mut point = [4; 65];
    point[1..33].copy_from_slice(&decode::<32>(X));
    point[33..].copy_from_slice(&decode::<32>(Y));
    point
}

fn key() -> PublicKey {
    PublicKey::from_sec1(&point()).unwrap()
}

fn nonce(text: &str) -> Option<ServerNonce> {
    let mut headers = HeaderMap::new();
    headers.insert(DPOP_NONCE, text.parse().unwrap());
    ServerNonce::read(&headers)
}

/// A proof of this request, unless a field is given anew.
fn proof<'a>(key: &'a PublicKey, url: &'a Url) -> Proof<'a> {
    Proof {
        key,
        method: &Method::POST,
        url,
        jti: decode("-BwC3ESc6acc2lTc"),
        iat: UnixTime::from_seconds(1_562_262_616),
        access_token_digest: None,
        nonce: None,
    }
}

fn claims_of(proof: &Proof<'_>) -> Value {
    let input = proof.unsigned();
    let input = std::str::from_utf8(input.signing_input()).unwrap();
    let (_, claims) = input.split_once('.').unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

/// <https://www.rfc-editor.org/rfc/rfc7638#section-3.1>, an RSA key: its text is the RFC's, for only EC keys are written
/// here.
#[test]
fn the_thumbprint_of_rfc_7638_holds() {
    let text = concat!(
        r#"{"e":"AQAB","kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbf"#,
        "AAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93",
        "lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1",
        "n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur",
        r#"-kEgU8awapJzKnqDKgw"}"#,
    );
    let thumbprint = Thumbprint::from_digest(&sha256(text.as_bytes()));
    assert_eq!(
        thumbprint.as_str(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
}

/// <https://www.rfc-editor.org/rfc/rfc9449#section-6.1>, the `jkt` of figures 8 and 9.
#[test]
fn the_thumbprint_of_rfc_9449_holds() {
    assert_eq!(
        key().thumbprint_input(),
        format!(r#"{{"crv":"P-256","kty":"EC","x":"{X}","y":"{Y}"}}"#)
    );
    let thumbprint = Thumbprint::from_digest(&sha256(key().thumbprint_input().as_bytes()));
    assert_eq!(
        thumbprint.as_str(),
        "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    );
}

/// <https://www.rfc-editor.org/rfc/rfc9449#section-4.1>
#[test]
fn the_proof_of_rfc_9449_for_the_token_endpoint_holds() {
    let (key, url) = (key(), url("https://server.example.com/token"));
    let unsigned = proof(&key, &url).unsigned();
    let input = format!("{HEADER}.{TOKEN_CLAIMS}");
    assert_eq!(unsigned.signing_input(), input.as_bytes());

    let signature = decode(TOKEN_SIGNATURE);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point())
        .verify(unsigned.signing_input(), &signature)
        .unwrap();
    let header = unsigned.signed(&signature);
    assert_eq!(
        header.to_str().unwrap(),
        format!("{input}.{TOKEN_SIGNATURE}")
    );
}

/// <https://www.rfc-editor.org/rfc/rfc9449#section-7.1>
#[test]
fn the_proof_of_rfc_9449_for_a_resource_holds() {
    let (key, url) = (key(), url("https://resource.example.org/protectedresource"));
    let proof = Proof {
        method: &Method::GET,
        jti: decode("e1j3V_bKic8-LAEB"),
        iat: UnixTime::from_seconds(1_562_262_618),
        access_token_digest: Some(&sha256(ACCESS_TOKEN.as_bytes())),
        ..proof(&key, &url)
    };
    let unsigned = proof.unsigned();
    let input = format!("{HEADER}.{RESOURCE_CLAIMS}");
    assert_eq!(unsigned.signing_input(), input.as_bytes());
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point())
        .verify(unsigned.signing_input(), &decode::<64>(RESOURCE_SIGNATURE))
        .unwrap();
}

/// <https://www.rfc-editor.org/rfc/rfc9449#section-8>, figures 20 and 21.
#[test]
fn the_nonce_of_rfc_9449_goes_from_the_answer_into_the_proof() {
    let body = r#"{
        "error": "use_dpop_nonce",
        "error_description": "Authorization server requires nonce in DPoP proof"
    }"#;
    let answer = with_headers(400, &[("DPoP-Nonce", NONCE)], body).unwrap();
    let nonce = token_challenge(&answer).unwrap();
    let (key, url) = (key(), url("https://server.example.com/token"));
    let proof = Proof {
        nonce: Some(&nonce),
        ..proof(&key, &url)
    };
    assert_eq!(
        claims_of(&proof),
        json!({
            "jti": "-BwC3ESc6acc2lTc",
            "htm": "POST",
            "htu": "https://server.example.com/token",
            "iat": 1_562_262_616,
            "nonce": NONCE
        })
    );
}

/// <https://www.rfc-editor.org/rfc/rfc9449#section-9>
#[test]
fn the_resource_challenge_of_rfc_9449_is_read() {
    let challenge = r#"DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof""#;
    let headers = [
        ("WWW-Authenticate", challenge),
        ("DPoP-Nonce", "eyJ7S_zG.eyJH0-Z.HX4w-7v"),
    ];
    let answer = with_headers(401, &headers, "").unwrap();
    assert_eq!(resource_challenge(&answer), nonce(NONCE));
}

#[test]
fn a_proof_shows_the_public_key_and_nothing_else_of_it() {
    let (key, url) = (key(), url("https://server.example.com/token"));
    let unsigned = proof(&key, &url).unsigned();
    let input = std::str::from_utf8(unsigned.signing_input()).unwrap();
    let (header, _) = input.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!(
        header,
        json!({
            "typ": "dpop+jwt", "alg": "ES256",
            "jwk": {"kty": "EC", "crv": "P-256", "x": X, "y": Y},
        })
    );
}

#[test]
fn a_proof_by_a_key_of_this_machine_verifies() {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
    let key = PublicKey::from_sec1(pair.public_key().as_ref()).unwrap();
    let url = url("https://server.example.com/token");

    let unsigned = proof(&key, &url).unsigned();
    let signature = pair.sign(&random, unsigned.signing_input()).unwrap();
    let header = unsigned.signed(signature.as_ref().try_into().unwrap());
    let (input, signature) = header.to_str().unwrap().rsplit_once('.').unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key())
        .verify(input.as_bytes(), &decode::<64>(signature))
        .unwrap();
}

#[test]
fn a_point_of_another_form_is_rejected() {
    assert_eq!(PublicKey::from_sec1(&[]), None);
    assert_eq!(PublicKey::from_sec1(&point()[..64]), None);
    assert_eq!(PublicKey::from_sec1(&[&point()[..], &[0]].concat()), None);
    for first in [0, 2, 3, 5, 6] {
        let mut point = point();
        point[0] = first;
        assert_eq!(PublicKey::from_sec1(&point), None, "{first}");
    }
}

#[test]
fn leading_zeros_of_a_coordinate_are_kept() {
    let mut point = point();
    point[1..33].fill(0);
    let key = PublicKey::from_sec1(&point).unwrap();
    let zeros = format!(r#""x":"{}""#, "A".repeat(43));
    assert!(key.thumbprint_input().contains(&zeros));
}

#[test]
fn the_target_is_the_url_without_query_fragment_and_user() {
    for (text, target) in [
        ("https://a.example/b?c=d#e", "https://a.example/b"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example/?", "https://a.example/"),
        ("https://A.example:443/B/%20", "https://a.example/B/%20"),
        ("https://a.example:8443/b", "https://a.example:8443/b"),
        ("http://[::1]:4400/b", "http://[::1]:4400/b"),
        ("https://user:pass@a.example/b", "https://a.example/b"),
        ("https://a.example/\"b\\", "https://a.example/%22b/"),
        ("data:\"\\", "data:\"\\"),
    ] {
        let (key, url) = (key(), url(text));
        assert_eq!(claims_of(&proof(&key, &url))["htu"], target, "{text}");
    }
}

#[test]
fn every_method_and_any_time_can_be_proved() {
    let (key, url) = (key(), url("https://a.example/"));
    let method = Method::from_bytes(b"M-SEARCH!#$%&'*+.^_`|~").unwrap();
    let proof = Proof {
        method: &method,
        iat: UnixTime::from_seconds(i64::MIN),
        ..proof(&key, &url)
    };
    let claims = claims_of(&proof);
    assert_eq!(claims["htm"], method.as_str());
    assert_eq!(claims["iat"], i64::MIN);
}

#[test]
fn a_proof_is_not_shown_in_a_header() {
    let (key, url) = (key(), url("https://a.example/"));
    let header = proof(&key, &url).unsigned().signed(&[0; 64]);
    assert!(header.is_sensitive());
    assert_eq!(format!("{header:?}"), "Sensitive");
}

#[test]
fn a_nonce_of_other_characters_or_too_many_is_none() {
    for text in [
        "",
        "a b",
        "a\"b",
        "a\\b",
        "a\tb",
        "a, b",
        &"x".repeat(MAX_NONCE + 1),
    ] {
        assert_eq!(nonce(text), None, "{text}");
    }
    for text in ["x", "!#[]~,;=", &"x".repeat(MAX_NONCE)] {
        assert_eq!(nonce(text).unwrap().as_str(), text);
    }
    let mut headers = HeaderMap::new();
    assert_eq!(ServerNonce::read(&headers), None);
    headers.insert(DPOP_NONCE, HeaderValue::from_bytes(b"\xff").unwrap());
    assert_eq!(ServerNonce::read(&headers), None);
}

/// RFC 9449 §8: "there MUST NOT be more than one".
#[test]
fn two_nonces_are_none() {
    let mut headers = HeaderMap::new();
    headers.append(DPOP_NONCE, HeaderValue::from_static("a"));
    headers.append(DPOP_NONCE, HeaderValue::from_static("b"));
    assert_eq!(ServerNonce::read(&headers), None);
    let mut nonces = NonceStore::default();
    nonces.learn(&url("https://a.example/"), &headers);
    assert_eq!(nonces, NonceStore::default());
}

/// A refusal for another reason that brings a nonce must not hide that reason behind a second attempt.
#[test]
fn another_refusal_with_a_nonce_is_no_demand() {
    let nonce = ("dpop-nonce", NONCE);
    for (status, body) in [
        (400, r#"{"error":"invalid_grant"}"#),
        (400, r#"{"error":"invalid_dpop_proof"}"#),
        (400, r#"{"error":"USE_DPOP_NONCE"}"#),
        (400, r#"{"error_description":"use_dpop_nonce"}"#),
        (400, r#"{"error":["use_dpop_nonce"]}"#),
        (400, r#"{"error":"use_dpop_nonce","error":"invalid_grant"}"#),
        (400, "use_dpop_nonce"),
        (400, ""),
        (200, r#"{"error":"use_dpop_nonce"}"#),
        (403, r#"{"error":"use_dpop_nonce"}"#),
        (500, r#"{"error":"use_dpop_nonce"}"#),
    ] {
        let answer = with_headers(status, &[nonce], body).unwrap();
        assert_eq!(token_challenge(&answer), None, "{status} {body}");
    }
}

#[test]
fn a_demand_without_a_usable_nonce_is_none() {
    let body = r#"{"error":"use_dpop_nonce"}"#;
    let challenge = ("www-authenticate", r#"DPoP error="use_dpop_nonce""#);
    for headers in [
        &[challenge][..],
        &[challenge, ("dpop-nonce", "a b")],
        &[challenge, ("dpop-nonce", "a"), ("dpop-nonce", "b")],
    ] {
        let answer = with_headers(400, headers, body).unwrap();
        assert_eq!(token_challenge(&answer), None);
        let answer = with_headers(401, headers, body).unwrap();
        assert_eq!(resource_challenge(&answer), None);
    }
}

#[test]
fn another_challenge_with_a_nonce_is_no_demand() {
    for (status, challenge) in [
        (401, ""),
        (401, "DPoP"),
        (401, r#"DPoP error="invalid_token""#),
        (401, r#"DPoP error="invalid_dpop_proof""#),
        (401, r#"Bearer error="use_dpop_nonce""#),
        (401, r#"DPoP realm="error=\"use_dpop_nonce\"""#),
        (401, r#"Bearer realm="DPoP error=use_dpop_nonce""#),
        (401, r#"DPoP error="use_dpop_nonce"#),
        (401, r#"DPoP error="x", error="use_dpop_nonce""#),
        (401, r#"DPoP error_description="use_dpop_nonce""#),
        (200, r#"DPoP error="use_dpop_nonce""#),
        (400, r#"DPoP error="use_dpop_nonce""#),
        (403, r#"DPoP error="use_dpop_nonce""#),
    ] {
        let headers = [("www-authenticate", challenge), ("dpop-nonce", NONCE)];
        let answer = with_headers(status, &headers, "").unwrap();
        assert_eq!(resource_challenge(&answer), None, "{status} {challenge}");
    }
}

/// The conformance suite writes the scheme so (`test-rs-dpop-auth-scheme-case-insensitivity`).
#[test]
fn the_scheme_of_a_demand_is_read_in_any_case_and_place() {
    for challenge in [
        r#"dpOP error="use_dpop_nonce""#,
        "DPoP error=use_dpop_nonce",
        r#"Bearer realm="x", error="invalid_token", DPoP algs="ES256", error="use_dpop_nonce""#,
    ] {
        let headers = [("www-authenticate", challenge), ("dpop-nonce", NONCE)];
        let answer = with_headers(401, &headers, "").unwrap();
        assert_eq!(resource_challenge(&answer), nonce(NONCE), "{challenge}");
    }
}

fn learn(nonces: &mut NonceStore, address: &str, nonce: &str) {
    let mut headers = HeaderMap::new();
    headers.insert(DPOP_NONCE, nonce.parse().unwrap());
    nonces.learn(&url(address), &headers);
}

fn known<'a>(nonces: &'a NonceStore, address: &str) -> Option<&'a str> {
    nonces.of(&url(address)).map(ServerNonce::as_str)
}

#[test]
fn a_server_s_newest_nonce_is_for_all_its_addresses_and_no_other_server() {
    let mut nonces = NonceStore::default();
    learn(&mut nonces, "https://a.example/token?x#y", "1");
    learn(&mut nonces, "https://b.example/token", "b");
    learn(&mut nonces, "https://a.example:443/userinfo", "2");
    assert_eq!(known(&nonces, "https://a.example/"), Some("2"));
    assert_eq!(known(&nonces, "https://b.example/x"), Some("b"));
    for other in [
        "http://a.example/",
        "https://a.example:8443/",
        "https://api.a.example/",
        "https://c.example/",
    ] {
        assert_eq!(known(&nonces, other), None, "{other}");
    }
}

#[test]
fn a_nonce_is_kept_while_the_server_gives_no_other() {
    let mut nonces = NonceStore::default();
    learn(&mut nonces, "https://a.example/", "1");
    let answer = Response::new(Vec::<u8>::new());
    nonces.learn(&url("https://a.example/"), answer.headers());
    learn(&mut nonces, "https://a.example/", "a b");
    assert_eq!(known(&nonces, "https://a.example/"), Some("1"));
}

#[test]
fn an_address_without_an_origin_has_no_nonce() {
    let mut nonces = NonceStore::default();
    learn(&mut nonces, "data:,x", "1");
    learn(&mut nonces, "file:///x", "2");
    assert_eq!(nonces, NonceStore::default());
    assert_eq!(known(&nonces, "data:,y"), None);
}

#[test]
fn the_server_that_is_silent_longest_is_forgotten() {
    let mut nonces = NonceStore::default();
    let address = |n: usize| format!("https://s{n}.example/");
    for n in 0..MAX_SERVERS {
        learn(&mut nonces, &address(n), "1");
    }
    learn(&mut nonces, &address(0), "2");
    assert_eq!(known(&nonces, &address(1)), Some("1"));
    learn(&mut nonces, "https://new.example/", "1");
    assert_eq!(known(&nonces, &address(1)), None);
    assert_eq!(known(&nonces, &address(0)), Some("2"));
    assert_eq!(known(&nonces, &address(2)), Some("1"));
    assert_eq!(known(&nonces, "https://new.example/"), Some("1"));
}

proptest! {
    #[test]
    fn any_url_and_nonce_make_a_proof_that_reads_back(
        path in "[ -~]{0,32}",
        text in "[!#-\\[\\]-~]{1,32}",
        jti: [u8; 12],
        iat: i64,
    ) {
        let (key, mut url) = (key(), url("https://a.example/"));
        url.set_path(&path);
        let nonce = nonce(&text);
        let proof = Proof {
            jti,
            iat: UnixTime::from_seconds(iat),
            nonce: nonce.as_ref(),
            ..proof(&key, &url)
        };
        let claims = claims_of(&proof);
        prop_assert_eq!(&claims["htu"], url.as_str());
        prop_assert_eq!(&claims["nonce"], &text);
        prop_assert_eq!(&claims["iat"], iat);
        prop_assert_eq!(decode::<12>(claims["jti"].as_str().unwrap()), jti);
    }
}
