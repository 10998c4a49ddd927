//! Each mistake in the configuration names the file, the key and the fix.

use std::cell::RefCell;

use dioxus::prelude::*;
use dioxus_auth0::Reason;
use dioxus_auth0::config::{Config, ConfigError, Settings};
use dioxus_auth0::views::ConfigProblem;

use crate::screen::Screen;
use crate::signed_out;

thread_local! {
    static ERROR: RefCell<ConfigError> = const { RefCell::new(ConfigError::Missing) };
}

#[component]
fn Alone() -> Element {
    rsx! {
        ConfigProblem { error: ERROR.with_borrow(Clone::clone) }
    }
}

/// What is wrong with the text of a configuration file.
fn mistake(text: &str) -> ConfigError {
    match Settings::parse(text.as_bytes()) {
        Ok(settings) => Config::new(&settings).expect_err("a file with a mistake"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn every_mistake_names_the_file_the_key_and_the_fix() {
    let file = |domain: &str| format!(r#"{{"domain": "{domain}", "clientId": "abc"}}"#);
    for (error, key, words) in [
        (ConfigError::Missing, None, "Create the file"),
        (mistake("<!doctype html>"), None, "Create the file"),
        (mistake("{\n  \"domain\": }"), None, "line 2, column 13"),
        (mistake("[]"), None, "one JSON object"),
        (
            mistake(r#"{"domain": "a.example", "client_id": "abc"}"#),
            Some("client_id"),
            "correct its spelling",
        ),
        (
            mistake(r#"{"domain": 7, "clientId": "abc"}"#),
            Some("domain"),
            "must be a string",
        ),
        (
            mistake(&file("")),
            Some("domain"),
            "such as example.eu.auth0.com",
        ),
        (
            mistake(r#"{"domain": "a.example"}"#),
            Some("clientId"),
            "Fill it with the client id",
        ),
        (
            mistake(&file("http://tenant.example")),
            Some("domain"),
            "Plain http is allowed for this machine only",
        ),
        (mistake(&file("a b")), Some("domain"), "Write a host"),
        (
            mistake(r#"{"domain": "a.example", "issuer": "https://a.example", "clientId": "abc"}"#),
            Some("issuer"),
            "remove the other key",
        ),
        (
            mistake(r#"{"domain": "a.example", "clientId": "abc", "redirectUri": "/callback"}"#),
            Some("redirectUri"),
            "exactly as registered",
        ),
    ] {
        ERROR.set(error.clone());
        let screen = Screen::show(Alone, "/", signed_out(Reason::Fresh)).await;
        let text = screen.text();
        assert!(text.contains("assets/public/auth_config.json"), "{text}");
        assert!(text.contains(words), "{words:?} in: {text}");
        let codes: Vec<String> = screen
            .body()
            .all("code")
            .iter()
            .map(|code| code.text())
            .collect();
        assert_eq!(codes.get(1).map(String::as_str), key, "{text}");
        assert_eq!(screen.body().only("main").with("role", "alert").len(), 1);
        assert!(screen.body().only("pre").text().contains(r#""clientId""#));
        assert_eq!(screen.asked(), []);
    }
}

#[tokio::test]
async fn a_mistake_of_this_machine_is_named_where_it_was_made() {
    let problem = Box::new(mistake(r#"{"domain": "", "clientId": "abc"}"#));
    let place = "AUTH0_DOMAIN".to_owned();
    ERROR.set(ConfigError::Place { place, problem });
    let screen = Screen::show(Alone, "/", signed_out(Reason::Fresh)).await;
    let text = screen.text();
    assert!(text.contains("AUTH0_DOMAIN: domain is empty"), "{text}");
    assert!(text.contains("Where AUTH0_DOMAIN"), "{text}");
    assert!(
        text.contains("Fill it with the address of your provider"),
        "{text}"
    );
    assert!(!text.contains("assets/public"), "{text}");
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_said_wherever_it_was_written() {
    let problem = mistake(r#"{"domain": "http://tenant.example", "clientId": "abc"}"#);
    let ConfigError::Issuer { problem: why, .. } = &problem else {
        panic!("no address of a provider: {problem}");
    };
    let detail = format!("({why})");
    let place = "AUTH0_DOMAIN".to_owned();
    let elsewhere = ConfigError::Place {
        place,
        problem: Box::new(problem.clone()),
    };
    for error in [problem, elsewhere] {
        ERROR.set(error);
        let screen = Screen::show(Alone, "/", signed_out(Reason::Fresh)).await;
        assert!(screen.text().contains(&detail), "{}", screen.text());
    }
}

#[tokio::test]
async fn a_hostile_key_is_text() {
    ERROR.set(mistake(r#"{"<script>alert(1)</script>": 1}"#));
    let screen = Screen::show(Alone, "/", signed_out(Reason::Fresh)).await;
    assert!(screen.text().contains("<script>alert(1)</script>"));
    assert!(!screen.html().contains("<script"));
}
