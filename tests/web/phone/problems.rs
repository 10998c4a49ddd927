//! What goes wrong, as it is seen on a phone.

use std::time::Duration;

use tenant::{Endpoint, Fault};

use super::hand::{Hand, LARGE, SMALL};
use crate::harness::{ADA, GRACE, Served, world};

#[test]
fn consent_and_its_refusal_fit_a_phone() {
    world().asking_consent().run(async |world| {
        let browser = &world.browser;
        let hand = Hand::holding(SMALL, browser).await;
        browser.open("/").await;
        hand.tap_in("main", "Log in").await;
        browser.sees("E-mail address").await;
        world.enter(GRACE).await;
        browser.sees("asks to:").await;
        hand.looks_right("consent").await;
        hand.tap("Deny").await;
        browser.sees("You did not give your consent").await;
        hand.looks_right("consent-denied").await;
        hand.tap_in("main", "Try again").await;
        hand.tap("Allow").await;
        browser.sees("Hello, Grace Hopper").await;

        let broken = Fault::Status(500, "oops".into());
        world
            .tenant()
            .faults()
            .set(Endpoint::UserRead, broken, None);
        hand.tap("See your profile").await;
        browser.sees("Busy or broken").await;
        hand.looks_right("profile-failed").await;
        world.tenant().faults().clear();
        hand.tap_in("main", "Try again").await;
        browser.sees("No user metadata defined").await;
        hand.looks_right("profile-empty").await;
    });
}

#[test]
fn pages_that_lead_nowhere_fit_a_phone_and_lead_back() {
    world().run(async |world| {
        let browser = &world.browser;
        let hand = Hand::holding(SMALL, browser).await;
        browser.open("/nowhere/at/all/and-what-is-more-by-an-address-without-an-end-that-anybody-could-see").await;
        browser.sees("There is no such page").await;
        hand.looks_right("not-found").await;
        hand.tap("Go to the front page").await;
        browser.sees("Login for Dioxus apps").await;

        browser.open("/?error=access_denied&state=foreign").await;
        browser.sees("This login link cannot be used").await;
        hand.looks_right("planted").await;

        browser.open("/").await;
        hand.tap("Profile").await;
        browser.sees("E-mail address").await;
        browser.back().await;
        browser.sees("Log in to see this page").await;
        hand.looks_right("guarded").await;

        world.site.set_config(Served::Text("{\"domain\": \"\", \"clientId\": \"x\"}".into()));
        browser.open("/").await;
        browser.sees("This app is not set up yet").await;
        hand.looks_right("not-set-up").await;
    });
}

#[test]
fn a_login_page_that_does_not_come_leaves_a_way_on_for_a_finger() {
    world().run(async |world| {
        let browser = &world.browser;
        let hand = Hand::holding(LARGE, browser).await;
        browser.open("/").await;
        browser.control("main", "Log in").await;
        let slow = Fault::Slow(Duration::from_secs(60));
        world
            .tenant()
            .faults()
            .set(Endpoint::Authorize, slow, Some(1));
        // While a page is being left, the driver waits for the next one; stopped, there is only this one.
        browser.run("setTimeout(stop, 1500)").await;
        hand.tap("Profile").await;
        browser.sees("Continue to the login page").await;
        hand.looks_right("late").await;
        hand.tap("Continue to the login page").await;
        browser.sees("E-mail address").await;
        world.enter(ADA).await;
        browser.sees("\"theme\": \"dark\"").await;
    });
}
