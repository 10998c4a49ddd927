//! Logging in at the tenant's pages.

use crate::common::*;
use tenant::DEMO_PASSWORD;

#[tokio::test]
async fn a_login_ends_in_tokens_that_verify_and_open_the_users_record() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let page = browser.begin(&params(&tenant)).await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains("Log in to Demo"));

    let response = browser
        .submit(
            &page,
            &[("email", "ada@example.com"), ("password", DEMO_PASSWORD)],
        )
        .await;
    let answered = answer(&response);
    assert_eq!(answered["state"], "st4te");
    assert!(!answered.contains_key("iss"));
    let (status, tokens) = browser.exchange(&answered["code"]).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 86_400);
    assert_eq!(tokens["scope"], SCOPE);
    assert!(tokens.get("refresh_token").is_none());

    let id = browser.verified(&tokens["id_token"]).await;
    assert_eq!(id["iss"], tenant.issuer());
    assert_eq!(id["aud"], CLIENT);
    assert_eq!(id["sub"], ADA);
    assert_eq!(id["nonce"], "n0nce");
    assert_eq!(id["name"], "Ada Lovelace");
    assert_eq!(id["email"], "ada@example.com");
    assert_eq!(
        id["exp"].as_i64().expect("exp") - id["iat"].as_i64().expect("iat"),
        36_000
    );
    assert!(!id.contains_key("auth_time"));

    let url = format!(
        "{}users/auth0%7Cada000000000000000000001",
        tenant.audience()
    );
    let token = tokens["access_token"].as_str().expect("a token");
    let user = browser
        .http
        .get(url)
        .bearer_auth(token)
        .send()
        .await
        .expect("an answer");
    assert_eq!(user.status(), 200);
    let user: serde_json::Value = user.json().await.expect("JSON");
    assert_eq!(user["user_metadata"]["theme"], "dark");
    let picture = browser
        .http
        .get(user["picture"].as_str().expect("a picture"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(picture.headers()["content-type"], "image/svg+xml");
}
