//! The buttons, what only some people see, and the picture.

use std::cell::RefCell;

use dioxus::prelude::*;
use dioxus_auth0::components::{
    Avatar, LoginButton, LogoutButton, SignUpButton, SignedIn, SignedOut,
};
use dioxus_auth0::platform::memory::{Asked, MemoryAuth, signed_in};
use dioxus_auth0::{AuthState, LoginOptions, LogoutOptions, Reason, use_auth0};
use serde_json::json;

use crate::screen::Screen;
use crate::{ada, ada_is_signed_in, failed, signed_out, unreachable};

#[component]
fn Buttons() -> Element {
    rsx! {
        LoginButton { options: LoginOptions::returning_to("/cart"), class: "wide" }
        SignUpButton {}
        LogoutButton { options: LogoutOptions { federated: true, ..LogoutOptions::default() } }
    }
}

#[tokio::test]
async fn a_login_button_logs_in_as_its_options_say() {
    let mut screen = Screen::show(Buttons, "/", signed_out(Reason::Fresh)).await;
    assert_eq!(screen.control("Log in").attribute("class"), Some("wide"));
    assert_eq!(screen.control("Log in").attribute("type"), Some("button"));
    assert_eq!(screen.asked(), []);

    screen.press("Log in").await;
    assert_eq!(
        screen.asked(),
        [Asked::Login(LoginOptions::returning_to("/cart"))]
    );
}

#[tokio::test]
async fn a_sign_up_button_asks_for_the_sign_up_page() {
    let mut screen = Screen::show(Buttons, "/", signed_out(Reason::Fresh)).await;
    screen.press("Sign up").await;
    assert_eq!(screen.asked(), [Asked::Login(LoginOptions::sign_up())]);
}

#[tokio::test]
async fn a_logout_button_logs_out_as_its_options_say() {
    let mut screen = Screen::show(Buttons, "/", ada()).await;
    screen.press("Log out").await;
    let options = LogoutOptions {
        federated: true,
        ..LogoutOptions::default()
    };
    assert_eq!(screen.asked(), [Asked::Logout(options)]);
}

#[tokio::test]
async fn a_button_is_busy_while_the_page_is_left_and_presses_once() {
    let mut screen = Screen::show(Buttons, "/", signed_out(Reason::Fresh)).await;
    let login = screen.auth.login_later();
    assert_eq!(
        screen.control("Log in").attribute("aria-busy"),
        Some("false")
    );

    screen.press("Log in").await;
    assert_eq!(
        screen.control("Log in").attribute("aria-busy"),
        Some("true")
    );
    assert_eq!(
        screen.control("Log in").attribute("aria-disabled"),
        Some("true")
    );
    screen.press("Log in").await;
    assert_eq!(screen.asked().len(), 1);

    login.give(Err(unreachable()));
    screen.settle().await;
    assert_eq!(
        screen.control("Log in").attribute("aria-busy"),
        Some("false")
    );
    screen.press("Log in").await;
    assert_eq!(
        screen.asked().len(),
        2,
        "it can be pressed again after a failure"
    );
}

#[component]
fn Curtains() -> Element {
    rsx! {
        SignedIn { "inside" }
        SignedOut { "outside" }
    }
}

#[tokio::test]
async fn only_one_side_of_the_curtain_shows_and_none_while_loading() {
    let mut screen = Screen::show(Curtains, "/", MemoryAuth::new(AuthState::Loading)).await;
    assert_eq!(screen.text(), "");
    screen.set_state(AuthState::SignedOut(Reason::Fresh)).await;
    assert_eq!(screen.text(), "outside");
    screen.set_state(ada_is_signed_in()).await;
    assert_eq!(screen.text(), "inside");
    screen
        .set_state(AuthState::SignedOut(Reason::Expired))
        .await;
    assert_eq!(screen.text(), "outside");

    let screen = Screen::show(Curtains, "/", failed(unreachable())).await;
    assert_eq!(screen.text(), "outside");
}

#[component]
fn Me() -> Element {
    match use_auth0().user() {
        Some(user) => rsx! {
            Avatar { user }
        },
        None => VNode::empty(),
    }
}

#[tokio::test]
async fn a_picture_has_a_text_and_a_size_and_sends_no_referrer() {
    let screen = Screen::show(Me, "/", ada()).await;
    let picture = screen.body().only("img");
    assert_eq!(picture.attribute("alt"), Some("Picture of Ada Lovelace"));
    assert_eq!(
        picture.attribute("src"),
        Some("http://127.0.0.1:4400/pictures/ada.svg")
    );
    assert_eq!(picture.attribute("referrerpolicy"), Some("no-referrer"));
    assert_eq!(picture.attribute("width"), Some("96"));
    assert_eq!(picture.attribute("height"), Some("96"));
}

#[tokio::test]
async fn a_picture_that_fails_to_load_gives_way_to_initials() {
    let mut screen = Screen::show(Me, "/", ada()).await;
    screen.break_picture().await;
    let initials = screen.body().only("span");
    assert_eq!(initials.text(), "AL");
    assert_eq!(initials.attribute("role"), Some("img"));
    assert_eq!(
        initials.attribute("aria-label"),
        Some("Picture of Ada Lovelace")
    );

    let changed = json!({"sub": "a", "name": "Ada Lovelace", "picture": "/new.png"});
    screen.set_state(signed_in(&changed)).await;
    assert_eq!(screen.body().only("img").attribute("src"), Some("/new.png"));
}

#[tokio::test]
async fn without_a_picture_there_are_initials_of_whatever_name_there_is() {
    for (claims, initials) in [
        (
            json!({"sub": "auth0|1", "name": "Grace Brewster Hopper"}),
            "GH",
        ),
        (
            json!({"sub": "auth0|1", "name": " ", "nickname": "grace"}),
            "g",
        ),
        (json!({"sub": "auth0|1", "email": "zoe@example.com"}), "z"),
        (json!({"sub": "auth0|1", "picture": 7}), "a"),
    ] {
        let screen = Screen::show(Me, "/", MemoryAuth::new(signed_in(&claims))).await;
        assert_eq!(screen.text(), initials, "{claims}");
    }
}

#[test]
fn outside_a_provider_the_panic_says_what_to_do() {
    thread_local! {
        static MESSAGE: RefCell<String> = const { RefCell::new(String::new()) };
    }
    #[component]
    fn Lost() -> Element {
        // Dioxus catches it too, so it is caught here first.
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(use_auth0));
        if let Some(message) = panic
            .err()
            .and_then(|panic| panic.downcast::<String>().ok())
        {
            MESSAGE.set(*message);
        }
        VNode::empty()
    }
    VirtualDom::new(Lost).rebuild_in_place();
    let message = MESSAGE.take();
    assert!(
        message.contains("use_auth0() needs an Auth0Provider above"),
        "{message}"
    );
    assert!(
        message.contains("wrap your root component in Auth0Provider"),
        "{message}"
    );
}
