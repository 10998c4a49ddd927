//! Every fault, as a client meets it.

use std::time::{Duration, Instant};

use serde_json::json;
use tenant::{Endpoint, Fault, Mutation, Tenant};

use crate::common::*;

fn jwks_url(tenant: &Tenant) -> String {
    format!("{}.well-known/jwks.json", tenant.issuer())
}

#[tokio::test]
async fn answers_can_be_replaced() {
    let tenant = start().await;
    let http = plain_client();
    let cases = [
        (
            Fault::Status(503, "busy".into()),
            503,
            "text/plain; charset=utf-8",
            "busy",
        ),
        (
            Fault::Status(500, "{\"a\":1}".into()),
            500,
            "application/json",
            "{\"a\":1}",
        ),
        (
            Fault::Body {
                content_type: "text/html".into(),
                bytes: b"<p>".to_vec(),
            },
            200,
            "text/html",
            "<p>",
        ),
    ];
    for (fault, status, content_type, body) in cases {
        tenant.faults().set(Endpoint::Jwks, fault, Some(1));
        let response = http.get(jwks_url(&tenant)).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["content-type"], content_type);
        assert_eq!(response.text().await.unwrap(), body);
        assert_eq!(
            http.get(jwks_url(&tenant)).send().await.unwrap().status(),
            200,
            "once is once"
        );
    }
    let busy = Fault::Answer {
        status: 429,
        headers: vec![("retry-after".into(), "2".into())],
        body: "{}".into(),
    };
    tenant.faults().set(Endpoint::Jwks, busy, None);
    let response = http.get(jwks_url(&tenant)).send().await.unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["retry-after"]
        ),
        (429, &"2".parse().unwrap())
    );

    tenant.faults().set(
        Endpoint::Jwks,
        Fault::Redirect("http://127.0.0.1:9/".into()),
        None,
    );
    assert_eq!(
        location(&http.get(jwks_url(&tenant)).send().await.unwrap()),
        "http://127.0.0.1:9/"
    );
    tenant.faults().clear();
    assert_eq!(
        http.get(jwks_url(&tenant)).send().await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn a_slow_endpoint_answers_late_and_right() {
    let tenant = start().await;
    tenant.faults().set(
        Endpoint::Jwks,
        Fault::Slow(Duration::from_millis(300)),
        None,
    );
    let begun = Instant::now();
    let response = plain_client().get(jwks_url(&tenant)).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_hang_up_is_no_answer_and_is_recorded() {
    let tenant = start().await;
    tenant.faults().set(Endpoint::Jwks, Fault::HangUp, Some(1));
    assert!(plain_client().get(jwks_url(&tenant)).send().await.is_err());
    let requests = tenant.requests();
    let last = requests.last().unwrap();
    assert_eq!(
        (last.path.as_str(), last.status, last.faulted),
        ("/.well-known/jwks.json", None, true)
    );
}

#[tokio::test]
async fn a_lost_answer_was_still_carried_out() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let code = browser.code(&params(&tenant), "ada@example.com").await;
    tenant
        .faults()
        .set(Endpoint::Token, Fault::LoseAnswer, Some(1));
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
        ("redirect_uri", CALLBACK),
    ];
    let url = format!("{}/oauth/token", browser.root);
    assert!(plain_client().post(url).form(&form).send().await.is_err());
    assert_eq!(
        browser.exchange(&code).await.1["error_description"],
        "Invalid authorization code"
    );
}

#[tokio::test]
async fn answers_can_be_patched() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let patch = json!({ "expires_in": null, "scope": "openid", "extra": [1] });
    tenant
        .faults()
        .set(Endpoint::Token, Fault::Patch(patch), None);
    let tokens = browser.tokens(&params(&tenant), "ada@example.com").await;
    assert!(tokens.get("expires_in").is_none());
    assert_eq!(
        (&tokens["scope"], &tokens["extra"]),
        (&json!("openid"), &json!([1]))
    );
    assert!(tokens["id_token"].is_string());
}

#[tokio::test]
async fn id_tokens_can_lie() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    browser.code(&params(&tenant), "ada@example.com").await;
    let lie = |mutation: Mutation| {
        tenant
            .faults()
            .set(Endpoint::Token, Fault::IdToken(mutation), Some(1));
        let (browser, params) = (&browser, params(&tenant));
        async move {
            let code = answer(&browser.authorize(&params).await)["code"].clone();
            browser.exchange(&code).await.1["id_token"].clone()
        }
    };
    let changed = lie(Mutation::Set("iss".into(), "https://evil.test/".into())).await;
    assert_eq!(
        browser.verified(&changed).await["iss"],
        "https://evil.test/"
    );
    let removed = lie(Mutation::Remove("sub".into())).await;
    assert!(!browser.verified(&removed).await.contains_key("sub"));

    let why = |token: serde_json::Value| {
        let browser = &browser;
        async move { browser.verify(token.as_str().unwrap()).await.unwrap_err() }
    };
    assert_eq!(
        why(lie(Mutation::BadSignature).await).await,
        "InvalidSignature"
    );
    assert_eq!(why(lie(Mutation::WrongKid).await).await, "unknown kid");
    assert_eq!(why(lie(Mutation::NoKid).await).await, "no kid");
    assert_eq!(
        why(lie(Mutation::Alg("HS256".into())).await).await,
        "InvalidAlgorithm"
    );
    assert!(why(lie(Mutation::Unsigned).await).await.contains("none"));
    assert_eq!(lie(Mutation::Garbage).await, "this is no token");
    assert!(lie(Mutation::Omit).await.is_null());

    let twice = Mutation::All(vec![
        Mutation::Remove("iat".into()),
        Mutation::Set("aud".into(), json!(["a"])),
    ]);
    let both = browser.verified(&lie(twice).await).await;
    assert!(!both.contains_key("iat") && both["aud"] == json!(["a"]));
    browser
        .verified(&lie(Mutation::All(Vec::new())).await)
        .await;
}

#[tokio::test]
async fn every_endpoint_can_fail() {
    let tenant = start().await;
    let http = plain_client();
    let endpoints = [
        (
            Endpoint::Discovery,
            "GET",
            ".well-known/openid-configuration",
        ),
        (Endpoint::Jwks, "GET", ".well-known/jwks.json"),
        (Endpoint::Authorize, "GET", "authorize"),
        (Endpoint::Pages, "GET", "u/login"),
        (Endpoint::Token, "POST", "oauth/token"),
        (Endpoint::Revoke, "POST", "oauth/revoke"),
        (Endpoint::UserInfo, "GET", "userinfo"),
        (Endpoint::Logout, "GET", "v2/logout"),
        (Endpoint::Logout, "GET", "oidc/logout"),
        (Endpoint::UserRead, "GET", "api/v2/users/x"),
        (Endpoint::UserUpdate, "PATCH", "api/v2/users/x"),
        (Endpoint::Pictures, "GET", "pictures/al.svg"),
        (Endpoint::Dashboard, "GET", "dashboard"),
    ];
    for (endpoint, method, path) in endpoints {
        tenant
            .faults()
            .set(endpoint, Fault::Status(418, String::new()), Some(1));
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let response = http
            .request(method, format!("{}{path}", tenant.issuer()))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 418, "{path}");
    }
}
