//! Any app and any page can open the app with a link: what it did not ask for changes nothing.

use dioxus_auth0::oidc::callback::MAX_URL;
use url::Url;

use super::{ADA, CALLBACK, Handset, end, has_signed_in, signs_in, url};
use crate::world::parameter;

/// Links with the right state that lead anywhere but to the redirect URI.
fn elsewhere(answer: &Url) -> Vec<Url> {
    let query = answer.query().expect("an answer has a query");
    [
        "com.example.app://evil.example/android/com.example.app/callback",
        "com.example.app://tenant.example.evil.example/android/com.example.app/callback",
        "com.example.app://tenant.example./android/com.example.app/callback",
        "com.example.app:///android/com.example.app/callback",
        "com.example.app:/android/com.example.app/callback",
        "com.example.app:tenant.example/android/com.example.app/callback",
        "com.example.app://tenant.example/ios/com.example.app/callback",
        "com.example.app://tenant.example/android/com.example.app/callback/",
        "com.example.app://tenant.example/android/com.example.app/Callback",
        "com.example.app://tenant.example/android/com.example.app/callbac%6B",
        "com.example.app://tenant.example/android/com.example.app/callback/../other",
        "com.example.app://tenant.example/",
        "com.example.app://tenant.example",
        "com.example.app://tenant.example:443/android/com.example.app/callback",
        "com.example.app://ada@tenant.example/android/com.example.app/callback",
        "com.example.app://:pw@tenant.example/android/com.example.app/callback",
        "com.example.apps://tenant.example/android/com.example.app/callback",
        "com.example://tenant.example/android/com.example.app/callback",
        "https://tenant.example/android/com.example.app/callback",
        "http://127.0.0.1:14410/callback",
    ]
    .iter()
    .map(|place| url(&format!("{place}?{query}")))
    .collect()
}

/// Links to the redirect URI that answer no login.
fn made_up(answer: &Url) -> Vec<Url> {
    let state = parameter(answer, "state");
    let code = parameter(answer, "code");
    [
        String::new(),
        "?".into(),
        "?code=c".into(),
        "?state=".into(),
        "?code=c&state=".into(),
        "?code=c&state=of-nobody".into(),
        format!("?code={code}&state={}", state.to_lowercase()),
        format!("?code={code}&state={state}%00"),
        format!("?code={code}&state={state}&state={state}"),
        format!("?code={code}&state=of-nobody&state={state}"),
        format!("#code={code}&state={state}"),
        "?error=access_denied&state=of-nobody&error_description=Call+0900+to+log+in".into(),
        "?error=login_required&error_description=%3Cscript%3Ealert(1)%3C%2Fscript%3E".into(),
        "?%FF%FE=%00&&&==%".into(),
    ]
    .iter()
    .map(|rest| url(&format!("{CALLBACK}{rest}")))
    .collect()
}

#[tokio::test]
async fn a_link_to_elsewhere_finishes_no_login_whatever_it_knows() {
    let handset = Handset::new();
    let login = handset.leave().await;
    let answer = handset.answer(ADA);
    drop(login);
    let handset = handset.restarted();
    for link in elsewhere(&answer) {
        handset.ignores(&link).await;
    }
    signs_in(handset.take(&answer).await, ADA);
}

#[tokio::test]
async fn a_link_that_answers_nothing_is_ignored() {
    let handset = Handset::new();
    drop(handset.leave().await);
    let answer = handset.answer(ADA);
    let handset = handset.restarted();
    for link in made_up(&answer) {
        handset.ignores(&link).await;
    }
    signs_in(handset.take(&answer).await, ADA);
}

#[tokio::test]
async fn no_stranger_ends_a_login_that_waits() {
    let handset = Handset::new();
    let mut login = handset.leave().await;
    let answer = handset.answer(ADA);
    for link in elsewhere(&answer).into_iter().chain(made_up(&answer)) {
        handset.ignores(&link).await;
        assert_eq!(end(&mut login).await, None, "{link}");
    }
    handset.phone.open_link(answer);
    has_signed_in(end(&mut login).await, ADA);
}

#[tokio::test]
async fn a_link_longer_than_any_answer_is_not_even_kept() {
    let handset = Handset::new();
    let mut login = handset.leave().await;
    let answer = handset.answer(ADA);
    let long = format!("{answer}&x={}", "x".repeat(MAX_URL));
    handset.phone.open_link(url(&long));
    assert!(handset.take_links().await.is_empty());
    assert_eq!(end(&mut login).await, None);

    // And whoever opens it by themselves gets nothing for it.
    drop(login);
    let client = handset.restarted().client;
    assert_eq!(client.open_link(&url(&long)).await, None);
    assert_eq!(handset.trades(), 0);
    signs_in(client.open_link(&answer).await, ADA);
}

#[tokio::test]
async fn scheme_and_host_are_the_same_in_capitals() {
    for place in [
        "COM.Example.App://tenant.example/android/com.example.app/callback",
        "com.example.app://Tenant.EXAMPLE/android/com.example.app/callback",
    ] {
        let handset = Handset::new();
        drop(handset.leave().await);
        let answer = handset.answer(ADA);
        let query = answer.query().expect("an answer has a query");
        let link = url(&format!("{place}?{query}#_=_"));
        signs_in(handset.restarted().take(&link).await, ADA);
    }
}

#[tokio::test]
async fn a_redirect_uri_that_is_configured_in_capitals_is_found_as_a_phone_delivers_it() {
    let configured = "Com.Example.App://Tenant.Example/Callback";
    for place in [
        "com.example.app://Tenant.Example/Callback",
        "com.example.app://tenant.example/Callback",
    ] {
        let handset = Handset::with(|settings| settings.redirect_uri = Some(configured.into()));
        drop(handset.leave().await);
        let answer = handset.answer(ADA);
        let query = answer.query().expect("an answer has a query");
        let handset = handset.restarted();
        handset
            .ignores(&url(&format!("{}?{query}", place.to_lowercase())))
            .await;
        let link = url(&format!("{place}?{query}"));
        signs_in(handset.take(&link).await, ADA);
    }
}

/// [RFC 8252 §8.10](https://www.rfc-editor.org/rfc/rfc8252#section-8.10): each request has the redirect URI it was sent with.
#[tokio::test]
async fn an_answer_must_come_where_its_own_login_was_to_come_back() {
    let first = Handset::new();
    drop(first.leave().await);
    let answer = first.answer(ADA);
    let query = answer.query().expect("an answer has a query");
    // A newer version of the app, with an App Link of its own.
    let mut settings = first.settings.clone();
    settings.redirect_uri = Some("https://app.example/callback".into());
    let second = Handset::on(
        first.memory.clone(),
        first.provider.clone(),
        settings,
        dioxus_auth0::platform::mobile::MemoryPhone::new("android"),
    );

    let mixed_up = url(&format!("https://app.example/callback?{query}"));
    second.ignores(&mixed_up).await;
    signs_in(second.take(&answer).await, ADA);
}
