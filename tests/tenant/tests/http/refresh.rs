//! Refresh tokens: rotation, overlap, reuse and revocation.

use std::time::Duration;

use serde_json::{Value, json};
use tenant::{Builder, Endpoint, Fault, Tenant};

use crate::common::*;

async fn with_refresh_token(builder: Builder) -> (Tenant, Browser, String) {
    let tenant = builder.start().await.unwrap();
    let browser = Browser::new(&tenant);
    let params = with(params(&tenant), "scope", &format!("{SCOPE} offline_access"));
    let tokens = browser.tokens(&params, "ada@example.com").await;
    let token = refresh_token(&tokens);
    (tenant, browser, token)
}

fn refresh_token(tokens: &Value) -> String {
    tokens["refresh_token"]
        .as_str()
        .expect("a refresh token")
        .to_owned()
}

fn refused() -> (u16, Value) {
    (
        403,
        json!({ "error": "invalid_grant", "error_description": "Unknown or invalid refresh token." }),
    )
}

#[tokio::test]
async fn reuse_revokes_the_family() {
    let (_tenant, browser, first) = with_refresh_token(demo()).await;
    let (status, tokens) = browser.refresh(&first).await;
    assert_eq!(status, 200);
    let second = refresh_token(&tokens);
    assert_ne!(first, second);
    assert_eq!(browser.refresh(&first).await, refused());
    assert_eq!(
        browser.refresh(&second).await,
        refused(),
        "the whole family is gone"
    );
}

#[tokio::test]
async fn unknown_foreign_and_late_tokens_are_refused() {
    let (tenant, browser, token) = with_refresh_token(demo()).await;
    assert_eq!(browser.refresh("made-up").await, refused());
    let foreign = [
        ("grant_type", "refresh_token"),
        ("client_id", "other-app"),
        ("refresh_token", token.as_str()),
    ];
    assert_eq!(browser.token(&foreign).await, refused());
    tenant.set_clock_offset(31 * 86_400);
    assert_eq!(browser.refresh(&token).await, refused());
    tenant.set_clock_offset(0);
    assert_eq!(
        browser.refresh(&token).await.0,
        200,
        "none of that used the token up"
    );
}

#[tokio::test]
async fn of_many_refreshes_at_once_one_wins_and_the_family_ends() {
    let (_tenant, browser, token) = with_refresh_token(demo()).await;
    let (a, b) = tokio::join!(browser.refresh(&token), browser.refresh(&token));
    let won: Vec<_> = [&a, &b]
        .into_iter()
        .filter(|(status, _)| *status == 200)
        .collect();
    assert_eq!(won.len(), 1);
    assert_eq!(browser.refresh(&refresh_token(&won[0].1)).await, refused());
}

#[tokio::test]
async fn within_the_overlap_only_the_token_just_replaced_is_taken() {
    let (_tenant, browser, first) =
        with_refresh_token(demo().overlap(Duration::from_secs(30))).await;
    let second = refresh_token(&browser.refresh(&first).await.1);
    let sibling = refresh_token(&browser.refresh(&first).await.1);
    assert_ne!(second, sibling);
    let third = refresh_token(&browser.refresh(&second).await.1);
    assert_eq!(
        browser.refresh(&first).await,
        refused(),
        "two steps back is reuse"
    );
    assert_eq!(browser.refresh(&third).await, refused());
}

#[tokio::test]
async fn a_token_of_the_overlap_is_itself_replaced_and_then_reused_only_within_it() {
    let (tenant, browser, first) =
        with_refresh_token(demo().overlap(Duration::from_secs(30))).await;
    let second = refresh_token(&browser.refresh(&first).await.1);
    let sibling = refresh_token(&browser.refresh(&first).await.1);
    let third = refresh_token(&browser.refresh(&sibling).await.1);
    assert_eq!(
        browser.refresh(&second).await.0,
        200,
        "the sibling of the one just replaced is as old"
    );
    tenant.set_clock_offset(31);
    assert_eq!(browser.refresh(&second).await, refused());
    assert_eq!(browser.refresh(&third).await, refused());
}

#[tokio::test]
async fn after_the_overlap_a_replaced_token_is_reuse() {
    let (tenant, browser, first) =
        with_refresh_token(demo().overlap(Duration::from_secs(30))).await;
    let second = refresh_token(&browser.refresh(&first).await.1);
    tenant.set_clock_offset(31);
    assert_eq!(browser.refresh(&first).await, refused());
    assert_eq!(browser.refresh(&second).await, refused());
}

#[tokio::test]
async fn without_rotation_the_token_stays() {
    let (_tenant, browser, token) = with_refresh_token(demo().rotation(false)).await;
    for _ in 0..2 {
        let (status, tokens) = browser.refresh(&token).await;
        assert_eq!(status, 200);
        assert!(tokens.get("refresh_token").is_none());
    }
}

#[tokio::test]
async fn refreshed_tokens_are_those_of_the_login() {
    let (tenant, browser, token) = with_refresh_token(demo()).await;
    tenant.set_clock_offset(120);
    let (_, tokens) = browser.refresh(&token).await;
    let claims = browser.verified(&tokens["id_token"]).await;
    assert_eq!(claims["sub"], ADA);
    assert_eq!(claims["aud"], CLIENT);
    assert!(!claims.contains_key("nonce"));
    assert_eq!(tokens["scope"], format!("{SCOPE} offline_access"));
    assert_eq!(tokens["expires_in"], 86_400);
}

#[tokio::test]
async fn a_refresh_may_narrow_but_never_widen() {
    let (_tenant, browser, token) = with_refresh_token(demo()).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT),
        ("refresh_token", token.as_str()),
        ("scope", "openid email delete:current_user_metadata"),
    ];
    assert_eq!(browser.token(&form).await.1["scope"], "openid email");
}

#[tokio::test]
async fn a_blocked_user_gets_no_tokens() {
    let (tenant, browser, token) = with_refresh_token(demo()).await;
    tenant.block(ADA).unwrap();
    let (status, body) = browser.refresh(&token).await;
    assert_eq!(
        (status, &body["error"], &body["error_description"]),
        (403, &json!("invalid_grant"), &json!("user is blocked"))
    );
}

#[tokio::test]
async fn revoking_ends_the_family_and_says_nothing_about_unknown_tokens() {
    let (_tenant, browser, token) = with_refresh_token(demo()).await;
    let revoke = |client: &'static str, token: String| {
        let url = format!("{}/oauth/revoke", browser.root);
        let form = [
            ("client_id", client.to_owned()),
            ("token", token),
            ("token_type_hint", "refresh_token".into()),
        ];
        let request = browser.http.post(url).form(&form);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(revoke("nobody", token.clone()).await, 401);
    assert_eq!(revoke(CLIENT, String::new()).await, 400);
    assert_eq!(revoke(CLIENT, "made-up".into()).await, 200);
    assert_eq!(revoke("other-app", token.clone()).await, 200);
    let second = refresh_token(&browser.refresh(&token).await.1);
    assert_eq!(revoke(CLIENT, second.clone()).await, 200);
    assert_eq!(browser.refresh(&second).await, refused());
}

#[tokio::test]
async fn the_log_counts_what_each_refresh_token_was_used_for() {
    let (tenant, browser, first) = with_refresh_token(demo()).await;
    assert!(tenant.refreshes_by_token().is_empty());
    tenant
        .faults()
        .set(Endpoint::Token, Fault::Status(503, "busy".into()), Some(1));
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT),
        ("refresh_token", first.as_str()),
    ];
    let url = format!("{}/oauth/token", browser.root);
    let busy = browser.http.post(&url).form(&form).send().await.unwrap();
    assert_eq!(busy.status(), 503);
    let (_, tokens) = browser.refresh(&first).await;
    let second = refresh_token(&tokens);
    browser.refresh(&second).await;

    let mut counts: Vec<_> = tenant.refreshes_by_token().into_values().collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2]);
    let requests = tenant.requests();
    let [.., busy, again, other] = &*requests else {
        panic!("three refreshes are in the log");
    };
    assert!(busy.faulted && !again.faulted);
    assert_eq!(busy.refresh_token, again.refresh_token);
    assert_ne!(again.refresh_token, other.refresh_token);
    let written = serde_json::to_string(&requests).unwrap();
    assert!(!written.contains(&first) && !written.contains(&second));
    tenant.clear_requests();
    assert!(tenant.refreshes_by_token().is_empty());
}

#[tokio::test]
async fn a_form_without_end_is_not_read() {
    let tenant = demo().start().await.unwrap();
    let url = format!("{}oauth/token", tenant.issuer());
    let form = format!(
        "grant_type=refresh_token&refresh_token={}",
        "x".repeat(70_000)
    );
    let request = plain_client().post(url).body(form);
    assert_eq!(request.send().await.unwrap().status(), 413);
}
