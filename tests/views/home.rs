//! The front page and the frame around every page.

use dioxus::prelude::*;
use dioxus_auth0::error::{Error, NetworkError};
use dioxus_auth0::options::LoginOptions;
use dioxus_auth0::platform::memory::{Asked, MemoryAuth, signed_in};
use dioxus_auth0::route::Route;
use dioxus_auth0::{AuthState, LogoutOptions, Reason};
use serde_json::json;

use crate::screen::Screen;
use crate::{ada, failed, signed_out, unreachable};

#[component]
fn Pages() -> Element {
    rsx! {
        Router::<Route> {}
    }
}

#[tokio::test]
async fn a_visitor_is_told_what_this_is_and_how_to_get_in() {
    let mut screen = Screen::show(Pages, "/", signed_out(Reason::Fresh)).await;
    assert_eq!(screen.body().only("h1").text(), "Login for Dioxus apps");
    assert!(screen.has_control("Log in") && screen.has_control("Sign up"));
    assert!(!screen.has_control("Log out") && !screen.has_control("See your profile"));

    screen.press("Sign up").await;
    assert_eq!(screen.asked(), [Asked::Login(LoginOptions::sign_up())]);
}

#[tokio::test]
async fn every_reason_to_be_signed_out_is_told() {
    for (reason, words) in [
        (Reason::LoggedOut, "You are logged out."),
        (Reason::Expired, "Your session has ended."),
        (Reason::Unfinished, "You came back without logging in."),
    ] {
        let screen = Screen::show(Pages, "/", signed_out(reason)).await;
        let told = screen.body().with("data-state", "signed-out")[0].text();
        assert!(told.contains(words), "{told}");
        assert_eq!(screen.asked(), [], "the front page sends nobody anywhere");
    }
}

#[tokio::test]
async fn while_loading_nothing_can_be_pressed_too_early() {
    let screen = Screen::show(Pages, "/", MemoryAuth::new(AuthState::Loading)).await;
    assert_eq!(screen.body().with("data-state", "loading").len(), 1);
    assert!(!screen.has_control("Log in") && !screen.has_control("Log out"));
}

#[tokio::test]
async fn a_user_is_greeted_and_can_see_their_profile_and_log_out() {
    let mut screen = Screen::show(Pages, "/", ada()).await;
    assert_eq!(screen.body().only("h1").text(), "Hello, Ada Lovelace");
    assert_eq!(
        screen.control("See your profile").attribute("href"),
        Some("/profile")
    );
    assert!(!screen.has_control("Log in") && !screen.has_control("Sign up"));

    screen.press("Log out").await;
    assert_eq!(screen.asked(), [Asked::Logout(LogoutOptions::default())]);
    assert!(screen.text().contains("You are logged out."));
}

#[tokio::test]
async fn a_failed_login_is_shown_and_can_be_tried_again() {
    let mut screen = Screen::show(Pages, "/", failed(unreachable())).await;
    assert_eq!(screen.body().with("role", "alert").len(), 1);
    assert_eq!(screen.asked(), []);

    screen.auth.fail_login(unreachable());
    screen.press("Try again").await;
    assert_eq!(
        screen.asked(),
        [Asked::Login(LoginOptions::returning_to("/"))]
    );
    assert_eq!(screen.body().with("role", "alert").len(), 1);
}

#[tokio::test]
async fn a_tenant_of_this_machine_that_is_not_running_comes_with_the_command_that_starts_it() {
    let screen = Screen::show(Pages, "/", failed(unreachable())).await;
    assert!(
        screen.text().contains("cargo xtask demo starts it"),
        "{}",
        screen.text()
    );

    let host = "tenant.example".into();
    let elsewhere = Error::Network(NetworkError::Unreachable { host });
    let screen = Screen::show(Pages, "/", failed(elsewhere)).await;
    assert!(
        !screen.text().contains("cargo xtask demo"),
        "{}",
        screen.text()
    );
}

#[tokio::test]
async fn a_hostile_name_is_text() {
    let hostile = "<script>alert(1)</script>";
    let user = signed_in(&json!({"sub": "auth0|1", "name": hostile, "picture": "\"><script>"}));
    let screen = Screen::show(Pages, "/", MemoryAuth::new(user)).await;
    assert_eq!(screen.body().only("h1").text(), format!("Hello, {hostile}"));
    assert!(!screen.html().contains("<script"), "{}", screen.html());
}

#[tokio::test]
async fn the_frame_has_landmarks_and_a_way_past_the_header() {
    let screen = Screen::show(Pages, "/", signed_out(Reason::Fresh)).await;
    let body = screen.body();
    for landmark in ["header", "nav", "main", "footer"] {
        body.only(landmark);
    }
    let target = body.only("main").attribute("id").map(|id| format!("#{id}"));
    assert_eq!(body.all("a")[0].attribute("href"), target.as_deref());
}

#[tokio::test]
async fn the_current_page_is_marked_in_the_navigation() {
    let mut screen = Screen::show(Pages, "/", ada()).await;
    assert_eq!(
        screen.control("Home").attribute("aria-current"),
        Some("page")
    );
    assert_eq!(screen.control("Profile").attribute("aria-current"), None);

    screen.auth.answer_later();
    screen.press("Profile").await;
    assert_eq!(screen.control("Home").attribute("aria-current"), None);
    assert_eq!(
        screen.control("Profile").attribute("aria-current"),
        Some("page")
    );
}

#[tokio::test]
async fn the_header_logs_in_and_comes_back_to_the_page_it_was_pressed_on() {
    let mut screen = Screen::show(Pages, "/nowhere/at/all", signed_out(Reason::Fresh)).await;
    screen.press("Log in").await;
    let options = LoginOptions::returning_to("/nowhere/at/all");
    assert_eq!(screen.asked(), [Asked::Login(options)]);
}

#[tokio::test]
async fn an_unknown_address_says_so_and_leads_back() {
    let path = "/orders/%3Cscript%3E";
    let mut screen = Screen::show(Pages, path, signed_out(Reason::Fresh)).await;
    assert_eq!(screen.body().only("h1").text(), "There is no such page");
    assert!(
        screen.text().contains("Nothing lives at /orders/<script>."),
        "{}",
        screen.text()
    );
    assert!(!screen.html().contains("<script"));

    screen.press("Go to the front page").await;
    assert_eq!(screen.body().only("h1").text(), "Login for Dioxus apps");
    assert_eq!(screen.asked(), []);
}
