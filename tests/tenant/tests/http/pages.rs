//! The login, sign-up and consent pages, and logins that are over.

use std::collections::HashMap;

use tenant::DEMO_PASSWORD;

use crate::common::*;

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_message() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let first = browser.begin(&params(&tenant)).await;
    for email in ["ada@example.com", "nobody@example.com"] {
        let again = browser
            .submit_in_vain(&first, &[("email", email), ("password", "wrong")])
            .await;
        assert!(again.html.contains("Wrong e-mail address or password."));
        assert!(
            again.html.contains(&format!("value=\"{email}\"")),
            "the address is kept"
        );
        assert!(!again.html.contains("wrong\""), "the password is not");
        assert!(again.header("set-cookie").is_empty());
    }
}

#[tokio::test]
async fn a_blocked_user_is_told_to_the_application() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let first = browser.begin(&params(&tenant)).await;
    let wrong = browser
        .submit(
            &first,
            &[("email", "mallory@example.com"), ("password", "wrong")],
        )
        .await;
    assert_eq!(
        location(&wrong).split('?').next(),
        Some("/u/login"),
        "only the right password tells that the user is blocked"
    );

    let response = browser
        .submit(
            &first,
            &[
                ("email", "mallory@example.com"),
                ("password", DEMO_PASSWORD),
            ],
        )
        .await;
    assert!(!response.headers().contains_key("set-cookie"));
    let told = answer(&response);
    assert_eq!(told["error"], "unauthorized");
    assert_eq!(told["error_description"], "user is blocked");
    assert_eq!(told["state"], "st4te");
}

#[tokio::test]
async fn a_form_without_its_tag_or_from_another_browser_is_refused() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let first = browser.begin(&params(&tenant)).await;
    let fields = [("email", "ada@example.com"), ("password", DEMO_PASSWORD)];
    let form = |csrf: &str| -> HashMap<String, String> {
        let mut form: HashMap<_, _> = fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        form.insert("csrf".into(), csrf.into());
        form
    };
    let other = browser.begin(&params(&tenant)).await;
    assert_eq!(browser.post(&first, &form("")).await.status(), 403);
    assert_eq!(
        browser
            .post(&first, &form(&other.hidden()["csrf"]))
            .await
            .status(),
        403
    );

    let stranger = Browser::new(&tenant);
    stranger.begin(&params(&tenant)).await;
    assert_eq!(
        stranger
            .post(&first, &form(&first.hidden()["csrf"]))
            .await
            .status(),
        410
    );

    answer(&browser.submit(&first, &fields).await);
}

#[tokio::test]
async fn a_used_login_page_says_so_and_links_back_to_the_application() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let first = browser.begin(&params(&tenant)).await;
    let fields = [("email", "ada@example.com"), ("password", DEMO_PASSWORD)];
    answer(&browser.submit(&first, &fields).await);

    let path = format!("{}?{}", first.url.path(), first.url.query().unwrap());
    for over in [
        browser.open(&path).await,
        page(browser.submit(&first, &fields).await).await,
    ] {
        assert_eq!(over.status, 410);
        assert!(over.html.contains("already been through"));
        assert!(
            over.html.contains("href=\"http://127.0.0.1:8080\""),
            "{}",
            over.html
        );
        assert!(!over.html.contains("callback"));
    }
    assert_eq!(browser.open("/u/login?state=made-up").await.status, 410);
    assert_eq!(browser.open("/u/login").await.status, 410);
}

#[tokio::test]
async fn a_login_ends_after_ten_minutes() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let first = browser.begin(&params(&tenant)).await;
    let fields = [("email", "ada@example.com"), ("password", DEMO_PASSWORD)];
    tenant.set_clock_offset(601);
    let late = page(browser.submit(&first, &fields).await).await;
    assert_eq!(late.status, 410);
    assert!(late.html.contains("ten minutes"));
}

#[tokio::test]
async fn consent_is_asked_once_for_the_same_scopes() {
    let tenant = builder(false).start().await.unwrap();
    let browser = Browser::new(&tenant);
    let fields = [("email", "ada@example.com"), ("password", DEMO_PASSWORD)];
    let login = browser.begin(&params(&tenant)).await;
    let to_consent = browser.submit(&login, &fields).await;
    let consent = browser.open(&location(&to_consent)).await;
    assert!(consent.html.contains("Change your user metadata"));
    let denied = answer(&browser.submit(&consent, &[("decision", "deny")]).await);
    assert_eq!(denied["error"], "access_denied");
    assert_eq!(
        denied["error_description"],
        "User did not authorize the request"
    );

    let again = browser.begin(&params(&tenant)).await;
    assert_eq!(
        again.url.path(),
        "/u/consent",
        "the session is there, the consent is not"
    );
    let back = browser
        .open(&format!("/u/login?{}", again.url.query().unwrap()))
        .await;
    assert_eq!(
        back.header("location"),
        format!("/u/consent?{}", again.url.query().unwrap())
    );
    let allowed = answer(&browser.submit(&again, &[("decision", "allow")]).await);
    assert_eq!(browser.exchange(&allowed["code"]).await.0, 200);

    assert!(answer(&browser.authorize(&params(&tenant)).await).contains_key("code"));
    let more = with(params(&tenant), "scope", &format!("{SCOPE} offline_access"));
    assert_eq!(browser.begin(&more).await.url.path(), "/u/consent");
    let forced = with(params(&tenant), "prompt", "consent");
    assert_eq!(browser.begin(&forced).await.url.path(), "/u/consent");
}

#[tokio::test]
async fn a_new_user_signs_up_and_is_logged_in() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let page_ = browser
        .begin(&with(params(&tenant), "screen_hint", "signup"))
        .await;
    assert_eq!(page_.url.path(), "/u/signup");
    let refused = [
        ("no address", "Secret123", "Enter a whole e-mail address"),
        ("new@example.com", "short", "too weak"),
        ("new@example.com", "alllowercase1", "too weak"),
        ("Ada@Example.com", "Secret123", "exists"),
    ];
    for (email, password, text) in refused {
        let again = browser
            .submit_in_vain(&page_, &[("email", email), ("password", password)])
            .await;
        assert!(again.html.contains(text), "{}", again.html);
    }
    let fields = [
        ("email", "New@Example.com"),
        ("password", "Secret123"),
        ("name", "Émile <b>Nouveau</b>"),
    ];
    let code = answer(&browser.submit(&page_, &fields).await)["code"].clone();
    let (_, tokens) = browser.exchange(&code).await;
    let claims = browser.verified(&tokens["id_token"]).await;
    assert_eq!(claims["email"], "new@example.com");
    assert_eq!(claims["email_verified"], false);
    assert_eq!(claims["name"], "Émile <b>Nouveau</b>");
    assert!(claims["sub"].as_str().unwrap().starts_with("auth0|"));
    let dashboard = browser.open("/dashboard").await;
    assert!(dashboard.html.contains("&lt;b&gt;Nouveau") && !dashboard.html.contains("<b>Nouveau"));
}

#[tokio::test]
async fn pages_are_strict_and_speak_the_wanted_language() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let german = with(
        with(params(&tenant), "ui_locales", "fr de-AT en"),
        "login_hint",
        "ada@example.com",
    );
    let page = browser.begin(&german).await;
    assert!(page.html.contains("<html lang=\"de\">") && page.html.contains("Anmelden bei Demo"));
    assert!(page.html.contains("value=\"ada@example.com\""));
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self'"),
        "{policy}"
    );
    assert!(
        policy.contains("form-action 'self' http://127.0.0.1:8080;"),
        "{policy}"
    );
    assert!(
        policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert!(!page.html.contains("style=") && !page.html.contains("<script"));
    assert_eq!(browser.open("/assets/tenant.css").await.status, 200);
}
