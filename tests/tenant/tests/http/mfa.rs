//! A second factor that is demanded at the token endpoint.

use serde_json::{Value, json};
use tenant::NewUser;

use crate::common::*;

fn is_demand((status, body): &(u16, Value)) -> bool {
    let description = &body["error_description"];
    assert_eq!(description, "Multifactor authentication required");
    let has_token = body["mfa_token"].as_str().is_some_and(|it| it.len() > 20);
    *status == 403 && body["error"] == "mfa_required" && has_token
}

#[tokio::test]
async fn a_refresh_is_refused_and_its_token_is_good_afterwards() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let params = with(params(&tenant), "scope", "openid offline_access");
    let tokens = browser.tokens(&params, "ada@example.com").await;
    let token = tokens["refresh_token"].as_str().unwrap();
    tenant.require_mfa(ADA).unwrap();
    assert!(is_demand(&browser.refresh(token).await));
    assert!(is_demand(&browser.refresh(token).await));
    tenant.forgo_mfa(ADA).unwrap();
    let (status, tokens) = browser.refresh(token).await;
    assert_eq!(status, 200);
    let next = tokens["refresh_token"].as_str().unwrap();
    tenant.require_mfa(ADA).unwrap();
    let (_, reuse) = browser.refresh(token).await;
    assert_eq!(reuse["error"], "invalid_grant", "reuse is noticed first");
    assert_eq!(browser.refresh(next).await.1["error"], "invalid_grant");
    assert!(tenant.require_mfa("nobody").is_err());
}

#[tokio::test]
async fn a_code_is_refused_too() {
    let careful = NewUser::new("alan@example.com", "dioxus-Demo-1").mfa_required();
    let tenant = demo().user(careful).start().await.unwrap();
    let browser = Browser::new(&tenant);
    let code = browser.code(&params(&tenant), "alan@example.com").await;
    assert!(is_demand(&browser.exchange(&code).await));
}

#[tokio::test]
async fn a_blocked_user_is_told_that_first() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let params = with(params(&tenant), "scope", "openid offline_access");
    let tokens = browser.tokens(&params, "ada@example.com").await;
    tenant.require_mfa(ADA).unwrap();
    tenant.block(ADA).unwrap();
    let token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(browser.refresh(token).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn the_demand_is_set_over_the_control_interface() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let url = format!(
        "{}users/{}/mfa",
        tenant.control_url(),
        ADA.replace('|', "%7C")
    );
    let http = plain_client();
    assert_eq!(http.post(&url).send().await.unwrap().status(), 204);
    let code = browser.code(&params(&tenant), "ada@example.com").await;
    assert!(is_demand(&browser.exchange(&code).await));
    assert_eq!(http.delete(&url).send().await.unwrap().status(), 204);
    let code = answer(&browser.authorize(&params(&tenant)).await)["code"].clone();
    let (status, body) = browser.exchange(&code).await;
    assert_eq!((status, &body["error"]), (200, &json!(null)));
}
