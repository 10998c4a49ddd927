//! A tab that is gone, or stands still, while it renews the session for all.

use std::time::{Duration, Instant};

use serde_json::json;
use tenant::{Builder, Endpoint, Fault};

use super::{AGE, METADATA, TABS, all_see, expired, refresh_token, refreshes, sharing};
use crate::harness::{ADA, Tab, World};

/// The longest that a tab waits for one that stands still.
const LOCK_TIMEOUT: Duration = Duration::from_secs(20);

/// What a busy machine may add to that.
const SLACK: Duration = Duration::from_secs(15);

/// Longer than a tab takes to be killed, and shorter than it waits for an answer.
const LATE: Duration = Duration::from_secs(8);

#[test]
fn a_tab_that_is_killed_before_the_provider_has_acted_hands_over_at_once() {
    sharing().run(async |world| {
        let browser = &world.browser;
        expired(world).await;
        let first = browser.tab().await;
        for crashes in [false, true] {
            let holder = renewing(world, Fault::Slow(LATE)).await;
            let others = browser.open_tabs(TABS - 1, "/profile").await;
            wait_for_the_lock(world, others.len()).await;
            let killed = Instant::now();
            match crashes {
                true => browser.tell(&holder, "Page.crash", json!({}), &first).await,
                false => browser.close(&holder).await,
            }
            all_see(world, &others, METADATA).await;
            assert!(killed.elapsed() < LOCK_TIMEOUT, "nobody waits for the dead");
            // Nobody knew what had become of it; it was good.
            world.asked().await;
            assert_eq!(refreshes(world), [2]);
            for tab in &others {
                browser.close_behind(tab, &first).await;
            }
            browser.sees("Hello, Ada Lovelace").await;
            // Nothing has come too late: the one that is stored now is good.
            assert_eq!(browser.run(AGE).await, 1);
            world.tenant().clear_requests();
        }
    });
}

#[test]
fn a_tab_that_is_killed_after_the_provider_has_acted_costs_one_login_for_all_tabs() {
    sharing().run(async |world| {
        let browser = &world.browser;
        expired(world).await;
        let first = browser.tab().await;
        let spent = refresh_token(world).await;
        let idle = browser.open_tabs(TABS - 3, "/").await;
        all_see(world, &idle, "Hello, Ada Lovelace").await;
        browser.show(&first).await;
        browser
            .devtools("Network.clearBrowserCookies", json!({}))
            .await;

        let holder = renewing(world, Fault::Late(LATE)).await;
        let other = browser.open_tabs(1, "/profile").await.remove(0);
        wait_for_the_lock(world, 1).await;
        let killed = Instant::now();
        browser.close(&holder).await;
        // The refresh token was in doubt, was tried once more, and was spent. The provider has ended the session.
        browser.show(&other).await;
        browser.sees("E-mail address").await;
        assert!(killed.elapsed() < LOCK_TIMEOUT, "nobody waits for the dead");
        all_see(world, &idle, "You are logged out.").await;
        assert_eq!(refreshes(world), [2]);

        browser.show(&other).await;
        world.enter(ADA).await;
        browser.sees(METADATA).await;
        assert_ne!(refresh_token(world).await, spent);
        all_see(world, &idle, "Hello, Ada Lovelace").await;
        world.asked().await;
        assert_eq!(refreshes(world), [2], "and no more");
    });
}

#[test]
fn a_tab_that_stands_still_holds_nobody_up_for_long_and_renews_nothing_when_it_wakes() {
    sharing().run(async |world| {
        let browser = &world.browser;
        let (holder, other) = stand_still(world).await;
        // The tenant knows the user, who need not do anything.
        assert_eq!(
            grants(world),
            ["refresh_token", "refresh_token", "authorization_code"]
        );
        wake(world, &holder, &other).await;
        assert_eq!(refreshes(world), [2]);
        browser.show(&holder).await;
        browser.reload().await;
        browser.sees(METADATA).await;
        world.asked().await;
        assert_eq!(refreshes(world), [2], "what is stored is good");
    });
}

#[test]
fn a_tab_that_stands_still_logs_nobody_out_where_a_refresh_token_is_taken_once_more() {
    let twice = |builder: Builder| builder.overlap(Duration::from_secs(60));
    sharing().tenant(twice).run(async |world| {
        let (holder, other) = stand_still(world).await;
        assert_eq!(grants(world), ["refresh_token", "refresh_token"]);
        wake(world, &holder, &other).await;
        assert_eq!(grants(world), ["refresh_token", "refresh_token"]);
        all_see(world, &[holder, other], METADATA).await;
    });
}

/// Lets a tab freeze while it renews the session, and another one go on without it.
async fn stand_still(world: &World) -> (Tab, Tab) {
    let browser = &world.browser;
    expired(world).await;
    let holder = renewing(world, Fault::Late(Duration::from_secs(2))).await;
    let first = browser.tab().await;
    let frozen = json!({ "state": "frozen" });
    let command = "Page.setWebLifecycleState";
    browser.tell(&holder, command, frozen, &first).await;
    let other = browser.open_tabs(1, "/profile").await.remove(0);
    wait_for_the_lock(world, 1).await;
    let waits = Instant::now();
    // The answer for the one that is frozen comes, and nobody takes it.
    tokio::time::sleep(LOCK_TIMEOUT - Duration::from_secs(5)).await;
    assert_eq!(refreshes(world), [1], "the other one waits");
    browser.show(&other).await;
    browser.sees(METADATA).await;
    assert!(waits.elapsed() < LOCK_TIMEOUT + SLACK, "but not for ever");
    world.asked().await;
    (holder, other)
}

/// Lets the frozen tab go on, and checks that it changes nothing.
async fn wake(world: &World, holder: &Tab, other: &Tab) {
    let browser = &world.browser;
    let kept = refresh_token(world).await;
    let before = world.tenant().requests().len();
    let active = json!({ "state": "active" });
    let command = "Page.setWebLifecycleState";
    browser.tell(holder, command, active, holder).await;
    browser.sees("Ada Lovelace").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    world.asked().await;
    let requests = world.tenant().requests();
    let after = requests.iter().skip(before);
    let asked: Vec<_> = after.filter(|one| one.path == "/oauth/token").collect();
    assert!(asked.is_empty(), "it asks for nothing: {asked:?}");
    browser.show(other).await;
    assert_eq!(refresh_token(world).await, kept);
}

/// Opens a tab that renews the session, and returns when the provider has its request, which `fault` hits.
async fn renewing(world: &World, fault: Fault) -> Tab {
    world.tenant().faults().set(Endpoint::Token, fault, Some(1));
    let holder = world.browser.open_tabs(1, "/profile").await.remove(0);
    let deadline = Instant::now() + SLACK;
    while refreshes(world).is_empty() {
        assert!(Instant::now() < deadline, "the tab renews the session");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    holder
}

/// Waits until so many tabs wait for the one that renews the session.
async fn wait_for_the_lock(world: &World, tabs: usize) {
    const WAITING: &str = "const done = arguments[arguments.length - 1];\
         navigator.locks.query().then(({ held, pending }) => done([held.length, pending.length]))";
    let deadline = Instant::now() + SLACK;
    loop {
        let waiting = world.browser.run_async(WAITING).await;
        if waiting == json!([1, tabs]) {
            return;
        }
        assert!(Instant::now() < deadline, "all but one wait, not {waiting}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn grants(world: &World) -> Vec<String> {
    let requests = world.tenant().requests().into_iter();
    requests.filter_map(|request| request.grant_type).collect()
}
