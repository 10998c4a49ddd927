//! Tokens of another making, exchanged for the tenant's.

use serde_json::{Value, json};
use tenant::{Application, Builder, Organization, Tenant};

use crate::common::*;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const LEGACY: &str = "urn:acme:legacy-token";
const APP: &str = "acme";

fn exchanging(first_party: bool) -> Builder {
    let app = Application::new(APP).token_exchange(true);
    demo()
        .application(app.first_party(first_party))
        .token_exchange_profile(LEGACY)
}

fn form(tenant: &Tenant) -> Params {
    vec![
        ("grant_type", GRANT.into()),
        ("client_id", APP.into()),
        ("subject_token", "user:ada@example.com".into()),
        ("subject_token_type", LEGACY.into()),
        ("audience", tenant.orders_audience()),
        ("scope", "openid email offline_access read:orders".into()),
    ]
}

async fn exchange(browser: &Browser, form: &Params) -> (u16, Value) {
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, &**value)).collect();
    browser.token(&form).await
}

#[tokio::test]
async fn a_subject_token_buys_all_tokens_that_are_asked_for() {
    let tenant = exchanging(true).start().await.unwrap();
    let browser = Browser::new(&tenant);
    let made = tenant.subject_token(ADA).unwrap();
    for subject in ["user:ada@example.com", &made] {
        let form = with(form(&tenant), "subject_token", subject);
        let (status, tokens) = exchange(&browser, &form).await;
        assert_eq!(status, 200, "{tokens}");
        assert_eq!(
            tokens["issued_token_type"],
            "urn:ietf:params:oauth:token-type:access_token"
        );
        let access = browser.verified(&tokens["access_token"]).await;
        assert_eq!(access["aud"][0], tenant.orders_audience());
        assert_eq!(access["scope"], "openid email offline_access read:orders");
        let id = browser.verified(&tokens["id_token"]).await;
        assert_eq!((&id["sub"], &id["aud"]), (&json!(ADA), &json!(APP)));
        let refresh = [
            ("grant_type", "refresh_token"),
            ("client_id", APP),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ];
        assert_eq!(browser.token(&refresh).await.0, 200);
    }
    let little = with(form(&tenant), "scope", "read:orders");
    let (_, tokens) = exchange(&browser, &little).await;
    assert!(tokens.get("id_token").is_none() && tokens.get("refresh_token").is_none());
}

#[tokio::test]
async fn what_no_profile_takes_is_refused() {
    let tenant = exchanging(true).start().await.unwrap();
    let browser = Browser::new(&tenant);
    let login = browser.tokens(&params(&tenant), "ada@example.com").await;
    let access = login["access_token"].as_str().unwrap();
    let id = login["id_token"].as_str().unwrap();
    let jwt = "urn:ietf:params:oauth:token-type:jwt";
    let cases = [
        ("client_id", CLIENT, 403, "unauthorized_client"),
        ("client_id", "nobody", 401, "access_denied"),
        (
            "subject_token_type",
            "urn:acme:other",
            400,
            "invalid_request",
        ),
        ("subject_token_type", jwt, 400, "invalid_request"),
        ("subject_token_type", "", 400, "invalid_request"),
        ("subject_token", "", 400, "invalid_request"),
        (
            "subject_token",
            "user:nobody@example.com",
            400,
            "invalid_request",
        ),
        ("subject_token", "made-up", 400, "invalid_request"),
        ("subject_token", access, 400, "invalid_request"),
        ("subject_token", id, 400, "invalid_request"),
        (
            "subject_token",
            "user:mallory@example.com",
            403,
            "invalid_grant",
        ),
        ("audience", "https://nobody.test/", 403, "access_denied"),
        ("organization", "org_nobody", 403, "invalid_request"),
        (
            "actor_token",
            "user:grace@example.com",
            400,
            "invalid_request",
        ),
        ("actor_token_type", LEGACY, 400, "invalid_request"),
        ("requested_token_type", jwt, 400, "invalid_request"),
    ];
    for (name, value, status, error) in cases {
        let (got, body) = exchange(&browser, &with(form(&tenant), name, value)).await;
        assert_eq!(
            (got, &body["error"]),
            (status, &json!(error)),
            "{name} {value}"
        );
    }
    let old = tenant.subject_token("ada@example.com").unwrap();
    tenant.set_clock_offset(301);
    let (status, _) = exchange(&browser, &with(form(&tenant), "subject_token", &old)).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn an_actor_and_an_organization_are_named_in_the_tokens() {
    let acme = Organization::new("org_acme1", "Acme").members(["ada@example.com"]);
    let tenant = exchanging(true).organization(acme).start().await.unwrap();
    let browser = Browser::new(&tenant);
    let form = with(form(&tenant), "organization", "acme");
    let form = with(form, "actor_token", "user:grace@example.com");
    let form = with(form, "actor_token_type", LEGACY);
    let (status, tokens) = exchange(&browser, &form).await;
    assert_eq!(status, 200, "{tokens}");
    let access = browser.verified(&tokens["access_token"]).await;
    assert_eq!(access["act"], json!({ "sub": GRACE }));
    assert_eq!(access["org_id"], "org_acme1");
    let id = browser.verified(&tokens["id_token"]).await;
    assert_eq!(id["org_name"], "acme");

    let outsider = with(form, "subject_token", "user:grace@example.com");
    let (status, body) = exchange(&browser, &outsider).await;
    assert_eq!((status, &body["error"]), (403, &json!("access_denied")));
}

#[tokio::test]
async fn a_third_party_needs_consent_given_before() {
    let tenant = exchanging(false).start().await.unwrap();
    let browser = Browser::new(&tenant);
    let (status, body) = exchange(&browser, &form(&tenant)).await;
    assert_eq!((status, &body["error"]), (403, &json!("consent_required")));
}

#[tokio::test]
async fn other_languages_get_subject_tokens_over_the_control_interface() {
    let tenant = exchanging(true).start().await.unwrap();
    let browser = Browser::new(&tenant);
    let url = format!("{}subject_tokens", tenant.control_url());
    let ask = async |user: &str| {
        let request = plain_client().post(&url).json(&json!({ "user": user }));
        request.send().await.unwrap()
    };
    assert_eq!(ask("nobody@example.com").await.status(), 404);
    let made: Value = ask("grace@example.com").await.json().await.unwrap();
    let subject = made["subject_token"].as_str().unwrap();
    let form = with(form(&tenant), "subject_token", subject);
    let (_, tokens) = exchange(&browser, &form).await;
    assert_eq!(browser.verified(&tokens["id_token"]).await["sub"], GRACE);
}
