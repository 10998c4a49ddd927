//! Back, after a login and out of one.

use std::time::Duration;

use crate::harness::{ADA, GRACE, world};

#[test]
fn back_after_a_login_neither_repeats_it_nor_ends_the_session() {
    world().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        world.asked().await;
        world.tenant().clear_requests();
        let (entries, current) = browser.history().await;
        let origin = world.site.origin();
        assert!(
            entries
                .iter()
                .all(|url| !(url.starts_with(origin) && url.contains("code=")))
        );

        let mut pages_of_the_app = 0;
        for at in (0..current).rev() {
            let before = &entries[at];
            if !before.starts_with("http") {
                break;
            }
            browser.back().await;
            if before.starts_with(origin) {
                browser.sees("Hello, Ada Lovelace").await;
                pages_of_the_app += 1;
            }
        }
        assert_eq!(pages_of_the_app, 1, "{entries:?}");
        assert_eq!(world.token_requests().await, 0);
    });
}

#[test]
fn back_from_the_login_page_to_a_page_that_was_kept_alive_finds_a_button_that_works() {
    world().kept_for_back().run(async |world| {
        let browser = &world.browser;
        browser.open("/").await;
        browser.click_in("main", "Log in").await;
        browser.sees("E-mail address").await;
        browser.back().await;
        browser.sees("You came back without logging in.").await;
        browser.click_in("main", "Log in").await;
        world.enter(GRACE).await;
        browser.sees("Hello, Grace Hopper").await;
    });
}

#[test]
fn forward_to_the_page_after_the_login_does_not_repeat_it() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/profile").await;
        world.enter(ADA).await;
        browser.sees("\"theme\": \"dark\"").await;
        browser.open("/").await;
        browser.sees("Hello, Ada Lovelace").await;
        world.asked().await;
        world.tenant().clear_requests();
        browser.back().await;
        browser.sees("\"theme\": \"dark\"").await;
        browser.is_at("/profile").await;
        assert_eq!(world.token_requests().await, 0);
    });
}

#[test]
fn back_from_the_login_page_of_a_guarded_page_lets_the_visitor_choose() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/").await;
        browser.click("Profile").await;
        browser.sees("E-mail address").await;
        browser.back().await;
        browser.sees("Log in to see this page").await;
        browser.is_at("/profile").await;
        // It stays there: nothing sends the visitor away again.
        tokio::time::sleep(Duration::from_secs(1)).await;
        browser.is_at("/profile").await;

        browser.click_in("main", "Log in").await;
        world.enter(GRACE).await;
        browser.sees("No user metadata defined").await;
        browser.is_at("/profile").await;
    });
}

#[test]
fn back_from_the_login_page_of_a_deep_link_does_not_lead_to_it_again() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open(&format!("{}dashboard", world.issuer())).await;
        browser.open("/profile").await;
        browser.sees("E-mail address").await;
        browser.back().await;
        // Whether the browser counts the page that led on by itself is its own choice.
        let shown =
            "/Log in to see this page|Edit a user's metadata/.test(document.body.innerText)";
        browser
            .until("the way out is open", shown, Vec::new())
            .await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        browser.until("it stays open", shown, Vec::new()).await;
    });
}
