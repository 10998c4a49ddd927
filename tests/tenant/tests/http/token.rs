//! The code grant at `/oauth/token`.

use serde_json::json;

use crate::common::*;

#[tokio::test]
async fn a_code_works_once_and_its_second_use_ends_the_refresh_tokens() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let params = with(params(&tenant), "scope", "openid offline_access");
    let code = browser.code(&params, "ada@example.com").await;
    let (status, tokens) = browser.exchange(&code).await;
    assert_eq!(status, 200);
    let refused =
        json!({ "error": "invalid_grant", "error_description": "Invalid authorization code" });
    assert_eq!(browser.exchange(&code).await, (403, refused));
    assert_eq!(
        browser
            .refresh(tokens["refresh_token"].as_str().unwrap())
            .await
            .0,
        403
    );
}

#[tokio::test]
async fn a_code_is_bound_to_client_redirect_verifier_and_a_minute() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let cases = [
        (
            "code_verifier",
            "another-verifier-another-verifier-another-veri",
            403,
            "invalid_grant",
            "Failed to verify code verifier",
        ),
        (
            "redirect_uri",
            "http://127.0.0.1:8081/callback",
            403,
            "unauthorized_client",
            "The redirect URI is wrong",
        ),
        (
            "redirect_uri",
            "",
            403,
            "unauthorized_client",
            "The redirect URI is wrong",
        ),
        (
            "client_id",
            "other-app",
            403,
            "invalid_grant",
            "Invalid authorization code",
        ),
        ("client_id", "nobody", 401, "access_denied", "Unauthorized"),
        ("code_verifier", "", 400, "invalid_request", "code_verifier"),
        (
            "code",
            "made-up",
            403,
            "invalid_grant",
            "Invalid authorization code",
        ),
        ("grant_type", "", 400, "invalid_request", "grant_type"),
        (
            "grant_type",
            "password",
            403,
            "unsupported_grant_type",
            "password",
        ),
    ];
    for (name, value, status, error, text) in cases {
        let code = browser.code(&params(&tenant), "ada@example.com").await;
        let form: Vec<(&str, &str)> = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT),
            ("code", &code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", CALLBACK),
        ]
        .into_iter()
        .filter(|(key, _)| *key != name)
        .chain((!value.is_empty()).then_some((name, value)))
        .collect();
        let (got, body) = browser.token(&form).await;
        assert_eq!(
            (got, body["error"].as_str().unwrap()),
            (status, error),
            "{name}={value}: {body}"
        );
        assert!(
            body["error_description"].as_str().unwrap().contains(text),
            "{body}"
        );
        tenant_logout(&browser).await;
    }
    let code = browser.code(&params(&tenant), "ada@example.com").await;
    tenant.set_clock_offset(61);
    assert_eq!(browser.exchange(&code).await.0, 403, "too late");
}

async fn tenant_logout(browser: &Browser) {
    let _ = browser
        .open(&format!("/v2/logout?client_id={CLIENT}"))
        .await;
}

#[tokio::test]
async fn a_wrong_verifier_burns_the_code_but_another_client_does_not() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let code = browser.code(&params(&tenant), "ada@example.com").await;
    let form = |client, verifier| {
        vec![
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("code", code.as_str()),
            ("code_verifier", verifier),
            ("redirect_uri", CALLBACK),
        ]
    };
    assert_eq!(browser.token(&form("other-app", VERIFIER)).await.0, 403);
    assert_eq!(
        browser.token(&form(CLIENT, "wrong")).await.1["error_description"],
        "Failed to verify code verifier"
    );
    assert_eq!(
        browser.token(&form(CLIENT, VERIFIER)).await.1["error_description"],
        "Invalid authorization code"
    );
}

#[tokio::test]
async fn of_many_exchanges_at_once_one_wins() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let code = browser.code(&params(&tenant), "ada@example.com").await;
    let (a, b, c) = tokio::join!(
        browser.exchange(&code),
        browser.exchange(&code),
        browser.exchange(&code)
    );
    let won = [a.0, b.0, c.0]
        .iter()
        .filter(|status| **status == 200)
        .count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn repeated_parameters_and_odd_bodies_are_refused() {
    let tenant = start().await;
    let http = plain_client();
    let url = format!("{}oauth/token", tenant.issuer());
    let send = |content_type: &'static str, body: &'static str| {
        http.post(&url)
            .header("content-type", content_type)
            .body(body)
            .send()
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(
        send(form, "grant_type=a&grant_type=b")
            .await
            .unwrap()
            .status(),
        400
    );
    assert_eq!(send(form, "").await.unwrap().status(), 400);
    assert_eq!(send("application/json", "{").await.unwrap().status(), 400);
    assert_eq!(
        send("application/json", "{\"grant_type\":1}")
            .await
            .unwrap()
            .status(),
        400
    );
    let huge = http
        .post(&url)
        .header("content-type", form)
        .body("a".repeat(70_000))
        .send()
        .await
        .unwrap();
    assert_eq!(huge.status(), 413);
    assert_eq!(http.get(&url).send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn json_bodies_work_and_answers_are_not_stored() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let code = browser.code(&params(&tenant), "ada@example.com").await;
    let body = json!({
        "grant_type": "authorization_code",
        "client_id": CLIENT,
        "code": code,
        "code_verifier": VERIFIER,
        "redirect_uri": CALLBACK,
    });
    let response = browser
        .http
        .post(format!("{}/oauth/token", browser.root))
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(!response.headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn tokens_with_an_audience_are_jwts_and_others_opaque() {
    let tenant = demo()
        .api("https://api.test/", ["do:things"])
        .start()
        .await
        .unwrap();
    let browser = Browser::new(&tenant);
    let tokens = browser.tokens(&params(&tenant), "ada@example.com").await;
    let claims = browser.verified(&tokens["access_token"]).await;
    assert_eq!(
        claims["aud"],
        json!([tenant.audience(), format!("{}userinfo", tenant.issuer())])
    );
    assert_eq!(claims["azp"], CLIENT);
    assert_eq!(claims["sub"], ADA);
    assert_eq!(claims["scope"], SCOPE);

    let other = with(
        with(params(&tenant), "audience", "https://api.test/"),
        "scope",
        "do:things read:current_user",
    );
    let code = answer(&browser.authorize(&other).await)["code"].clone();
    let (_, tokens) = browser.exchange(&code).await;
    assert!(tokens.get("id_token").is_none(), "openid was not asked for");
    assert_eq!(tokens["scope"], "do:things");
    assert_eq!(
        browser.verified(&tokens["access_token"]).await["aud"],
        "https://api.test/"
    );

    let code = answer(
        &browser
            .authorize(&with(params(&tenant), "audience", ""))
            .await,
    )["code"]
        .clone();
    let (_, tokens) = browser.exchange(&code).await;
    assert!(!tokens["access_token"].as_str().unwrap().contains('.'));
}

#[tokio::test]
async fn lifetimes_can_be_set() {
    let tenant = demo()
        .access_token_lifetime(std::time::Duration::from_secs(7))
        .id_token_lifetime(std::time::Duration::from_secs(5))
        .start()
        .await
        .unwrap();
    let browser = Browser::new(&tenant);
    let tokens = browser.tokens(&params(&tenant), "ada@example.com").await;
    assert_eq!(tokens["expires_in"], 7);
    let claims = browser.verified(&tokens["id_token"]).await;
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        5
    );
}
