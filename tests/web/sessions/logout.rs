//! A logout in one tab is a logout in all of them, at once and for good.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tenant::{Endpoint, Fault};

use super::{METADATA, TABS, all_see, sharing};
use crate::harness::{ADA, Setup, Tab, World, world};

/// Within what time the user is gone everywhere.
const AT_ONCE: Duration = Duration::from_secs(1);

#[test]
fn a_logout_in_one_of_twenty_tabs_takes_the_user_off_all_within_a_second() {
    sharing().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        let first = browser.tab().await;
        let mut others = browser.open_tabs(TABS / 2, "/profile").await;
        others.extend(browser.open_tabs(TABS - 1 - others.len(), "/").await);
        all_see(world, &others, "Ada Lovelace").await;
        logout_is_seen_at_once(world, &first, &others).await;
        browser.show(&first).await;
        assert_eq!(browser.local_storage().await, []);
    });
}

#[test]
fn a_logout_takes_the_user_off_tabs_with_sessions_of_their_own_within_a_second() {
    world().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        let first = browser.tab().await;
        let others = browser.open_tabs(3, "/profile").await;
        all_see(world, &others, METADATA).await;
        logout_is_seen_at_once(world, &first, &others).await;
        for tab in &others {
            browser.show(tab).await;
            let stored = browser.session_storage().await;
            let is_gone = stored.iter().all(|(key, _)| !key.contains("session."));
            assert!(is_gone, "{stored:?}");
        }
    });
}

#[test]
fn a_logout_is_heard_of_even_if_its_message_comes_too_early() {
    sharing().run(message_is_lost);
}

#[test]
fn a_logout_is_heard_of_by_tabs_with_sessions_of_their_own_even_if_its_message_comes_too_early() {
    world().run(message_is_lost);
}

#[test]
fn back_after_a_logout_in_another_tab_shows_nothing_of_the_user() {
    back_shows_nothing(sharing());
}

#[test]
fn back_after_a_logout_in_another_tab_shows_nothing_of_a_session_of_this_one() {
    back_shows_nothing(world());
}

#[test]
fn what_an_api_answers_after_the_logout_is_dropped() {
    sharing().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        let first = browser.tab().await;
        let slow = Fault::Late(Duration::from_secs(3));
        world
            .tenant()
            .faults()
            .set(Endpoint::UserRead, slow, Some(1));
        let other = browser.open_tabs(1, "/profile").await.remove(0);
        browser.show(&other).await;
        browser.sees("Loading your metadata").await;
        browser
            .take_notes(std::slice::from_ref(&other), "theme")
            .await;

        browser.show(&first).await;
        browser.click_in("main", "Log out").await;
        browser.show(&other).await;
        browser.sees_no_more("Ada").await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(
            browser.run("return window.seenLast ?? null").await,
            Value::Null
        );
        browser.has_no("Ada").await;
        browser.has_no("theme").await;
    });
}

/// Logs out where no message leaves the tab: one that overtakes what it tells of does as little.
async fn message_is_lost(world: &mut World) {
    let browser = &world.browser;
    world.log_in(ADA).await;
    let first = browser.tab().await;
    let others = browser.open_tabs(1, "/profile").await;
    all_see(world, &others, METADATA).await;
    browser.show(&first).await;
    browser
        .run("BroadcastChannel.prototype.postMessage = () => {}")
        .await;
    logout_is_seen_at_once(world, &first, &others).await;
}

/// Logs out in the first tab and looks when the others have heard of it.
async fn logout_is_seen_at_once(world: &World, first: &Tab, others: &[Tab]) {
    let browser = &world.browser;
    browser.take_notes(others, "Ada Lovelace").await;
    browser.show(first).await;
    let out = browser.control("main", "Log out").await;
    let before = SystemTime::now().duration_since(UNIX_EPOCH);
    let before = before.expect("1970 is long ago");
    out.click().await.expect("it can be clicked");
    for tab in others {
        browser.show(tab).await;
        let took = browser.seen_last().await.saturating_sub(before);
        assert!(took < AT_ONCE, "it took {took:?}");
        browser.has_no("Ada").await;
        browser.has_no("theme").await;
    }
    browser.show(first).await;
    world.is_out().await;
}

fn back_shows_nothing(setup: Setup) {
    setup.kept_for_back().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        let first = browser.tab().await;
        let other = browser.open_tabs(1, "/profile").await.remove(0);
        browser.show(&other).await;
        browser.sees(METADATA).await;
        browser
            .run(
                "addEventListener('pageshow', event => {\
                     if (event.persisted) console.warn(`revived, visible: ${document.body.checkVisibility()}`)\
                 })",
            )
            .await;
        browser.open(&format!("{}dashboard", world.issuer())).await;

        browser.show(&first).await;
        browser.click_in("main", "Log out").await;
        world.is_out().await;
        browser.show(&other).await;
        browser.back().await;
        let shown = "/Log in to see this page|Log in to The app/.test(document.body.innerText)";
        browser.until("a page for visitors is shown", shown, Vec::new()).await;
        for trace in ["Ada", "theme", "newsletter"] {
            browser.has_no(trace).await;
        }
        let console = browser.console().await;
        let revived = console.iter().filter(|line| line.contains("revived"));
        let revived: Vec<_> = revived.collect();
        assert!(revived.iter().all(|line| line.contains("visible: false")), "{revived:?}");
    });
}
