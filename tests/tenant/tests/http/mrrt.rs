//! Refresh tokens that buy access to several APIs, and the second API.

use serde_json::{Value, json};
use tenant::{Application, Endpoint, Fault, Tenant};

use crate::common::*;

const OTHER: &str = "https://api.test/";

/// A tenant whose application may trade its refresh tokens, or may not.
async fn tenant_that_trades(trades: bool) -> Tenant {
    let mut application = Application::new(CLIENT).served_at(ORIGIN).first_party(true);
    if trades {
        application = application
            .refreshes_for("/orders/", ["read:orders", "burn:orders"])
            .refreshes_for(OTHER, ["do:things"])
            .refreshes_for("https://nobody.test/", ["do:things"]);
    }
    Tenant::builder()
        .application(application)
        .api(OTHER, ["do:things", "undo:things"])
        .demo_users()
        .start()
        .await
        .unwrap()
}

async fn first_tokens(tenant: &Tenant, browser: &Browser) -> Value {
    let params = with(params(tenant), "scope", &format!("{SCOPE} offline_access"));
    browser.tokens(&params, "ada@example.com").await
}

async fn trade(browser: &Browser, tokens: &Value, audience: &str, scope: &str) -> Value {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("audience", audience),
        ("scope", scope),
    ];
    let (status, tokens) = browser.token(&form).await;
    assert_eq!(status, 200, "{tokens}");
    tokens
}

async fn orders(browser: &Browser, tokens: &Value) -> (u16, Value) {
    let response = browser
        .http
        .get(format!("{}/orders", browser.root))
        .bearer_auth(tokens["access_token"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_refresh_token_buys_what_the_policies_name() {
    let tenant = tenant_that_trades(true).await;
    let browser = Browser::new(&tenant);
    let first = first_tokens(&tenant, &browser).await;
    let audience = tenant.orders_audience();

    let scope = "openid profile read:orders read:current_user burn:orders";
    let second = trade(&browser, &first, &audience, scope).await;
    assert_eq!(second["scope"], "openid profile read:orders");
    let claims = browser.verified(&second["access_token"]).await;
    let userinfo = format!("{}userinfo", tenant.issuer());
    assert_eq!(claims["aud"], json!([audience, userinfo]));
    assert_eq!(browser.verified(&second["id_token"]).await["sub"], ADA);
    let (status, list) = orders(&browser, &second).await;
    assert_eq!(status, 200);
    assert_eq!(
        (list[0]["id"].as_u64(), &list[1]["user_id"]),
        (Some(1001), &json!(ADA))
    );

    let third = trade(&browser, &second, OTHER, "").await;
    assert_eq!(
        third["scope"], "openid profile email offline_access do:things",
        "without a scope all of the policy"
    );
    let back = trade(&browser, &third, &tenant.audience(), "").await;
    assert_eq!(back["scope"], first["scope"], "the login's own API stays");
}

#[tokio::test]
async fn an_audience_that_no_policy_names_is_ignored() {
    for (trades, audience) in [(true, "https://nobody.test/"), (false, "orders/")] {
        let tenant = tenant_that_trades(trades).await;
        let browser = Browser::new(&tenant);
        let first = first_tokens(&tenant, &browser).await;
        let audience = match trades {
            true => audience.to_owned(),
            false => format!("{}{audience}", tenant.issuer()),
        };
        let second = trade(&browser, &first, &audience, "").await;
        assert_eq!(second["scope"], first["scope"]);
        let claims = browser.verified(&second["access_token"]).await;
        assert_eq!(claims["aud"][0], json!(tenant.audience()));
        let (status, body) = orders(&browser, &second).await;
        assert_eq!(status, 401);
        assert!(
            body["message"]
                .as_str()
                .unwrap()
                .starts_with("Bad audience")
        );
    }
}

#[tokio::test]
async fn orders_are_for_logins_that_ask_for_them() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let params = with(params(&tenant), "audience", &tenant.orders_audience());
    let wide = with(params.clone(), "scope", "openid read:orders");
    let tokens = browser.tokens(&wide, "ada@example.com").await;
    assert_eq!(orders(&browser, &tokens).await.0, 200);

    let narrow = with(params, "scope", "openid");
    let code = answer(&browser.authorize(&narrow).await)["code"].clone();
    let (_, narrow) = browser.exchange(&code).await;
    let (status, body) = orders(&browser, &narrow).await;
    assert_eq!(
        (status, &body["errorCode"]),
        (403, &json!("insufficient_scope"))
    );
    let nobody = browser.open("/orders").await;
    assert_eq!(nobody.status, 401);

    let fault = Fault::Status(503, "busy".into());
    tenant.faults().set(Endpoint::Orders, fault, Some(1));
    assert_eq!(browser.open("/orders/").await.status, 503);
    let headers = plain_client()
        .get(format!("{}orders", tenant.issuer()))
        .header("origin", ORIGIN)
        .send()
        .await
        .unwrap();
    assert_eq!(headers.headers()["access-control-allow-origin"], ORIGIN);
}
