//! `/v2/logout` and `/oidc/logout`.

use crate::common::*;

async fn logged_in(browser: &Browser, tenant: &tenant::Tenant) -> bool {
    let told = answer(
        &browser
            .authorize(&with(params(tenant), "prompt", "none"))
            .await,
    );
    told.contains_key("code")
}

#[tokio::test]
async fn logout_returns_only_where_the_application_may() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    browser.code(&params(&tenant), "ada@example.com").await;
    let refused = [
        "/v2/logout?client_id=nobody",
        "/v2/logout?client_id=dioxus-auth0-demo&returnTo=http://evil.test/",
        "/v2/logout?client_id=dioxus-auth0-demo&returnTo=http://127.0.0.1:9090",
        "/v2/logout?client_id=dioxus-auth0-demo&returnTo=http://127.0.0.1:8080@evil.test/",
        "/v2/logout?returnTo=javascript:alert(1)",
    ];
    for path in refused {
        let page = browser.open(path).await;
        assert_eq!((page.status, page.header("location")), (400, ""), "{path}");
    }
    assert!(
        logged_in(&browser, &tenant).await,
        "a refused logout ends nothing"
    );

    let path = "/v2/logout?client_id=dioxus-auth0-demo&federated&returnTo=http%3A%2F%2F127.0.0.1%3A8080%2F%3Fbye%3D1";
    let page = browser.open(path).await;
    assert_eq!(
        (page.status, page.header("location")),
        (302, "http://127.0.0.1:8080/?bye=1")
    );
    assert!(!logged_in(&browser, &tenant).await);
}

#[tokio::test]
async fn without_return_to_the_first_logout_url_or_a_page_follows() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let page = browser.open("/v2/logout?client_id=dioxus-auth0-demo").await;
    assert_eq!(page.header("location"), "http://127.0.0.1:8080");
    let page = browser
        .open("/v2/logout?returnTo=http://127.0.0.1:9090")
        .await;
    assert_eq!(page.header("location"), "http://127.0.0.1:9090");
    let page = browser.open("/v2/logout").await;
    assert!(page.status == 200 && page.html.contains("You are logged out."));
}

#[tokio::test]
async fn a_rotated_away_cookie_does_not_log_in_again() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let response = browser.log_in(&params(&tenant), "ada@example.com").await;
    let cookie = response.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    browser.open("/v2/logout?client_id=dioxus-auth0-demo").await;
    let thief = plain_client();
    let url = format!("{}/authorize", browser.root);
    let silent = with(params(&tenant), "prompt", "none");
    let told = thief
        .get(url)
        .query(&silent)
        .header("cookie", cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(answer(&told)["error"], "login_required");
}

#[tokio::test]
async fn oidc_logout_checks_the_hint_and_the_redirect() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let tokens = browser.tokens(&params(&tenant), "ada@example.com").await;
    let hint = tokens["id_token"].as_str().unwrap();
    let back = "post_logout_redirect_uri=http://127.0.0.1:8080/";
    let refused = [
        format!("/oidc/logout?id_token_hint=made-up&{back}"),
        format!("/oidc/logout?id_token_hint={hint}&post_logout_redirect_uri=http://evil.test/"),
        format!("/oidc/logout?{back}"),
        "/oidc/logout?client_id=nobody".to_owned(),
    ];
    for path in refused {
        let page = browser.open(&path).await;
        assert_eq!((page.status, page.header("location")), (400, ""), "{path}");
    }
    assert!(logged_in(&browser, &tenant).await);

    tenant.set_clock_offset(40_000);
    let page = browser
        .open(&format!(
            "/oidc/logout?id_token_hint={hint}&{back}&state=a%26b"
        ))
        .await;
    assert_eq!(
        page.header("location"),
        "http://127.0.0.1:8080/?state=a%26b",
        "an expired hint is still a hint"
    );
    assert!(!logged_in(&browser, &tenant).await);
}

#[tokio::test]
async fn without_a_hint_oidc_logout_asks() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    browser.code(&params(&tenant), "ada@example.com").await;
    let path =
        "/oidc/logout?client_id=dioxus-auth0-demo&post_logout_redirect_uri=http://127.0.0.1:8080";
    let question = browser.open(path).await;
    assert!(question.status == 200 && question.html.contains("Log out?"));
    assert!(logged_in(&browser, &tenant).await);
    let response = browser.submit(&question, &[]).await;
    assert_eq!(location(&response), "http://127.0.0.1:8080");
    assert!(!logged_in(&browser, &tenant).await);
}
