//! The control interface.

use serde_json::{Value, json};

use crate::common::*;

#[tokio::test]
async fn web_pages_and_rebound_names_are_kept_out() {
    let tenant = start().await;
    let url = format!("{}requests", tenant.control_url());
    let http = plain_client();
    assert_eq!(
        http.get(&url)
            .header("origin", ORIGIN)
            .send()
            .await
            .unwrap()
            .status(),
        403
    );
    assert_eq!(
        http.get(&url)
            .header("host", "evil.test")
            .send()
            .await
            .unwrap()
            .status(),
        403
    );
    assert_eq!(http.get(&url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn everything_the_library_does_can_be_asked_for() {
    let tenant = start().await;
    let http = plain_client();
    let at = |path: &str| format!("{}{path}", tenant.control_url());
    let ada = "users/auth0%7Cada000000000000000000001";

    let bad = http
        .post(at("faults"))
        .json(&json!({ "endpoint": "nothing", "fault": "hang_up" }))
        .send()
        .await
        .unwrap();
    assert_eq!(bad.status(), 422);
    let fault = json!({ "endpoint": "jwks", "fault": { "status": [503, "busy"] }, "times": 1 });
    assert_eq!(
        http.post(at("faults"))
            .json(&fault)
            .send()
            .await
            .unwrap()
            .status(),
        204
    );
    let url = format!("{}.well-known/jwks.json?x=secret", tenant.issuer());
    assert_eq!(
        http.get(&url)
            .header("origin", ORIGIN)
            .send()
            .await
            .unwrap()
            .status(),
        503
    );

    let requests: Vec<Value> = http
        .get(at("requests"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0]["query"], json!(["x"]));
    assert_eq!(
        (&requests[0]["status"], &requests[0]["origin"]),
        (&json!(503), &json!(ORIGIN))
    );
    assert!(!requests[0].to_string().contains("secret"));
    assert_eq!(
        http.delete(at("requests")).send().await.unwrap().status(),
        204
    );
    assert!(tenant.requests().is_empty());

    let faults = http
        .post(at("faults"))
        .json(&json!({ "endpoint": "jwks", "fault": "hang_up" }))
        .send()
        .await
        .unwrap();
    assert_eq!(faults.status(), 204);
    assert_eq!(
        http.delete(at("faults")).send().await.unwrap().status(),
        204
    );
    assert_eq!(http.get(&url).send().await.unwrap().status(), 200);

    let rotated: Value = http
        .post(at("keys/rotate"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert!(rotated["kid"].is_string());
    assert_eq!(
        http.post(at("keys/retire")).send().await.unwrap().status(),
        204
    );

    let user: Value = http
        .post(at(&format!("{ada}/block")))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(user["blocked"], true);
    http.delete(at(&format!("{ada}/block")))
        .send()
        .await
        .unwrap();
    let put = http.put(at(&format!("{ada}/metadata")));
    let user: Value = put
        .json(&json!({ "a": [1] }))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(user["user_metadata"], json!({ "a": [1] }));
    let wrong = http
        .put(at(&format!("{ada}/metadata")))
        .json(&json!([1]))
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 400);
    assert_eq!(
        http.post(at("users/nobody/block"))
            .send()
            .await
            .unwrap()
            .status(),
        404
    );

    let clock = http
        .post(at("clock"))
        .json(&json!({ "offset_seconds": -90 }));
    let clock: Value = clock.send().await.unwrap().json().await.unwrap();
    assert_eq!(clock["offset_seconds"], -90);
}

#[tokio::test]
async fn the_log_names_the_grant_and_no_secret() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let code = browser.code(&params(&tenant), "ada@example.com").await;
    browser.exchange(&code).await;
    let last = tenant.requests().pop().unwrap();
    assert_eq!(
        (last.path.as_str(), last.grant_type.as_deref()),
        ("/oauth/token", Some("authorization_code"))
    );
    let whole = serde_json::to_string(&tenant.requests()).unwrap();
    assert!(!whole.contains(&code) && !whole.contains("st4te") && !whole.contains(VERIFIER));
    let store = format!("{tenant:?}");
    assert!(!store.contains("argon2") && !store.contains("PRIVATE"));
}
