//! The profile: what the API knows, and what the user makes of it.

use dioxus::prelude::*;
use dioxus_auth0::error::Error;
use dioxus_auth0::management::{get_user, update_user_metadata};
use dioxus_auth0::platform::memory::{Asked, MemoryAuth, signed_in};
use dioxus_auth0::route::Route;
use dioxus_auth0::{AuthState, Reason};
use serde_json::{Map, Value, json};

use crate::screen::Screen;
use crate::{ADA, ada, refused, signed_out, unreachable};

#[component]
fn Pages() -> Element {
    rsx! {
        Router::<Route> {}
    }
}

fn answer(user_metadata: &Value) -> Value {
    json!({"user_id": ADA, "name": "Ada Lovelace", "user_metadata": user_metadata})
}

fn members(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn read() -> Asked {
    Asked::Call(get_user(ADA))
}

fn update(before: &Value, next: &Value) -> Asked {
    Asked::Call(update_user_metadata(ADA, &members(before), &members(next)))
}

/// The profile of Ada with this metadata.
async fn profile(metadata: &Value) -> Screen {
    let auth = ada();
    auth.answer(Ok(answer(metadata)));
    Screen::show(Pages, "/profile", auth).await
}

fn shown(screen: &Screen) -> String {
    screen.body().only("pre").exact_text()
}

#[tokio::test]
async fn it_shows_the_user_and_their_metadata() {
    let screen = profile(&json!({"newsletter": true, "theme": "dark"})).await;
    assert_eq!(screen.body().only("h1").text(), "Ada Lovelace");
    assert!(screen.text().contains("ada@example.com"));
    let pictures = screen.body().only("main").all("img");
    assert_eq!(
        pictures[0].attribute("alt"),
        Some("Picture of Ada Lovelace")
    );
    let headings: Vec<String> = screen.body().all("h2").iter().map(|h2| h2.text()).collect();
    assert_eq!(headings, ["User Metadata"]);
    assert_eq!(
        shown(&screen),
        "{\n  \"newsletter\": true,\n  \"theme\": \"dark\"\n}"
    );
    assert_eq!(screen.asked(), [read()], "one call, for this user alone");
}

#[tokio::test]
async fn without_metadata_it_says_so() {
    for metadata in [json!({}), Value::Null] {
        let screen = profile(&metadata).await;
        assert_eq!(
            screen.body().with("data-state", "empty")[0].text(),
            "No user metadata defined"
        );
        assert!(screen.body().all("pre").is_empty());
    }
}

#[tokio::test]
async fn while_the_answer_is_awaited_it_says_so() {
    let auth = ada();
    let later = auth.answer_later();
    let mut screen = Screen::show(Pages, "/profile", auth).await;
    assert!(screen.text().contains("Loading your metadata…"));
    assert_eq!(
        screen.body().only("h1").text(),
        "Ada Lovelace",
        "what is known shows at once"
    );
    assert!(!screen.has_control("Edit"));

    later.give(Ok(answer(&json!({"theme": "dark"}))));
    screen.settle().await;
    assert!(!screen.text().contains("Loading"));
    assert!(shown(&screen).contains("dark"));
}

#[tokio::test]
async fn a_failure_is_shown_and_tried_again_on_request_only() {
    let auth = ada();
    auth.answer(Err(unreachable()));
    let mut screen = Screen::show(Pages, "/profile", auth).await;
    assert_eq!(screen.body().with("data-state", "offline").len(), 1);
    assert!(
        !screen.has_control("Edit"),
        "what was not read cannot be changed"
    );
    assert_eq!(screen.asked(), [read()]);

    let later = screen.auth.answer_later();
    screen.press("Try again").await;
    assert!(screen.text().contains("Loading your metadata…"));
    assert!(screen.body().with("role", "alert").is_empty());
    later.give(Ok(answer(&json!({"theme": "dark"}))));
    screen.settle().await;
    assert!(shown(&screen).contains("dark"));
    assert_eq!(screen.asked(), [read(), read()]);
}

#[tokio::test]
async fn an_answer_about_somebody_else_or_of_another_shape_is_not_shown() {
    for answer in [
        json!({"user_id": "auth0|mallory", "user_metadata": {"theme": "evil"}}),
        json!({"user_metadata": {"theme": "evil"}}),
        json!({"user_id": ADA, "user_metadata": "evil"}),
        json!(["evil"]),
        Value::Null,
    ] {
        let auth = ada();
        auth.answer(Ok(answer.clone()));
        let screen = Screen::show(Pages, "/profile", auth).await;
        assert_eq!(screen.body().with("role", "alert").len(), 1, "{answer}");
        assert!(!screen.text().contains("evil"), "{answer}");
    }
}

#[tokio::test]
async fn an_api_that_does_not_take_the_token_any_more_leads_to_a_login() {
    let auth = ada();
    auth.answer(Err(refused("invalid_token", "Expired token", Some(401))));
    let mut screen = Screen::show(Pages, "/profile", auth).await;
    assert_eq!(screen.asked().len(), 1, "it does not go by itself");
    screen.press("Log in again").await;
    assert!(
        matches!(&screen.asked()[1], Asked::Login(options) if options.return_to.as_deref() == Some("/profile"))
    );
}

#[tokio::test]
async fn a_change_shows_at_once_and_is_saved() {
    let (before, next) = (
        json!({"old": 1, "theme": "dark"}),
        json!({"theme": "light"}),
    );
    let mut screen = profile(&before).await;
    screen.press("Edit").await;
    let field = screen.body().only("textarea");
    assert_eq!(
        field.attribute("initial_value"),
        Some("{\n  \"old\": 1,\n  \"theme\": \"dark\"\n}")
    );
    let label = screen.body().only("label");
    assert_eq!(label.attribute("for"), field.attribute("id"));
    for id in field
        .attribute("aria-describedby")
        .unwrap_or_default()
        .split(' ')
    {
        assert_eq!(screen.body().with("id", id).len(), 1, "{id}");
    }

    let later = screen.auth.answer_later();
    screen.write(r#"{"theme": "light"}"#).await;
    screen.press("Save").await;
    assert_eq!(screen.asked(), [read(), update(&before, &next)]);
    assert_eq!(shown(&screen), "{\n  \"theme\": \"light\"\n}");
    assert_eq!(screen.body().with("data-state", "saving").len(), 1);
    assert_eq!(
        screen.control("Edit").attribute("aria-disabled"),
        Some("true")
    );
    screen.press("Edit").await;
    assert!(screen.body().all("textarea").is_empty());

    // The server has the last word on what it kept.
    later.give(Ok(answer(&json!({"theme": "light", "by": "server"}))));
    screen.settle().await;
    assert!(shown(&screen).contains("server"));
    let card = screen.body().with("data-state", "saved");
    assert_eq!(card.len(), 1);
    assert!(
        card[0]
            .with("role", "status")
            .iter()
            .any(|status| status.text() == "Saved.")
    );
}

#[tokio::test]
async fn the_request_removes_what_is_gone_and_changes_what_is_there() {
    let mut screen = profile(&json!({"old": 1, "theme": "dark"})).await;
    screen.auth.answer(Ok(answer(&json!({"theme": "light"}))));
    screen.press("Edit").await;
    screen.write(r#"{"theme": "light"}"#).await;
    screen.press("Save").await;
    let asked = screen.asked();
    let Asked::Call(request) = &asked[1] else {
        panic!("a call, found {asked:?}");
    };
    assert_eq!(request.method(), "PATCH");
    assert_eq!(request.path(), "users/auth0%7Cada000000000000000000001");
    assert_eq!(request.needed_scope(), Some("update:current_user_metadata"));
    assert_eq!(
        request.body(),
        Some(&json!({"user_metadata": {"theme": "light", "old": null}}))
    );
}

#[tokio::test]
async fn a_change_that_fails_is_taken_back_and_the_text_kept() {
    let mut screen = profile(&json!({"theme": "dark"})).await;
    let later = screen.auth.answer_later();
    screen.press("Edit").await;
    screen.write(r#"{ "theme":"light" }"#).await;
    screen.press("Save").await;
    assert!(shown(&screen).contains("light"));

    later.give(Err(unreachable()));
    screen.settle().await;
    let field = screen.body().only("textarea");
    assert_eq!(
        field.attribute("initial_value"),
        Some(r#"{ "theme":"light" }"#),
        "as the user wrote it"
    );
    assert_eq!(screen.body().with("role", "alert").len(), 1);
    assert_eq!(screen.body().with("data-state", "saved").len(), 0);

    screen.press("Cancel").await;
    assert_eq!(shown(&screen), "{\n  \"theme\": \"dark\"\n}");
    assert!(screen.body().with("role", "alert").is_empty());
}

#[tokio::test]
async fn a_failed_change_can_be_sent_again() {
    let (before, next) = (json!({}), json!({"theme": "light"}));
    let mut screen = profile(&before).await;
    screen.auth.answer(Err(unreachable()));
    screen.auth.answer(Ok(answer(&next)));
    screen.press("Edit").await;
    screen.write(r#"{"theme": "light"}"#).await;
    screen.press("Save").await;
    screen.press("Try again").await;
    assert_eq!(
        screen.asked(),
        [read(), update(&before, &next), update(&before, &next)]
    );
    assert_eq!(screen.body().with("data-state", "saved").len(), 1);
}

#[tokio::test]
async fn cancelling_sends_nothing_and_forgets_the_text() {
    let mut screen = profile(&json!({"theme": "dark"})).await;
    screen.press("Edit").await;
    screen.write(r#"{"theme": "light"}"#).await;
    screen.press("Cancel").await;
    assert_eq!(shown(&screen), "{\n  \"theme\": \"dark\"\n}");
    screen.press("Edit").await;
    assert!(
        screen
            .body()
            .only("textarea")
            .attribute("initial_value")
            .is_some_and(|v| v.contains("dark"))
    );
    assert_eq!(screen.asked(), [read()]);
}

#[tokio::test]
async fn a_mistake_is_named_with_its_place_and_cannot_be_saved() {
    let mut screen = profile(&json!({})).await;
    screen.press("Edit").await;
    for (text, words) in [
        (
            "{\n  \"theme\": dark\n}",
            "Line 2, column 12: this is not JSON.",
        ),
        (
            "{\n  \"theme\":",
            "Line 2, column 10: something is missing.",
        ),
        (r#"{"a": 1, "a": 2}"#, "The name \"a\" stands there twice."),
        ("[1, 2]", "not an object"),
        ("\"text\"", "not an object"),
        ("null", "not an object"),
        ("", "Write an object"),
        ("<b>", "This is not JSON."),
    ] {
        screen.write(text).await;
        let field = screen.body().only("textarea");
        assert_eq!(field.attribute("aria-invalid"), Some("true"), "{text}");
        let fault = screen.body().with("id", "metadata-fault")[0];
        assert!(fault.text().contains(words), "{text:?}: {}", fault.text());
        assert_eq!(fault.attribute("role"), Some("status"));
        assert_eq!(screen.control("Save").attribute("disabled"), Some(""));
        screen.submit().await;
        assert_eq!(screen.asked(), [read()], "{text:?} is never sent");
    }
    screen.write("{}").await;
    assert_eq!(screen.body().with("id", "metadata-fault")[0].text(), "");
    assert_eq!(
        screen.body().only("textarea").attribute("aria-invalid"),
        Some("false")
    );
    assert_eq!(screen.control("Save").attribute("disabled"), None);
}

#[tokio::test]
async fn hostile_metadata_is_text() {
    let hostile = "<script>alert(1)</script></pre><img src=x onerror=alert(1)>";
    let screen = profile(&json!({ hostile: hostile })).await;
    assert!(shown(&screen).contains(hostile));
    let html = screen.html();
    assert!(
        !html.contains("<script") && !html.contains("<img src=x"),
        "{html}"
    );
}

#[tokio::test]
async fn another_user_sees_nothing_of_the_last_one() {
    let mut screen = profile(&json!({"secret": "of ada"})).await;
    screen.press("Edit").await;
    let later = screen.auth.answer_later();
    let grace = json!({"sub": "auth0|grace", "name": "Grace Hopper"});
    screen.set_state(signed_in(&grace)).await;
    assert!(!screen.html().contains("of ada"), "{}", screen.html());
    assert_eq!(
        screen.asked(),
        [read(), Asked::Call(get_user("auth0|grace"))]
    );
    later.give(Err(Error::Cancelled));
}

#[tokio::test]
async fn nothing_is_called_for_a_visitor() {
    for auth in [
        signed_out(Reason::Unfinished),
        signed_out(Reason::LoggedOut),
        MemoryAuth::new(AuthState::Loading),
        crate::failed(unreachable()),
    ] {
        let screen = Screen::show(Pages, "/profile", auth).await;
        assert_eq!(screen.asked(), []);
        assert_eq!(screen.body().only("h1").text(), "Your profile");
    }
}

#[tokio::test]
async fn leaving_the_page_while_saving_is_harmless() {
    let mut screen = profile(&json!({})).await;
    let later = screen.auth.answer_later();
    screen.press("Edit").await;
    screen.write(r#"{"a": 1}"#).await;
    screen.press("Save").await;
    screen.press("Home").await;
    later.give(Ok(answer(&json!({"a": 1}))));
    screen.settle().await;
    assert_eq!(screen.body().only("h1").text(), "Hello, Ada Lovelace");
}
