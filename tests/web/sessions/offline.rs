//! Without a network, and with a provider that does not answer: what is known is shown, and marked as such.

use std::time::{Duration, Instant};

use serde_json::json;
use tenant::{Endpoint, Fault};

use super::{METADATA, expired, refreshes, sharing};
use crate::harness::{ADA, World};

/// Lets the access token have been good for an hour, and be good for less than a minute more.
const NEAR_ITS_END: &str = "const key = Object.keys(localStorage).find(key => key.includes('session.'));\
     const kept = JSON.parse(localStorage[key]);\
     const now = Math.floor(Date.now() / 1000);\
     for (const token of kept.tokens) Object.assign(token, { obtained_at: now - 3600, expires_at: now + 45 });\
     localStorage[key] = JSON.stringify(kept);\
     return kept.tokens.length";

const NOTICE: &str = "You are offline";

#[test]
fn without_a_network_the_profile_stays_and_says_so_and_is_renewed_once_when_it_is_back() {
    sharing().run(async |world| {
        let browser = &world.browser;
        expired(world).await;
        // The page that is loaded now knows of nothing but the expired token.
        let first = browser.tab().await;
        let tab = browser.open_tabs(1, "/").await.remove(0);
        browser.show(&tab).await;
        browser.sees("Hello, Ada Lovelace").await;
        plug(world, false).await;
        browser.click("See your profile").await;
        browser.sees(NOTICE).await;
        assert_eq!(browser.text_of("h1").await, "Ada Lovelace");
        assert_eq!(world.token_requests().await, 0);

        plug(world, true).await;
        browser.sees_no_more(NOTICE).await;
        let deadline = Instant::now() + Duration::from_secs(15);
        while refreshes(world).is_empty() {
            assert!(
                Instant::now() < deadline,
                "the session is renewed by itself"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        browser.click_in("main", "Try again").await;
        browser.sees(METADATA).await;
        world.asked().await;
        assert_eq!(refreshes(world), [1]);
        browser.show(&first).await;
        browser.has_no(NOTICE).await;
    });
}

#[test]
fn without_a_provider_the_stored_profile_is_shown_and_marked_as_offline() {
    sharing().run(async |world| {
        expired(world).await;
        world.stop_tenant().await;
        let browser = &world.browser;
        browser.open("/profile").await;
        browser.sees(NOTICE).await;
        browser.sees("What you see is what was known before.").await;
        assert_eq!(browser.text_of("h1").await, "Ada Lovelace");
        browser.is_at("/profile").await;

        world.restart_tenant().await;
        let browser = &world.browser;
        // It may have been told to leave the provider alone for a moment.
        let deadline = Instant::now() + Duration::from_secs(60);
        while !browser.shows(METADATA).await {
            assert!(Instant::now() < deadline, "it works again");
            browser.click_if_there("Try again").await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        browser.sees_no_more(NOTICE).await;
        world.asked().await;
        assert_eq!(refreshes(world), [1]);
    });
}

#[test]
fn a_token_near_its_end_is_used_while_there_is_no_new_one() {
    sharing().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        assert_eq!(browser.run(NEAR_ITS_END).await, 1);
        world.asked().await;
        world.tenant().clear_requests();
        let busy = Fault::Status(503, "busy".into());
        world.tenant().faults().set(Endpoint::Token, busy, None);
        browser.open("/profile").await;
        browser.sees(METADATA).await;
        world.asked().await;
        assert_eq!(refreshes(world), [1], "what is in doubt is not sent again");
    });
}

/// Puts the browser's plug in, or pulls it.
async fn plug(world: &World, is_in: bool) {
    let conditions = json!({
        "offline": !is_in, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
    });
    let browser = &world.browser;
    browser.devtools("Network.enable", json!({})).await;
    browser
        .devtools("Network.emulateNetworkConditions", conditions)
        .await;
}
