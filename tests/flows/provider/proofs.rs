//! Tokens that are bound to a key, and who gets them.

use dioxus_auth0::oidc::dpop::{self, DPOP, Proof, PublicKey, ServerNonce};
use dioxus_auth0::port::{Http, HttpResponse};
use dioxus_auth0::time::UnixTime;
use http::{HeaderValue, Method};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::Value;

use super::{ADA, API, Scene, url};
use crate::world::{NOW, error_of};

const TOKEN: &str = "https://tenant.example/oauth/token";
const EXCHANGE: &str = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange\
    &client_id=client-1&subject_token=legacy-1&subject_token_type=urn:acme:legacy\
    &audience=https://tenant.example/api/v2/&scope=openid+offline_access+read:current_user";

struct Key(EcdsaKeyPair);

impl Key {
    fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("ring makes keys");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random);
        Self(pair.expect("ring reads its own keys"))
    }

    fn prove(&self, says: &Says<'_>) -> HeaderValue {
        let key = PublicKey::from_sec1(self.0.public_key().as_ref()).expect("the point is whole");
        let digest = says.access_token.map(|token| {
            let digest = digest(&SHA256, token.as_bytes());
            digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
        });
        let unsigned = Proof {
            key: &key,
            method: &says.method,
            url: &url(says.url),
            jti: [says.jti; 12],
            iat: UnixTime::from_seconds(NOW + says.off),
            access_token_digest: digest.as_ref(),
            nonce: says.nonce,
        }
        .unsigned();
        let signature = self.0.sign(&SystemRandom::new(), unsigned.signing_input());
        let signature = signature.expect("ring signs");
        let signature = signature.as_ref().try_into();
        unsigned.signed(signature.expect("both numbers have 32 bytes"))
    }
}

/// What a proof says.
struct Says<'a> {
    method: Method,
    url: &'a str,
    jti: u8,
    off: i64,
    access_token: Option<&'a str>,
    nonce: Option<&'a ServerNonce>,
}

impl Default for Says<'_> {
    fn default() -> Self {
        Self {
            method: Method::POST,
            url: TOKEN,
            jti: 1,
            off: 0,
            access_token: None,
            nonce: None,
        }
    }
}

fn scene() -> Scene {
    let scene = Scene::new();
    scene.provider.trust("legacy-1", "urn:acme:legacy", ADA);
    scene
}

async fn post(scene: &Scene, form: &str, proof: Option<HeaderValue>) -> HttpResponse {
    let mut request = http::Request::post(TOKEN)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into())
        .expect("the request is well made");
    if let Some(proof) = proof {
        request.headers_mut().insert(DPOP, proof);
    }
    scene.provider.send(request).await.expect("it answers")
}

fn member(answer: &HttpResponse, name: &str) -> String {
    let body: Value = serde_json::from_slice(answer.body()).expect("the body is JSON");
    body[name].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn whoever_proves_a_key_gets_tokens_that_nobody_else_can_use() {
    let (scene, key) = (scene(), Key::new());
    let answer = post(&scene, EXCHANGE, Some(key.prove(&Says::default()))).await;
    assert_eq!(member(&answer, "token_type"), "DPoP");

    let refresh = "grant_type=refresh_token&client_id=client-1&refresh_token=rt-1";
    let stolen = Key::new().prove(&Says {
        jti: 2,
        ..Says::default()
    });
    for proof in [None, Some(stolen)] {
        let answer = post(&scene, refresh, proof).await;
        assert_eq!(member(&answer, "error"), "invalid_grant");
        assert!(scene.provider.accepts("rt-1"), "its owner has lost nothing");
    }
    let own = key.prove(&Says {
        jti: 3,
        ..Says::default()
    });
    let answer = post(&scene, refresh, Some(own)).await;
    assert_eq!(member(&answer, "refresh_token"), "rt-2");
    assert_eq!(member(&answer, "token_type"), "DPoP");
}

#[tokio::test]
async fn a_proof_is_for_one_request_of_now() {
    let (scene, key) = (scene(), Key::new());
    let wrong = [
        Says {
            method: Method::GET,
            ..Says::default()
        },
        Says {
            url: "https://tenant.example/oauth/revoke",
            ..Says::default()
        },
        Says {
            off: 301,
            ..Says::default()
        },
        Says {
            off: -301,
            ..Says::default()
        },
        Says {
            access_token: Some("at-1"),
            ..Says::default()
        },
    ];
    let mut proofs: Vec<HeaderValue> = wrong.iter().map(|says| key.prove(says)).collect();
    let good = key.prove(&Says::default());
    let mut forged = good.as_bytes().to_vec();
    let last_of_the_claims = forged.iter().rposition(|byte| *byte == b'.');
    let place = last_of_the_claims.expect("a proof has three parts") + 1;
    forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
    proofs.push(HeaderValue::from_bytes(&forged).expect("it stands in a header"));
    proofs.push(HeaderValue::from_static("a.b.c"));
    for proof in proofs {
        let answer = post(&scene, EXCHANGE, Some(proof)).await;
        assert_eq!(answer.status(), 400);
        assert_eq!(member(&answer, "error"), "invalid_dpop_proof");
    }
    let answer = post(&scene, EXCHANGE, Some(good.clone())).await;
    assert_eq!(answer.status(), 200);
    let answer = post(&scene, EXCHANGE, Some(good)).await;
    assert_eq!(member(&answer, "error"), "invalid_dpop_proof", "used twice");
}

#[tokio::test]
async fn a_nonce_that_is_demanded_is_told_and_taken() {
    let (scene, key) = (scene(), Key::new());
    let nonce = Some("n-1".to_owned());
    scene
        .provider
        .change_rules(|rules| rules.dpop_nonce = nonce);
    let answer = post(&scene, EXCHANGE, Some(key.prove(&Says::default()))).await;
    let nonce = dpop::token_challenge(&answer).expect("it is demanded");
    let says = Says {
        jti: 2,
        nonce: Some(&nonce),
        ..Says::default()
    };
    let answer = post(&scene, EXCHANGE, Some(key.prove(&says))).await;
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn an_api_takes_a_bound_token_with_a_proof_for_it_and_not_without() {
    let (scene, key) = (scene(), Key::new());
    post(&scene, EXCHANGE, Some(key.prove(&Says::default()))).await;
    let address = [API, "users/auth0%7Cada"].concat();
    let says = |jti, access_token| Says {
        method: Method::GET,
        url: &address,
        jti,
        access_token: Some(access_token),
        ..Says::default()
    };
    let ask = |scheme: &str, proof: Option<HeaderValue>| {
        let request = http::Request::get(&address);
        let request = request.header("authorization", [scheme, " at-1"].concat());
        scene.ask(match proof {
            Some(proof) => request.header(DPOP, proof),
            None => request,
        })
    };
    let good = || key.prove(&says(2, "at-1"));
    assert_eq!(ask("Bearer", Some(good())).await.status(), 401);
    assert_eq!(ask("DPoP", None).await.status(), 401);
    let for_another = key.prove(&says(3, "at-2"));
    assert_eq!(ask("DPoP", Some(for_another)).await.status(), 401);
    let by_another = Key::new().prove(&says(4, "at-1"));
    assert_eq!(ask("DPoP", Some(by_another)).await.status(), 401);
    assert_eq!(ask("DPoP", Some(good())).await.status(), 200);

    let nonce = Some("n-1".to_owned());
    scene
        .provider
        .change_rules(|rules| rules.dpop_nonce = nonce);
    let answer = ask("DPoP", Some(key.prove(&says(5, "at-1")))).await;
    assert!(dpop::resource_challenge(&answer).is_some());
}

#[tokio::test]
async fn a_client_without_a_key_gets_nothing_where_one_is_required() {
    let scene = Scene::new();
    scene
        .provider
        .change_rules(|rules| rules.requires_proofs = true);
    let error = error_of(scene.sign_in(ADA).await);
    assert_eq!(error.code(), "invalid_dpop_proof");
}
