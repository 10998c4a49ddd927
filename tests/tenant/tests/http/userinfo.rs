//! `/userinfo`.

use crate::common::*;

#[tokio::test]
async fn only_a_good_token_opens_userinfo_by_its_scopes() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let url = format!("{}/userinfo", browser.root);
    for token in ["", "made-up", "a.b.c"] {
        let response = browser
            .http
            .get(&url)
            .bearer_auth(token)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 401, "{token}");
        assert!(
            response.headers()["www-authenticate"]
                .to_str()
                .unwrap()
                .starts_with("Bearer")
        );
    }
    assert_eq!(browser.http.get(&url).send().await.unwrap().status(), 401);

    let jwt = browser
        .tokens(
            &with(params(&tenant), "scope", "openid email"),
            "ada@example.com",
        )
        .await;
    let opaque = with(
        with(params(&tenant), "audience", ""),
        "scope",
        "openid profile",
    );
    let code = answer(&browser.authorize(&opaque).await)["code"].clone();
    let (_, opaque) = browser.exchange(&code).await;

    let read = |token: &serde_json::Value, post: bool| {
        let request = if post {
            browser.http.post(&url)
        } else {
            browser.http.get(&url)
        };
        let request = request.bearer_auth(token.as_str().unwrap());
        async move {
            request
                .send()
                .await
                .unwrap()
                .json::<serde_json::Value>()
                .await
                .unwrap()
        }
    };
    let by_jwt = read(&jwt["access_token"], false).await;
    assert_eq!(
        (&by_jwt["sub"], &by_jwt["email"]),
        (&ADA.into(), &"ada@example.com".into())
    );
    assert!(by_jwt.get("name").is_none());
    let by_opaque = read(&opaque["access_token"], true).await;
    assert_eq!(by_opaque["name"], "Ada Lovelace");
    assert!(by_opaque.get("email").is_none());

    tenant.set_clock_offset(86_401);
    let late = browser
        .http
        .get(&url)
        .bearer_auth(opaque["access_token"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(late.status(), 401);
}

#[tokio::test]
async fn an_id_token_is_no_access_token() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let tokens = browser.tokens(&params(&tenant), "ada@example.com").await;
    let id_token = tokens["id_token"].as_str().unwrap();
    for url in [
        format!("{}/userinfo", browser.root),
        format!(
            "{}users/auth0%7Cada000000000000000000001",
            tenant.audience()
        ),
    ] {
        assert_eq!(
            browser
                .http
                .get(url)
                .bearer_auth(id_token)
                .send()
                .await
                .unwrap()
                .status(),
            401
        );
    }
}
