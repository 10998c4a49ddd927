//! Logging in again without a page: the session cookie, `prompt` and `max_age`.

use crate::common::*;

#[tokio::test]
async fn without_a_session_prompt_none_needs_a_login() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let silent = with(params(&tenant), "prompt", "none");
    let told = answer(&browser.authorize(&silent).await);
    assert_eq!(told["error"], "login_required");
    assert_eq!(told["error_description"], "Login required");

    browser.code(&params(&tenant), "ada@example.com").await;
    tenant.set_clock_offset(4 * 86_400);
    assert_eq!(
        answer(&browser.authorize(&silent).await)["error"],
        "login_required",
        "sessions end"
    );
}

#[tokio::test]
async fn without_consent_prompt_none_needs_it() {
    let tenant = builder(false).start().await.unwrap();
    let browser = Browser::new(&tenant);
    browser.log_in(&params(&tenant), "ada@example.com").await;
    let told = answer(
        &browser
            .authorize(&with(params(&tenant), "prompt", "none"))
            .await,
    );
    assert_eq!(told["error"], "consent_required");
}

#[tokio::test]
async fn a_session_logs_in_silently_and_keeps_its_sid() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let response = browser.log_in(&params(&tenant), "ada@example.com").await;
    let cookies: Vec<_> = response
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|c| c.to_str().unwrap())
        .collect();
    assert!(
        cookies
            .iter()
            .all(|cookie| cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax")),
        "{cookies:?}"
    );
    let (_, first) = browser.exchange(&answer(&response)["code"]).await;

    let silent = answer(
        &browser
            .authorize(&with(params(&tenant), "prompt", "none"))
            .await,
    );
    let (_, second) = browser.exchange(&silent["code"]).await;
    let (first, second) = (
        browser.verified(&first["id_token"]).await,
        browser.verified(&second["id_token"]).await,
    );
    assert_eq!(first["sid"], second["sid"]);
    assert_eq!(first["sub"], second["sub"]);
}

#[tokio::test]
async fn prompt_login_and_max_age_ask_again() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    browser.code(&params(&tenant), "ada@example.com").await;
    let asks = |params: Params| {
        let browser = &browser;
        async move { location(&browser.authorize(&params).await).starts_with("/u/login") }
    };
    assert!(asks(with(params(&tenant), "prompt", "login")).await);
    assert!(asks(with(params(&tenant), "max_age", "0")).await);
    assert!(!asks(with(params(&tenant), "max_age", "60")).await);
    tenant.set_clock_offset(100);
    assert!(asks(with(params(&tenant), "max_age", "60")).await);
    assert!(!asks(params(&tenant)).await);

    let silent = with(with(params(&tenant), "prompt", "none"), "max_age", "60");
    assert_eq!(
        answer(&browser.authorize(&silent).await)["error"],
        "login_required"
    );
}

#[tokio::test]
async fn auth_time_comes_with_max_age() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let tokens = browser
        .tokens(&with(params(&tenant), "max_age", "60"), "ada@example.com")
        .await;
    let first = browser.verified(&tokens["id_token"]).await;
    tenant.set_clock_offset(30);
    let silent = answer(
        &browser
            .authorize(&with(params(&tenant), "max_age", "60"))
            .await,
    );
    let (_, tokens) = browser.exchange(&silent["code"]).await;
    let second = browser.verified(&tokens["id_token"]).await;
    assert_eq!(first["auth_time"], second["auth_time"]);
    assert!(second["iat"].as_i64() > first["iat"].as_i64());
}

#[tokio::test]
async fn a_user_blocked_meanwhile_does_not_come_back_in() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    browser.code(&params(&tenant), "ada@example.com").await;
    tenant.block(ADA).unwrap();
    assert_eq!(
        answer(&browser.authorize(&params(&tenant)).await)["error"],
        "unauthorized"
    );
    tenant.unblock(ADA).unwrap();
    assert!(answer(&browser.authorize(&params(&tenant)).await).contains_key("code"));
}
