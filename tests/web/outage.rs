//! A tenant that is away, slow, or answers badly.

use std::time::Duration;

use serde_json::json;
use tenant::{Endpoint, Fault};

use crate::harness::{ADA, World, world};

#[test]
fn without_a_tenant_the_front_page_says_so_and_trying_again_works_once_it_is_back() {
    world().run(async |world| {
        world.stop_tenant().await;
        let browser = &world.browser;
        browser.open("/").await;
        browser.sees("No connection").await;
        browser
            .sees(&format!("{} does not answer", world.host()))
            .await;

        browser.click_in("main", "Try again").await;
        browser
            .sees(&format!("{} does not answer", world.host()))
            .await;

        world.restart_tenant().await;
        let browser = &world.browser;
        browser.click_in("main", "Try again").await;
        world.enter(ADA).await;
        browser.sees("Hello, Ada Lovelace").await;
    });
}

#[test]
fn without_a_tenant_a_guarded_page_says_so_and_does_not_go_round_in_circles() {
    world().run(async |world| {
        world.stop_tenant().await;
        let browser = &world.browser;
        browser.open("/profile").await;
        browser
            .sees(&format!("{} does not answer", world.host()))
            .await;
        browser.is_at("/profile").await;

        world.restart_tenant().await;
        let browser = &world.browser;
        browser.click_in("main", "Try again").await;
        world.enter(ADA).await;
        browser.sees("\"theme\": \"dark\"").await;
        browser.is_at("/profile").await;
    });
}

#[test]
fn a_slow_tenant_is_waited_for_with_words() {
    world().run(async |world| {
        let browser = &world.browser;
        let slow = Fault::Slow(Duration::from_secs(3));
        world.tenant().faults().set(Endpoint::Token, slow, Some(1));
        browser.open("/").await;
        browser.click("Log in").await;
        world.enter(ADA).await;
        browser.sees("Signing you in…").await;
        browser.is_at("/").await;
        browser.sees("Hello, Ada Lovelace").await;
        browser.sees_no_more("Signing you in…").await;
        assert_eq!(world.token_requests().await, 1);
    });
}

#[test]
fn a_tenant_that_fails_at_the_end_of_the_login_leaves_nobody_half_in() {
    world().run(async |world| {
        let browser = &world.browser;
        let down = Fault::Status(503, "busy".into());
        world.tenant().faults().set(Endpoint::Token, down, Some(1));
        browser.open("/profile").await;
        world.enter(ADA).await;
        browser
            .sees(&format!("{} cannot answer at the moment", world.host()))
            .await;
        browser.is_at("/profile").await;
        let stored = browser.session_storage().await;
        assert!(
            stored.iter().all(|(key, _)| !key.contains("session.")),
            "{stored:?}"
        );
        browser.click_in("main", "Try again").await;
        browser.sees("\"theme\": \"dark\"").await;
    });
}

#[test]
fn whatever_the_api_answers_the_profile_says_what_happened_and_offers_a_way_on() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/profile").await;
        world.enter(ADA).await;
        browser.sees("\"theme\": \"dark\"").await;

        let html = Fault::Body {
            content_type: "text/html".into(),
            bytes: b"<!doctype html><title>Welcome to the airport</title>".to_vec(),
        };
        let refused = |status: u16, code: &str, message: &str| {
            let body = format!(
                "{{\"statusCode\":{status},\"error\":\"No\",\"message\":\"{message}\",\"errorCode\":\"{code}\"}}"
            );
            Fault::Status(status, body)
        };
        for (fault, title, step) in [
            (refused(401, "invalid_token", "Expired token"), "Your login is no longer accepted", "Log in again"),
            (refused(403, "insufficient_scope", "Insufficient scope"), "This is not allowed", "Log in again"),
            (refused(429, "too_many_requests", "Slow down"), "Busy or broken", "Try again"),
            (Fault::Status(500, "oops".into()), "Busy or broken", "Try again"),
            (html, "Somebody else answered", "Try again"),
            (Fault::HangUp, "No connection", "Try again"),
            (Fault::Body { content_type: "application/json".into(), bytes: b"[1]".to_vec() }, "The answer cannot be shown", "Try again"),
        ] {
            // A browser repeats a request by itself when an old connection ends, so every one of them fails.
            let faults = world.tenant().faults();
            faults.set(Endpoint::UserRead, fault.clone(), None);
            browser.reload().await;
            browser.sees(title).await;
            assert_eq!(browser.text_of("h1").await, "Ada Lovelace", "{fault:?}");
            faults.clear();
            browser.click_in("main [role=alert]", step).await;
            browser.sees("\"theme\": \"dark\"").await;
            browser.is_at("/profile").await;
        }
    });
}

#[test]
fn without_a_connection_the_profile_says_so_and_goes_on_once_there_is_one() {
    world().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        offline(world, true).await;
        browser.click("See your profile").await;
        browser.sees("No connection").await;
        browser
            .sees(&format!("{} does not answer", world.host()))
            .await;
        let state = browser.attribute("main [role=alert]", "data-state").await;
        assert_eq!(state.as_deref(), Some("offline"));
        offline(world, false).await;
        browser.click_in("main", "Try again").await;
        browser.sees("\"theme\": \"dark\"").await;
        assert_eq!(world.token_requests().await, 1);
    });
}

async fn offline(world: &World, is_offline: bool) {
    let conditions = json!({
        "offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
    });
    let browser = &world.browser;
    browser.devtools("Network.enable", json!({})).await;
    browser
        .devtools("Network.emulateNetworkConditions", conditions)
        .await;
}
