//! Twenty tabs that need a new access token send one request for it.

use std::time::{Duration, Instant};

use tenant::Builder;

use super::{METADATA, TABS, all_see, expired, refresh_token, refreshes, share, sharing};
use crate::harness::{ADA, world};

#[test]
fn twenty_tabs_that_are_opened_with_an_expired_token_refresh_it_once() {
    sharing().run(async |world| {
        let browser = &world.browser;
        expired(world).await;
        let before = refresh_token(world).await;
        let first = browser.tab().await;

        let tabs = browser.open_tabs(TABS, "/profile").await;
        all_see(world, &tabs, METADATA).await;
        world.asked().await;
        assert_eq!(refreshes(world), [1], "one refresh token, sent once");
        assert_eq!(world.token_requests().await, 1);
        browser.show(&first).await;
        let after = refresh_token(world).await;
        assert_ne!(after, before, "it was rotated");

        // What came back is good for all of them once more.
        assert_eq!(browser.run(super::AGE).await, 1);
        world.tenant().clear_requests();
        for tab in &tabs {
            browser.show(tab).await;
            browser.run("setTimeout(() => location.reload(), 50)").await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        all_see(world, &tabs, METADATA).await;
        world.asked().await;
        assert_eq!(refreshes(world), [1], "the next refresh token, sent once");
        browser.show(&first).await;
        assert_ne!(refresh_token(world).await, after);
        browser.sees("Hello, Ada Lovelace").await;
    });
}

/// Short enough to run out during a test, long enough to be renewed ahead.
const LIFETIME: Duration = Duration::from_secs(20);

#[test]
fn twenty_tabs_that_renew_ahead_send_each_refresh_token_once() {
    let short = |builder: Builder| builder.access_token_lifetime(LIFETIME);
    let setup = world().tenant(short).config(|config| {
        share(config);
        config["renewAhead"] = true.into();
    });
    setup.run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        world.asked().await;
        world.tenant().clear_requests();
        let tabs = browser.open_tabs(TABS - 1, "/").await;

        let deadline = Instant::now() + LIFETIME * 3;
        while refreshes(world).len() < 2 {
            assert!(Instant::now() < deadline, "they renew it twice");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(refreshes(world), [1, 1], "each was sent once");
        all_see(world, &tabs, "Hello, Ada Lovelace").await;
    });
}
