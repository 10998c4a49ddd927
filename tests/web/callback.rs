//! Answers that are not what the login waits for: planted, changed, late, repeated, or lying.

use serde_json::json;
use tenant::{Endpoint, Fault, Mutation};

use crate::harness::{ADA, World, world};

#[test]
fn a_planted_answer_says_nothing_asks_nothing_and_leaves_the_pending_login_usable() {
    world().run(async |world| {
        let browser = &world.browser;
        let login_page = begin(world).await;
        for planted in [
            "/?error=access_denied&error_description=Call+this+number&state=foreign",
            "/?code=somebody-elses&state=foreign",
            "/?code=somebody-elses&state=foreign&error_description=Call+this+number",
        ] {
            browser.open(planted).await;
            browser.sees("This login link cannot be used").await;
            browser.has_no("Call this number").await;
            browser.is_at("/").await;
            assert_eq!(world.token_requests().await, 0, "{planted}");
            let pending = stored(world, "transaction").await;
            assert_eq!(pending.len(), 1, "{planted}");
            assert_eq!(stored(world, "session").await.len(), 0, "{planted}");
        }
        browser.open(&login_page).await;
        world.enter(ADA).await;
        browser.sees("Hello, Ada Lovelace").await;
    });
}

#[test]
fn a_changed_code_ends_in_an_error_and_no_half_session() {
    world().run(async |world| {
        let browser = &world.browser;
        begin(world).await;
        let state = pending_state(world).await;
        browser.open(&format!("/?code=changed&state={state}")).await;
        let code = browser.attribute_of("[role=alert]", "data-code").await;
        assert_eq!(code.as_deref(), Some("invalid_grant"));
        browser.is_at("/").await;
        assert_eq!(world.token_requests().await, 1);
        assert_eq!(stored(world, "session").await.len(), 0);
        assert_eq!(stored(world, "transaction").await.len(), 0);
        browser.reload().await;
        browser.control("main", "Log in").await;
        assert_eq!(world.token_requests().await, 1);
    });
}

#[test]
fn an_answer_in_the_name_of_another_issuer_is_refused_without_a_request() {
    world()
        .tenant(|builder| builder.authorization_response_iss(true))
        .run(async |world| {
            let browser = &world.browser;
            begin(world).await;
            let state = pending_state(world).await;
            let answer = format!("/?code=theirs&state={state}&iss=https://evil.example/");
            browser.open(&answer).await;
            browser.sees("This login link cannot be used").await;
            browser.has_no("evil.example").await;
            browser.is_at("/").await;
            assert_eq!(world.token_requests().await, 0);

            // With its own name the tenant is believed.
            world.log_in(ADA).await;
            browser.is_at("/").await;
            let callback = world.site.callbacks().pop().expect("there was a callback");
            assert!(callback.contains("iss="), "the answer names its issuer");
        });
}

#[test]
fn a_login_that_took_too_long_is_refused_without_a_request() {
    world().run(async |world| {
        let browser = &world.browser;
        let login_page = begin(world).await;
        pending_state(world).await;
        let aged = browser
            .run(
                "const key = Object.keys(sessionStorage).find(key => key.includes('transaction'));\
                 const kept = JSON.parse(sessionStorage[key]);\
                 kept.started -= 11 * 60;\
                 sessionStorage[key] = JSON.stringify(kept);\
                 return kept.started",
            )
            .await;
        assert!(aged.is_i64(), "the transaction has a time: {aged}");
        browser.open(&login_page).await;
        world.enter(ADA).await;
        browser.sees("The login took too long").await;
        browser.is_at("/").await;
        assert_eq!(world.token_requests().await, 0);
        assert_eq!(stored(world, "session").await.len(), 0);
        assert_eq!(stored(world, "transaction").await.len(), 0);

        browser.click_in("main", "Try again").await;
        browser.sees("Hello, Ada Lovelace").await;
    });
}

#[test]
fn an_answer_opened_twice_counts_once_and_keeps_the_session() {
    world().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        let before = stored(world, "session").await;
        let callback = world.site.callbacks().pop().expect("there was a callback");
        browser.open(&callback).await;
        browser.sees("Hello, Ada Lovelace").await;
        browser.is_at("/").await;
        assert_eq!(world.token_requests().await, 1);
        assert_eq!(stored(world, "session").await, before);
    });
}

#[test]
fn an_id_token_that_lies_signs_nobody_in() {
    world().run(async |world| {
        let browser = &world.browser;
        for lie in [
            Mutation::BadSignature,
            Mutation::Unsigned,
            Mutation::Set("nonce".into(), json!("another")),
            Mutation::Set("aud".into(), json!("another")),
        ] {
            let fault = Fault::IdToken(lie.clone());
            world.tenant().faults().set(Endpoint::Token, fault, Some(1));
            browser.open("/").await;
            browser.click("Log in").await;
            if browser
                .run("return !document.querySelector('#email')")
                .await
                == json!(false)
            {
                world.enter(ADA).await;
            }
            browser.sees("The login could not be verified").await;
            assert_eq!(stored(world, "session").await.len(), 0, "{lie:?}");
            browser.has_no("Ada").await;
        }
    });
}

/// Begins a login and returns the address of the tenant's page.
async fn begin(world: &World) -> String {
    let browser = &world.browser;
    browser.open("/").await;
    browser.click("Log in").await;
    browser.sees("E-mail address").await;
    browser.url().await
}

/// The `state` of the login under way. Leaves the browser at a file of the app, where the app does not run.
async fn pending_state(world: &World) -> String {
    world.browser.open("/auth_config.json").await;
    let pending = stored(world, "transaction").await;
    let [(key, _)] = pending.as_slice() else {
        panic!("one login is pending, not {}", pending.len());
    };
    key.trim_start_matches("dioxus-auth0.transaction.")
        .to_owned()
}

/// What the app keeps under names with `kind` in them.
async fn stored(world: &World, kind: &str) -> Vec<(String, String)> {
    let mut stored = world.browser.session_storage().await;
    stored.retain(|(key, _)| key.contains(kind));
    stored
}
