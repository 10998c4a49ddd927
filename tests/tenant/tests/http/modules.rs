//! The tenant as the providers of the conformance suite.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use tenant::{Module, Tenant};

use crate::common::*;
use crate::prover::Prover;

async fn in_module(id: &str) -> Tenant {
    let tenant = start().await;
    tenant.begin_module(id).expect("a module of that name");
    tenant
}

fn unverified(token: &Value, part: usize) -> Map<String, Value> {
    let text = token.as_str().unwrap().split('.').nth(part).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

async fn tokens_in(id: &str) -> (Tenant, Value) {
    let tenant = in_module(id).await;
    let tokens = Browser::new(&tenant)
        .tokens(&params(&tenant), "ada@example.com")
        .await;
    (tenant, tokens)
}

fn rules(tenant: &Tenant) -> Vec<&'static str> {
    tenant.breaches().iter().map(|breach| breach.rule).collect()
}

#[tokio::test]
async fn modules_are_chosen_over_http_by_their_ids() {
    let tenant = start().await;
    let http = plain_client();
    let at = |path: &str| format!("{}{path}", tenant.control_url());
    let get = |path: &str| {
        let request = http.get(at(path));
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let put = |id: &str| {
        let request = http.put(at("module")).json(&json!({ "id": id }));
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(
        get("modules").await.as_array().unwrap().len(),
        Module::all().len()
    );
    assert_eq!(get("module").await, Value::Null);
    assert_eq!(put("oidcc-client-test-nothing").await, 404);
    assert_eq!(
        put("oidcc-client-test-discovery-issuer-mismatch").await,
        204
    );
    let module = get("module").await;
    assert_eq!(module["id"], "oidcc-client-test-discovery-issuer-mismatch");
    let metadata = format!("{}.well-known/openid-configuration", tenant.issuer());
    let metadata: Value = http
        .get(&metadata)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(metadata["issuer"], format!("{}INVALID", tenant.issuer()));
    assert_eq!(get("breaches").await, json!([]));
    let ended = http.delete(at("module")).send().await.unwrap();
    assert_eq!(
        (ended.status().as_u16(), get("module").await),
        (204, Value::Null)
    );
}

#[tokio::test]
async fn id_tokens_lie_as_the_suite_has_them_lie() {
    let (tenant, tokens) = tokens_in("oidcc-client-test-invalid-iss").await;
    let claims = unverified(&tokens["id_token"], 1);
    assert_eq!(claims["iss"], format!("{}1", tenant.issuer()));
    let (_, tokens) = tokens_in("oidcc-client-test-invalid-aud").await;
    assert_eq!(
        unverified(&tokens["id_token"], 1)["aud"],
        format!("{CLIENT}1")
    );
    let (_, tokens) = tokens_in("oidcc-client-test-nonce-invalid").await;
    assert_eq!(unverified(&tokens["id_token"], 1)["nonce"], "n0nce1");
    let (_, tokens) = tokens_in("oidcc-client-test-missing-iat").await;
    assert!(!unverified(&tokens["id_token"], 1).contains_key("iat"));
    let (_, tokens) = tokens_in("oidcc-client-test-invalid-sig-es256").await;
    assert_eq!(unverified(&tokens["id_token"], 0)["alg"], "ES256");
}

#[tokio::test]
async fn an_es256_signature_is_that_of_a_published_key() {
    let (tenant, tokens) = tokens_in("oidcc-client-test-invalid-sig-es256").await;
    let jwks = Browser::new(&tenant).jwks().await;
    let is_ec = |jwk: &&jsonwebtoken::jwk::Jwk| {
        jwk.common.key_algorithm == Some(jsonwebtoken::jwk::KeyAlgorithm::ES256)
    };
    let jwk = jwks.keys.iter().find(is_ec).expect("a decoy");
    let key = jsonwebtoken::DecodingKey::from_jwk(jwk).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.validate_aud = false;
    let token = tokens["id_token"].as_str().unwrap();
    let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation);
    assert_eq!(claims.unwrap().claims["iss"], tenant.issuer());
    let kids: Vec<_> = jwks.keys.iter().map(|key| &key.common.key_id).collect();
    assert_eq!(kids.len(), 4);
    assert!(kids.iter().all(|kid| *kid == kids[0]), "one name for all");
}

#[tokio::test]
async fn moved_endpoints_are_where_the_metadata_say_and_nowhere_else() {
    let tenant = in_module("oidcc-client-test-discovery-openid-config").await;
    let http = plain_client();
    let metadata = format!("{}.well-known/openid-configuration", tenant.issuer());
    let metadata: Value = http
        .get(&metadata)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let status = |url: String| {
        let request = http.get(url);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    let jwks = metadata["jwks_uri"].as_str().unwrap().to_owned();
    assert_eq!(status(jwks).await, 200);
    assert_eq!(
        status(format!("{}.well-known/jwks.json", tenant.issuer())).await,
        404
    );
    assert_eq!(status(format!("{}userinfo", tenant.issuer())).await, 404);
    let userinfo = metadata["userinfo_endpoint"].as_str().unwrap().to_owned();
    assert_eq!(status(userinfo).await, 401);
}

#[tokio::test]
async fn answers_have_the_wrong_iss_and_state() {
    let answer_in = async |id: &str| {
        let tenant = in_module(id).await;
        let pushed = push(&tenant).await;
        let response = Browser::new(&tenant)
            .log_in(&pushed, "ada@example.com")
            .await;
        (tenant.issuer().to_owned(), answer(&response))
    };
    let prefix = "fapi2-security-profile-final-client-test-";
    let (issuer, found) = answer_in(&format!("{prefix}happy-path")).await;
    assert_eq!((&*found["iss"], &*found["state"]), (&*issuer, "st4te"));
    let (issuer, found) = answer_in(&format!("{prefix}invalid-authorization-response-iss")).await;
    assert_eq!(found["iss"], format!("{issuer}1"));
    let (_, found) = answer_in(&format!("{prefix}remove-authorization-response-iss")).await;
    assert!(!found.contains_key("iss") && found.contains_key("code"));
    let state = "ensure-authorization-response-with-invalid";
    let (_, found) = answer_in(&format!("{prefix}{state}-state-fails")).await;
    assert_eq!(found["state"], "st4te1");
    let (_, found) = answer_in(&format!("{prefix}{state}-missing-state-fails")).await;
    assert!(!found.contains_key("state") && found.contains_key("code"));
}

/// Pushes the usual request, with a proof, and returns what is left for the URL.
async fn push(tenant: &Tenant) -> Params {
    let (http, prover) = (plain_client(), Prover::new());
    let url = format!("{}oauth/par", tenant.issuer());
    let send = async |nonce: Option<String>| {
        let mut proof = prover.draft("POST", &url);
        if let Some(nonce) = nonce {
            proof.claims["nonce"] = nonce.into();
        }
        let request = http.post(&url).header("dpop", prover.sign(&proof));
        request.form(&params(tenant)).send().await.unwrap()
    };
    let challenged = send(None).await;
    let nonce = challenged.headers()["dpop-nonce"]
        .to_str()
        .unwrap()
        .to_owned();
    let pushed: Value = send(Some(nonce)).await.json().await.unwrap();
    let name = pushed["request_uri"].as_str().unwrap().to_owned();
    vec![("client_id", CLIENT.into()), ("request_uri", name)]
}

#[tokio::test]
async fn keys_change_just_before_signing_and_between_logins() {
    let tenant = in_module("oidcc-client-test-signing-key-rotation-just-before-signing").await;
    let browser = Browser::new(&tenant);
    let before = browser.jwks().await;
    let tokens = browser.tokens(&params(&tenant), "ada@example.com").await;
    let kid = unverified(&tokens["id_token"], 0)["kid"].clone();
    assert!(before.find(kid.as_str().unwrap()).is_none());
    browser.verified(&tokens["id_token"]).await;

    tenant
        .begin_module("oidcc-client-test-signing-key-rotation")
        .unwrap();
    let kid = async || {
        let code = answer(&browser.authorize(&params(&tenant)).await)["code"].clone();
        let tokens = browser.exchange(&code).await.1;
        unverified(&tokens["id_token"], 0)["kid"].clone()
    };
    assert_ne!(kid().await, kid().await);
}

#[tokio::test]
async fn every_rule_that_a_request_breaks_is_noted() {
    let tenant = in_module("oidcc-client-test").await;
    let browser = Browser::new(&tenant);
    browser.authorize(&params(&tenant)).await;
    let weak = ["the state cannot be guessed", "the nonce cannot be guessed"];
    assert_eq!(rules(&tenant), weak);

    tenant.begin_module("oidcc-client-test").unwrap();
    browser
        .authorize(&with(params(&tenant), "code_challenge_method", "plain"))
        .await;
    let found = rules(&tenant);
    assert!(
        found.contains(&"the challenge is made by S256"),
        "{found:?}"
    );
    assert!(
        found.contains(&"challenge, state and nonce are used once"),
        "{found:?}"
    );

    tenant.begin_module("oidcc-client-test").unwrap();
    let http = plain_client();
    let userinfo = format!("{}userinfo?access_token=a", tenant.issuer());
    http.get(userinfo).send().await.unwrap();
    let token = format!("{}oauth/token", tenant.issuer());
    let form = [("grant_type", "refresh_token"), ("client_secret", "s")];
    http.post(token)
        .form(&form)
        .bearer_auth("a")
        .send()
        .await
        .unwrap();
    assert_eq!(
        rules(&tenant),
        [
            "no token, code, verifier or secret stands in a query",
            "an Authorization header goes to resources only",
            "a public client has no secret",
            "a public client says who it is",
        ]
    );
}

#[tokio::test]
async fn a_proof_with_an_ath_at_the_token_endpoint_or_an_old_nonce_is_noted() {
    let tenant = in_module("fapi2-security-profile-final-client-test-happy-path").await;
    push(&tenant).await;
    let of_proofs = |rule: &&str| rule.starts_with("a proof");
    assert!(
        !rules(&tenant).iter().any(of_proofs),
        "{:?}",
        rules(&tenant)
    );
    let (http, prover) = (plain_client(), Prover::new());
    let url = format!("{}oauth/token", tenant.issuer());
    let mut proof = prover.draft("POST", &url);
    proof.claims["ath"] = "a".into();
    proof.claims["nonce"] = "of-yesterday".into();
    http.post(&url)
        .header("dpop", prover.sign(&proof))
        .form(&[("grant_type", "refresh_token"), ("client_id", CLIENT)])
        .send()
        .await
        .unwrap();
    let found = rules(&tenant);
    let found: Vec<_> = found.iter().copied().filter(of_proofs).collect();
    assert_eq!(
        found,
        [
            "a proof has an ath beside an access token only",
            "a proof has the nonce that was given last",
        ]
    );
}
