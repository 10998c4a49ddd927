//! The guard: through, to the login and back, or told why not. Never round in circles.

use dioxus::history::History;
use dioxus::prelude::*;
use dioxus_auth0::error::Error;
use dioxus_auth0::options::LoginOptions;
use dioxus_auth0::platform::memory::{Asked, MemoryAuth};
use dioxus_auth0::transaction::TransactionError;
use dioxus_auth0::{AuthState, Reason, RequireAuth};

use crate::screen::Screen;
use crate::{ada, ada_is_signed_in, failed, refused, signed_out, unreachable};

#[component]
fn Members() -> Element {
    rsx! {
        RequireAuth { pending: rsx! { "one moment" }, "members only" }
    }
}

const HERE: &str = "/profile?tab=2";

fn login_and_back() -> Asked {
    Asked::Login(LoginOptions::returning_to(HERE))
}

#[tokio::test]
async fn a_signed_in_user_passes() {
    let screen = Screen::show(Members, HERE, ada()).await;
    assert_eq!(screen.text(), "members only");
    assert_eq!(screen.asked(), []);
}

#[tokio::test]
async fn while_loading_nobody_is_sent_anywhere() {
    let mut screen = Screen::show(Members, HERE, MemoryAuth::new(AuthState::Loading)).await;
    assert_eq!(screen.text(), "one moment");
    assert_eq!(screen.asked(), []);
    screen.set_state(ada_is_signed_in()).await;
    assert_eq!(screen.text(), "members only");
    assert_eq!(screen.asked(), []);
}

#[tokio::test]
async fn a_visitor_is_sent_to_log_in_once_and_back_to_this_page() {
    for reason in [Reason::Fresh, Reason::Expired] {
        let mut screen = Screen::show(Members, HERE, signed_out(reason)).await;
        assert_eq!(screen.asked(), [login_and_back()]);
        assert!(screen.text().starts_with("one moment"));
        assert!(!screen.text().contains("members only"));
        assert_eq!(screen.history.current_route(), HERE);

        screen.set_state(AuthState::SignedOut(reason)).await;
        assert_eq!(
            screen.asked().len(),
            1,
            "the same state again is no reason to go again"
        );
    }
}

#[tokio::test]
async fn a_login_that_fails_is_tried_exactly_once() {
    let auth = signed_out(Reason::Fresh);
    auth.fail_login(unreachable());
    let mut screen = Screen::show(Members, HERE, auth).await;
    assert_eq!(screen.asked(), [login_and_back()]);
    assert!(screen.text().contains("127.0.0.1:4400 does not answer"));
    screen.settle().await;
    screen.settle().await;
    assert_eq!(screen.asked().len(), 1);

    screen.auth.fail_login(unreachable());
    screen.press("Try again").await;
    assert_eq!(screen.asked(), [login_and_back(), login_and_back()]);
    assert!(screen.has_control("Try again"));
}

#[tokio::test]
async fn a_failure_is_shown_and_sends_nobody_anywhere() {
    for error in [
        unreachable(),
        Error::Expired,
        TransactionError::Unknown.into(),
        refused("access_denied", "no", None),
    ] {
        let screen = Screen::show(Members, HERE, failed(error)).await;
        assert_eq!(screen.body().with("role", "alert").len(), 1);
        assert!(!screen.text().contains("members only"));
        assert_eq!(screen.asked(), []);
    }
}

#[tokio::test]
async fn who_came_back_without_logging_in_or_logged_out_is_not_sent_again() {
    for reason in [Reason::Unfinished, Reason::LoggedOut] {
        let mut screen = Screen::show(Members, HERE, signed_out(reason)).await;
        assert!(screen.text().contains("Log in to see this page"));
        assert!(!screen.text().contains("members only"));
        assert_eq!(screen.asked(), []);

        screen.press("Log in").await;
        assert_eq!(screen.asked(), [login_and_back()]);
    }
}

#[tokio::test]
async fn a_session_that_ends_on_the_page_goes_to_the_login_again() {
    let mut screen = Screen::show(Members, HERE, signed_out(Reason::Fresh)).await;
    screen.set_state(ada_is_signed_in()).await;
    assert_eq!(screen.text(), "members only");
    screen
        .set_state(AuthState::SignedOut(Reason::Expired))
        .await;
    assert_eq!(screen.asked(), [login_and_back(), login_and_back()]);
}

#[tokio::test]
async fn logging_out_on_the_page_hides_it_and_sends_nobody_anywhere() {
    let mut screen = Screen::show(Members, HERE, ada()).await;
    screen
        .set_state(AuthState::SignedOut(Reason::LoggedOut))
        .await;
    assert!(screen.text().contains("Log in to see this page"));
    assert_eq!(screen.asked(), []);
}

#[tokio::test]
async fn who_stops_on_the_way_to_the_login_has_a_way_on() {
    let mut screen = Screen::show(Members, HERE, signed_out(Reason::Fresh)).await;
    screen.press("Continue to the login page").await;
    assert_eq!(screen.asked(), [login_and_back(), login_and_back()]);
}

#[tokio::test]
async fn who_moved_on_behind_the_guard_comes_back_to_where_they_are_now() {
    #[derive(Clone, PartialEq, Routable)]
    enum Route {
        #[layout(Frame)]
        #[route("/first")]
        First {},
        #[route("/second")]
        Second {},
    }
    #[component]
    fn Frame() -> Element {
        rsx! {
            RequireAuth { Outlet::<Route> {} }
        }
    }
    #[component]
    fn First() -> Element {
        rsx! {
            Link { to: Route::Second {}, "Go on" }
        }
    }
    #[component]
    fn Second() -> Element {
        VNode::empty()
    }
    #[component]
    fn Pages() -> Element {
        rsx! {
            Router::<Route> {}
        }
    }
    let second = Asked::Login(LoginOptions::returning_to("/second"));

    let mut screen = Screen::show(Pages, "/first", ada()).await;
    screen.press("Go on").await;
    screen
        .set_state(AuthState::SignedOut(Reason::Expired))
        .await;
    assert_eq!(screen.asked(), std::slice::from_ref(&second));

    screen
        .set_state(AuthState::SignedOut(Reason::LoggedOut))
        .await;
    screen.press("Log in").await;
    assert_eq!(screen.asked(), [second.clone(), second]);
}
