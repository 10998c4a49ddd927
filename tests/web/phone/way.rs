//! In, to the profile, through an edit, and out again.

use serde_json::json;
use tenant::{DEMO_PASSWORD, NewUser};
use thirtyfour::Key;

use super::hand::{Hand, LARGE, LYING, Phone, SMALL};
use crate::harness::{ADA, World, world};

/// What the profile shows when the API has answered.
const METADATA: &str = "\"theme\": \"dark\"";
const FIELD: &str = "Metadata as JSON";

/// What the browser is told of the screen, by the app and by the pages of the tenant.
const VIEWPORT: &str =
    "width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content";

#[test]
fn a_finger_gets_through_the_whole_app_on_a_small_phone() {
    world().run(async |world| whole_way(world, SMALL).await);
}

#[test]
fn a_finger_gets_through_the_whole_app_on_a_large_phone() {
    world().run(async |world| whole_way(world, LARGE).await);
}

#[test]
fn a_finger_gets_through_the_whole_app_on_a_phone_on_its_side() {
    world().run(async |world| whole_way(world, LYING).await);
}

async fn whole_way(world: &World, phone: Phone) {
    let browser = &world.browser;
    let hand = Hand::holding(phone, browser).await;
    browser.open("/").await;
    browser.control("main", "Log in").await;
    let pointer =
        "return [matchMedia('(hover: none)').matches, matchMedia('(pointer: coarse)').matches]";
    assert_eq!(browser.run(pointer).await, json!([true, true]));
    hand.looks_right("home").await;

    hand.tap_in("main", "Log in").await;
    browser.sees("E-mail address").await;
    hand.looks_right("login").await;
    hand.write("E-mail address", ADA).await;
    hand.write("Password", DEMO_PASSWORD).await;
    hand.picture("login-keyboard").await;
    hand.has_at_hand("form", "Continue").await;
    hand.tap("Continue").await;
    browser.sees("Hello, Ada Lovelace").await;
    hand.close_keyboard().await;
    hand.looks_right("home-signed-in").await;

    hand.tap("See your profile").await;
    browser.sees(METADATA).await;
    browser.sees_picture("main img").await;
    hand.looks_right("profile").await;

    edit(world, &hand).await;

    hand.tap_in("header", "Home").await;
    browser.sees("Hello, Ada Lovelace").await;
    hand.tap_in("main", "Log out").await;
    world.is_out().await;
    hand.looks_right("logged-out").await;
    browser.back().await;
    browser
        .until(
            "a page for visitors is shown",
            "/Login for Dioxus apps|Log in to /.test(document.body.innerText)",
            Vec::new(),
        )
        .await;
    browser.has_no("Ada").await;
    hand.keeps_the_rules("what Back shows after a logout").await;
}

/// Changes the metadata above the keyboard, not without a mistake.
async fn edit(world: &World, hand: &Hand<'_>) {
    let browser = &world.browser;
    hand.tap_in("main", "Edit").await;
    browser.sees(FIELD).await;
    hand.looks_right("editor").await;

    hand.open_keyboard(FIELD).await;
    hand.picture("editor-keyboard").await;
    hand.has_at_hand("form", "Save").await;
    hand.has_at_hand("form", "Cancel").await;
    hand.write(FIELD, "{\"theme\": }").await;
    browser.sees("Line 1, column 11").await;
    hand.close_keyboard().await;
    hand.looks_right("editor-fault").await;

    hand.write(FIELD, "{\"theme\": \"light\"}").await;
    hand.tap_in("form", "Save").await;
    browser.sees("Saved.").await;
    hand.close_keyboard().await;
    hand.looks_right("saved").await;
    let users = world.tenant().users().expect("the store is in memory");
    let ada = users.into_iter().find(|user| user.email == ADA);
    let kept = ada.and_then(|user| user.user_metadata);
    assert_eq!(kept, json!({ "theme": "light" }).as_object().cloned());
}

#[test]
fn the_pages_reach_under_the_notch_and_shrink_above_the_keyboard() {
    world().run(async |world| {
        let browser = &world.browser;
        let hand = Hand::holding(SMALL, browser).await;
        browser.open("/").await;
        browser.control("main", "Log in").await;
        let viewports =
            "return [...document.querySelectorAll('meta[name=viewport]')].map(one => one.content)";
        assert_eq!(browser.run(viewports).await, json!([VIEWPORT]), "the app");
        hand.tap_in("main", "Log in").await;
        browser.sees("E-mail address").await;
        assert_eq!(
            browser.run(viewports).await,
            json!([VIEWPORT]),
            "the tenant"
        );
    });
}

#[test]
fn the_skip_link_leads_below_the_notch() {
    world().run(async |world| {
        let browser = &world.browser;
        let _hand = Hand::holding(SMALL, browser).await;
        browser.open("/").await;
        browser.control("main", "Log in").await;
        browser.press(Key::Tab).await;
        browser.press(Key::Enter).await;
        browser.is_at("/#content").await;
        let top = browser
            .run("return [scrollY > 0, document.querySelector('h1').getBoundingClientRect().top]")
            .await;
        assert_eq!(top[0], true, "the page was scrolled");
        let top = top[1].as_f64().expect("it is a number");
        assert!(top >= f64::from(SMALL.insets.top), "{top}");
    });
}

#[test]
fn signing_up_takes_a_finger_and_a_keyboard() {
    world().run(async |world| {
        let browser = &world.browser;
        let hand = Hand::holding(SMALL, browser).await;
        browser.open("/").await;
        hand.tap_in("main", "Sign up").await;
        browser.sees("Sign up for").await;
        hand.looks_right("sign-up").await;
        hand.write("E-mail address", "new@example.com").await;
        hand.write("Password", DEMO_PASSWORD).await;
        // From where it lies without a keyboard.
        hand.close_keyboard().await;
        hand.write("Name", "Nell New").await;
        hand.has_at_hand("form", "Continue").await;
        hand.tap("Continue").await;
        browser.sees("Hello, Nell New").await;
    });
}

#[test]
fn long_names_addresses_and_metadata_wrap() {
    const EMAIL: &str = "donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft@example.com";
    world()
        .tenant(|builder| {
            let long = "x".repeat(300);
            let metadata = json!({ "a-name-without-a-place-to-break-it-at-whatsoever-in-it": long, "deep": { "deep": { "deep": [1] } } });
            let name = "Hubert Blaine Wolfeschlegelsteinhausenbergerdorffwelchevoralternwaren";
            builder.user(NewUser::new(EMAIL, DEMO_PASSWORD).name(name).metadata(metadata))
        })
        .run(async |world| {
            let browser = &world.browser;
            let hand = Hand::holding(SMALL, browser).await;
            browser.open("/profile").await;
            world.enter(EMAIL).await;
            browser.sees("\"deep\"").await;
            hand.looks_right("long-profile").await;
            let cut = "return [...document.querySelectorAll('main *')].filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline').map(one => one.outerHTML)";
            assert_eq!(browser.run(cut).await, json!([]), "nothing is to be scrolled sideways");
            hand.tap("Home").await;
            browser.sees("Hello, Hubert").await;
            hand.looks_right("long-home").await;
        });
}
