//! The app without a mouse.

use serde_json::json;
use tenant::DEMO_PASSWORD;
use thirtyfour::Key;

use crate::harness::{ADA, Browser, world};

#[test]
fn the_tab_key_leads_past_the_skip_link_through_the_navigation_to_the_login() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/").await;
        browser.control("main", "Log in").await;
        for stop in [
            "Skip to content",
            "dioxus-auth0",
            "Home",
            "Profile",
            "Log in",
        ] {
            browser.press(Key::Tab).await;
            assert_eq!(focused(browser).await, stop);
            shows_the_focus(browser, stop).await;
        }
        browser.press(Key::Enter).await;
        browser.sees("E-mail address").await;
    });
}

#[test]
fn the_skip_link_leads_to_the_content() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/profile/is/not/here").await;
        browser.sees("There is no such page").await;
        browser.press(Key::Tab).await;
        browser.press(Key::Enter).await;
        browser.press(Key::Tab).await;
        assert_eq!(focused(browser).await, "Go to the front page");
        browser.sees("There is no such page").await;
    });
}

#[test]
fn a_login_and_an_edit_need_no_mouse() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/").await;
        browser.control("main", "Log in").await;
        browser
            .run("document.querySelector('main button').focus()")
            .await;
        browser.press(Key::Space).await;
        browser.sees("E-mail address").await;
        // The tenant's page puts the focus into its first field.
        browser.press(ADA).await;
        browser.press(Key::Tab).await;
        browser.press(DEMO_PASSWORD).await;
        browser.press(Key::Enter).await;
        browser.sees("Hello, Ada Lovelace").await;

        browser.control("main", "See your profile").await;
        browser
            .run("document.querySelector('main a').focus()")
            .await;
        browser.press(Key::Enter).await;
        browser.sees("\"theme\": \"dark\"").await;
        // A new page puts the focus on its heading, so that Tab goes on from there.
        assert_eq!(focused(browser).await, "Ada Lovelace");
        browser.press(Key::Tab).await;
        assert_eq!(
            browser.run("return document.activeElement.tagName").await,
            "PRE"
        );
        browser.press(Key::Tab).await;
        assert_eq!(focused(browser).await, "Edit");
        browser.press(Key::Enter).await;
        browser
            .until(
                "the field has the focus",
                "document.activeElement.tagName === 'TEXTAREA'",
                Vec::new(),
            )
            .await;
        browser.press(Key::Tab).await;
        browser.press(Key::Tab).await;
        assert_eq!(focused(browser).await, "Cancel");
        browser.press(Key::Enter).await;
        browser
            .until(
                "the button has the focus again",
                "document.activeElement.innerText === 'Edit'",
                Vec::new(),
            )
            .await;
    });
}

#[test]
fn an_address_that_leads_nowhere_says_so_and_leads_back() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/nowhere/at-all").await;
        browser.sees("There is no such page").await;
        browser.sees("/nowhere/at-all").await;
        assert_eq!(
            browser.run("return document.title").await,
            "Page not found · dioxus-auth0"
        );
        browser.click("Go to the front page").await;
        browser.is_at("/").await;
        browser.control("main", "Log in").await;
    });
}

/// The text of what has the focus.
async fn focused(browser: &Browser) -> String {
    let text = browser
        .run("return document.activeElement.innerText.trim()")
        .await;
    text.as_str().unwrap_or_default().to_owned()
}

/// Checks that what has the focus lies in the window, with an outline to be seen.
async fn shows_the_focus(browser: &Browser, stop: &str) {
    let seen = browser
        .run(
            "const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);\
             return [box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth,\
                 style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2]",
        )
        .await;
    assert_eq!(seen, json!([true, true]), "in the window, outlined: {stop}");
}
