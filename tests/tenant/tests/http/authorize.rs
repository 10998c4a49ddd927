//! Requests `/authorize` turns down.

use crate::common::*;

#[tokio::test]
async fn what_cannot_be_trusted_with_a_redirect_gets_a_page() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let good = params(&tenant);
    let twice = |name: &'static str, value: &str| {
        let mut params = good.clone();
        params.push((name, value.into()));
        params
    };
    let cases = [
        (
            "no client",
            with(good.clone(), "client_id", ""),
            "client_id",
        ),
        (
            "unknown client",
            with(good.clone(), "client_id", "nobody"),
            "Unknown client: nobody",
        ),
        ("two clients", twice("client_id", CLIENT), "more than once"),
        (
            "other port",
            with(
                good.clone(),
                "redirect_uri",
                "http://127.0.0.1:8081/callback",
            ),
            "Callback URL mismatch",
        ),
        (
            "other path",
            with(
                good.clone(),
                "redirect_uri",
                "http://127.0.0.1:8080/callback/",
            ),
            "Callback URL mismatch",
        ),
        (
            "other host",
            with(
                good.clone(),
                "redirect_uri",
                "http://127.0.0.1.evil.test:8080/callback",
            ),
            "mismatch",
        ),
        (
            "with query",
            with(
                good.clone(),
                "redirect_uri",
                "http://127.0.0.1:8080/callback?x=1",
            ),
            "mismatch",
        ),
        (
            "with fragment",
            with(
                good.clone(),
                "redirect_uri",
                "http://127.0.0.1:8080/callback#x",
            ),
            "mismatch",
        ),
        (
            "of another app",
            with(
                good.clone(),
                "redirect_uri",
                "http://127.0.0.1:9090/callback",
            ),
            "mismatch",
        ),
        (
            "two redirects",
            twice("redirect_uri", CALLBACK),
            "more than once",
        ),
        (
            "script",
            with(good.clone(), "redirect_uri", "<script>alert(1)</script>"),
            "&lt;script&gt;",
        ),
    ];
    for (what, params, text) in cases {
        let page = page(browser.authorize(&params).await).await;
        assert_eq!(page.status, 400, "{what}");
        assert!(page.html.contains(text), "{what}: {}", page.html);
        assert!(!page.html.contains("<script>alert"), "{what}");
        assert_eq!(page.header("location"), "", "{what}");
        assert!(page.header("set-cookie").is_empty(), "{what}");
    }
}

#[tokio::test]
async fn every_other_mistake_is_told_to_the_application() {
    let tenant = demo()
        .authorization_response_iss(true)
        .start()
        .await
        .unwrap();
    let browser = Browser::new(&tenant);
    let good = params(&tenant);
    let mut twice = good.clone();
    twice.push(("nonce", "again".into()));
    let set = |name: &'static str, value: &str| with(good.clone(), name, value);
    let cases = [
        (
            set("response_type", ""),
            "invalid_request",
            "Missing required parameter: response_type",
        ),
        (
            set("response_type", "token"),
            "unsupported_response_type",
            "token",
        ),
        (
            set("response_type", "code id_token"),
            "unsupported_response_type",
            "code id_token",
        ),
        (
            set("response_mode", "fragment"),
            "invalid_request",
            "response_mode",
        ),
        (
            set("code_challenge", ""),
            "invalid_request",
            "code_challenge",
        ),
        (
            set("code_challenge", "short"),
            "invalid_request",
            "code_challenge",
        ),
        (set("code_challenge_method", ""), "invalid_request", "S256"),
        (
            set("code_challenge_method", "plain"),
            "invalid_request",
            "S256",
        ),
        (set("prompt", "none login"), "invalid_request", "prompt"),
        (set("prompt", "dance"), "invalid_request", "dance"),
        (set("max_age", "-1"), "invalid_request", "max_age"),
        (set("max_age", "soon"), "invalid_request", "max_age"),
        (
            set("audience", "https://nobody.test/"),
            "access_denied",
            "Service not found",
        ),
        (
            set("organization", "org_nobody"),
            "invalid_request",
            "organization",
        ),
        (
            set("request", "e30.e30."),
            "request_not_supported",
            "request",
        ),
        (
            set("request_uri", "https://a.test/"),
            "request_uri_not_supported",
            "request_uri",
        ),
        (twice, "invalid_request", "nonce"),
    ];
    for (params, error, text) in cases {
        let told = answer(&browser.authorize(&params).await);
        assert_eq!(told["error"], error, "{told:?}");
        assert!(told["error_description"].contains(text), "{told:?}");
        assert_eq!(told["state"], "st4te");
        assert_eq!(told["iss"], tenant.issuer());
        assert!(!told.contains_key("code"));
    }
    assert!(
        tenant
            .requests()
            .iter()
            .all(|request| request.path == "/authorize")
    );
}

#[tokio::test]
async fn the_first_callback_serves_when_none_is_named() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let response = browser
        .log_in(
            &with(params(&tenant), "redirect_uri", ""),
            "ada@example.com",
        )
        .await;
    let url = location(&response);
    assert!(url.starts_with("http://127.0.0.1:8080/?code="), "{url}");
    let code = url.split(['=', '&']).nth(1).unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT),
        ("code", code),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(browser.token(&form).await.0, 200);
}

#[tokio::test]
async fn the_request_may_be_posted() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let url = format!("{}/authorize", browser.root);
    let response = browser
        .http
        .post(url)
        .form(&params(&tenant))
        .send()
        .await
        .unwrap();
    assert!(location(&response).starts_with("/u/login?state="));
}

#[tokio::test]
async fn unknown_scopes_fall_away() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let params = with(params(&tenant), "scope", "openid read:users email email");
    let tokens = browser.tokens(&params, "ada@example.com").await;
    assert_eq!(tokens["scope"], "openid email");
    let claims = browser.verified(&tokens["id_token"]).await;
    assert_eq!(claims["email"], "ada@example.com");
    assert!(!claims.contains_key("name") && !claims.contains_key("picture"));
}
