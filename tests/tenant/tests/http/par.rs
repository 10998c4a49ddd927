//! Requests that are pushed before the user comes.

use serde_json::{Value, json};
use tenant::Tenant;

use crate::common::*;
use crate::prover::Prover;

async fn offering() -> (Tenant, Browser) {
    let tenant = demo().pushed_requests().start().await.unwrap();
    let browser = Browser::new(&tenant);
    (tenant, browser)
}

async fn push(browser: &Browser, params: &Params, proof: Option<String>) -> (u16, Value) {
    let mut request = browser
        .http
        .post(format!("{}/oauth/par", browser.root))
        .form(params);
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn pushed(browser: &Browser, params: &Params) -> Params {
    let (status, body) = push(browser, params, None).await;
    assert_eq!((status, &body["expires_in"]), (201, &json!(30)), "{body}");
    named(&body)
}

fn named(body: &Value) -> Params {
    let request_uri = body["request_uri"].as_str().unwrap();
    assert!(request_uri.starts_with("urn:ietf:params:oauth:request_uri:"));
    vec![
        ("client_id", CLIENT.into()),
        ("request_uri", request_uri.into()),
    ]
}

async fn metadata(tenant: &Tenant) -> Value {
    let url = format!("{}.well-known/openid-configuration", tenant.issuer());
    let response = plain_client().get(url).send().await.unwrap();
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_pushed_request_logs_in_once() {
    let (tenant, browser) = offering().await;
    let mut short = pushed(&browser, &params(&tenant)).await;
    short.push(("state", "not-this-one".into()));
    let response = browser.log_in(&short, "ada@example.com").await;
    let told = answer(&response);
    assert_eq!(told["state"], "st4te", "only what was pushed counts");
    let (status, tokens) = browser.exchange(&told["code"]).await;
    assert_eq!(status, 200);
    let claims = browser.verified(&tokens["id_token"]).await;
    assert_eq!(claims["nonce"], "n0nce");

    let again = browser.authorize(&short).await;
    assert_eq!(again.status(), 400);
    assert!(again.text().await.unwrap().contains("request_uri"));
}

#[tokio::test]
async fn a_pushed_request_is_its_clients_own_and_lives_half_a_minute() {
    let (tenant, browser) = offering().await;
    let short = pushed(&browser, &params(&tenant)).await;
    let foreign = with(short.clone(), "client_id", "other-app");
    assert_eq!(browser.authorize(&foreign).await.status(), 400);
    assert_eq!(browser.authorize(&short).await.status(), 302);
    let short = pushed(&browser, &params(&tenant)).await;
    tenant.set_clock_offset(31);
    assert_eq!(browser.authorize(&short).await.status(), 400);
    let made_up = with(short, "request_uri", "urn:ietf:params:oauth:request_uri:x");
    assert_eq!(browser.authorize(&made_up).await.status(), 400);
}

#[tokio::test]
async fn a_wrong_request_is_refused_when_it_is_pushed() {
    let (tenant, browser) = offering().await;
    let urn = "urn:ietf:params:oauth:request_uri:x";
    let cases = [
        ("client_id", "nobody", 401, "access_denied"),
        ("redirect_uri", "http://evil.test/", 400, "invalid_request"),
        ("code_challenge", "", 400, "invalid_request"),
        ("response_type", "token", 400, "unsupported_response_type"),
        ("audience", "https://nobody.test/", 400, "access_denied"),
        ("request_uri", urn, 400, "invalid_request"),
    ];
    for (name, value, status, error) in cases {
        let wrong = with(params(&tenant), name, value);
        let (got, body) = push(&browser, &wrong, None).await;
        assert_eq!((got, &body["error"]), (status, &json!(error)), "{name}");
    }
}

#[tokio::test]
async fn a_proof_at_the_push_binds_the_code() {
    let (tenant, browser) = offering().await;
    let prover = Prover::new();
    let url = format!("{}oauth/par", tenant.issuer());
    let proof = || Some(prover.proof("POST", &url));
    let other = with(params(&tenant), "dpop_jkt", &Prover::new().thumbprint());
    let (status, body) = push(&browser, &other, proof()).await;
    assert_eq!(
        (status, &body["error"]),
        (400, &json!("invalid_dpop_proof"))
    );
    let wrong = prover.proof("POST", tenant.issuer());
    assert_eq!(push(&browser, &params(&tenant), Some(wrong)).await.0, 400);

    let (status, body) = push(&browser, &params(&tenant), proof()).await;
    assert_eq!(status, 201);
    let code = browser.code(&named(&body), "ada@example.com").await;
    let (status, body) = browser.exchange(&code).await;
    assert_eq!(
        (status, &body["error"]),
        (400, &json!("invalid_dpop_proof"))
    );
}

#[tokio::test]
async fn a_tenant_may_require_the_push() {
    let tenant = demo().require_pushed_requests().start().await.unwrap();
    let browser = Browser::new(&tenant);
    let told = answer(&browser.authorize(&params(&tenant)).await);
    assert_eq!(told["error"], "invalid_request");
    assert!(!told.contains_key("code"));
    let short = pushed(&browser, &params(&tenant)).await;
    browser.code(&short, "ada@example.com").await;
    let metadata = metadata(&tenant).await;
    assert_eq!(metadata["require_pushed_authorization_requests"], true);
}

#[tokio::test]
async fn discovery_tells_whether_requests_can_be_pushed() {
    let (tenant, _) = offering().await;
    let offered = metadata(&tenant).await;
    assert_eq!(
        offered["pushed_authorization_request_endpoint"],
        format!("{}oauth/par", tenant.issuer())
    );
    assert_eq!(offered["require_pushed_authorization_requests"], false);
    let tenant = start().await;
    let unknown = metadata(&tenant).await;
    assert!(
        unknown
            .get("pushed_authorization_request_endpoint")
            .is_none()
    );
    let url = format!("{}oauth/par", tenant.issuer());
    let response = plain_client().post(url).form(&params(&tenant)).send().await;
    assert_eq!(response.unwrap().status(), 404);
}
