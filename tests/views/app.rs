//! The whole app on a machine in memory: configuration, provider, routes.

use std::rc::Rc;

use dioxus::prelude::*;
use dioxus_auth0::Reason;
use dioxus_auth0::app::App;
use dioxus_auth0::platform::memory::MemoryPlatform;
use dioxus_auth0::port::PortError;

use crate::machine::{CONFIG, DISCOVERY, FILE, JWKS, METADATA, machine};
use crate::screen::Screen;
use crate::signed_out;

async fn start(memory: &MemoryPlatform, path: &str) -> Screen {
    let dom = VirtualDom::new(App).with_root_context(memory.platform());
    Screen::start(dom, path, Rc::new(signed_out(Reason::Fresh))).await
}

#[tokio::test]
async fn with_a_good_file_the_front_page_shows() {
    let memory = machine();
    memory.http.answer(CONFIG, 200, FILE);
    memory.http.answer(DISCOVERY, 200, METADATA);
    memory.http.answer(JWKS, 200, r#"{"keys": []}"#);
    let screen = start(&memory, "/").await;
    memory.http.forget_answers();
    assert_eq!(screen.body().only("h1").text(), "Login for Dioxus apps");
    assert_eq!(memory.http.sent()[..2], [CONFIG, DISCOVERY]);
}

#[tokio::test]
async fn a_bad_file_is_explained_and_nothing_else_is_asked() {
    for (status, body, words) in [
        (
            200,
            "<!doctype html><title>app</title>",
            "a page of HTML came instead",
        ),
        (404, "", "auth_config.json is missing"),
        (500, FILE, "auth_config.json is missing"),
        (200, "{", "not valid JSON"),
        (200, r#"{"clientid": "abc"}"#, "clientid"),
        (
            200,
            r#"{"domain": "", "clientId": "abc"}"#,
            "domain is empty",
        ),
        (
            200,
            r#"{"domain": "http://tenant.example", "clientId": "abc"}"#,
            "domain",
        ),
    ] {
        let memory = machine();
        memory.http.answer(CONFIG, status, body);
        let screen = start(&memory, "/profile").await;
        assert!(
            screen.text().contains(words),
            "{words:?} in: {}",
            screen.text()
        );
        assert!(screen.text().contains("assets/public/auth_config.json"));
        assert_eq!(memory.http.sent(), [CONFIG]);
        assert!(memory.navigator.departures().is_empty());
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_reached_is_missing() {
    let memory = machine();
    memory.http.fail(
        CONFIG,
        PortError::Unreachable {
            host: "app.example".into(),
        },
    );
    let screen = start(&memory, "/").await;
    assert!(
        screen.text().contains("auth_config.json is missing"),
        "{}",
        screen.text()
    );
}

#[tokio::test]
async fn when_no_tenant_answers_the_front_page_says_so() {
    let memory = machine();
    memory.http.answer(CONFIG, 200, FILE);
    memory.http.fail(
        DISCOVERY,
        PortError::Unreachable {
            host: "tenant.example".into(),
        },
    );
    let mut screen = start(&memory, "/").await;
    assert!(
        screen.text().contains("tenant.example does not answer"),
        "{}",
        screen.text()
    );

    memory.http.fail(
        DISCOVERY,
        PortError::Unreachable {
            host: "tenant.example".into(),
        },
    );
    screen.press("Try again").await;
    assert!(screen.text().contains("tenant.example does not answer"));
    assert!(memory.navigator.departures().is_empty());
}

#[tokio::test]
async fn a_deep_link_goes_to_the_login_with_everything_it_needs() {
    let memory = machine();
    memory.http.answer(CONFIG, 200, FILE);
    memory.http.answer(DISCOVERY, 200, METADATA);
    memory.http.answer(JWKS, 200, r#"{"keys": []}"#);
    let screen = start(&memory, "/profile").await;
    memory.http.forget_answers();
    let departures = memory.navigator.departures();
    assert_eq!(departures.len(), 1, "{}", screen.text());
    assert_eq!(departures[0].path(), "/authorize");
    assert!(
        departures[0]
            .query_pairs()
            .any(|(name, value)| name == "client_id" && value == "abc")
    );
}

#[tokio::test]
async fn a_foreign_callback_shows_nothing_of_itself() {
    let memory = machine();
    memory.http.answer(CONFIG, 200, FILE);
    let url = "https://app.example/?error=access_denied&error_description=call%20Mallory&state=s";
    memory.navigator.arrive_at(url.parse().expect("a URL"));
    let screen = start(&memory, "/").await;
    assert!(
        screen.text().contains("This login link cannot be used"),
        "{}",
        screen.text()
    );
    assert!(!screen.html().contains("Mallory"));
    assert_eq!(memory.http.sent(), [CONFIG]);
}
