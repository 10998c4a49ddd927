//! What a person reads when something went wrong.

use std::cell::RefCell;

use dioxus::prelude::*;
use dioxus_auth0::api::ApiError;
use dioxus_auth0::components::Problem;
use dioxus_auth0::config::ConfigError;
use dioxus_auth0::error::{Error, NetworkError};
use dioxus_auth0::oidc::{CallbackError, IdTokenError};
use dioxus_auth0::platform::memory::Asked;
use dioxus_auth0::port::PortError;
use dioxus_auth0::time::UnixTime;
use dioxus_auth0::transaction::TransactionError;
use dioxus_auth0::{LoginOptions, Reason};

use crate::screen::Screen;
use crate::{refused, signed_out, unreachable};

thread_local! {
    static ERROR: RefCell<Option<Error>> = const { RefCell::new(None) };
    static RETRIES: RefCell<u32> = const { RefCell::new(0) };
}

#[component]
fn Alone() -> Element {
    let error = ERROR.with_borrow(Clone::clone).expect("an error to show");
    rsx! {
        Problem { error }
    }
}

#[component]
fn Retriable() -> Element {
    let error = ERROR.with_borrow(Clone::clone).expect("an error to show");
    rsx! {
        Problem { error, on_retry: |()| RETRIES.with_borrow_mut(|retries| *retries += 1) }
    }
}

async fn show(view: fn() -> Element, error: Error) -> Screen {
    ERROR.set(Some(error));
    RETRIES.set(0);
    Screen::show(view, "/orders?page=2", signed_out(Reason::Fresh)).await
}

fn host() -> String {
    "api.example".into()
}

#[tokio::test]
async fn every_kind_of_error_has_words_of_its_own_and_a_next_step() {
    let at = UnixTime::from_seconds(1_700_000_000);
    let cases: Vec<(Error, &str, Option<&str>)> = vec![
        (Error::Cancelled, "You did not log in", Some("Try again")),
        (
            Error::Expired,
            "Your session has ended",
            Some("Log in again"),
        ),
        (
            unreachable(),
            "127.0.0.1:4400 does not answer",
            Some("Try again"),
        ),
        (
            Error::Network(NetworkError::Timeout {
                host: host(),
                seconds: 15,
            }),
            "api.example took too long to answer",
            Some("Try again"),
        ),
        (
            Error::Network(NetworkError::Unavailable {
                host: host(),
                status: 503,
            }),
            "api.example cannot answer at the moment",
            Some("Try again"),
        ),
        (
            Error::Network(NetworkError::Backoff {
                host: host(),
                seconds: 30,
            }),
            "api.example could not answer lately, so it is left alone for 30 seconds. Try again then.",
            Some("Try again"),
        ),
        (
            Error::Network(NetworkError::Backoff {
                host: host(),
                seconds: 0,
            }),
            "left alone for 1 second. Try",
            Some("Try again"),
        ),
        (
            Error::Network(NetworkError::Backoff {
                host: host(),
                seconds: 121,
            }),
            "left alone for 3 minutes. Try",
            Some("Try again"),
        ),
        (
            Error::Platform(PortError::PopupBlocked),
            "Allow popups for this page, or log in on this page instead.",
            Some("Log in on this page"),
        ),
        (
            refused("login_required", "Login required", None),
            "Your session has ended",
            Some("Log in again"),
        ),
        (
            refused(
                "mfa_required",
                "Multifactor authentication required",
                Some(403),
            ),
            "show once more that it is you",
            Some("Log in again"),
        ),
        (
            refused("mfa_required", "Multifactor authentication required", None),
            "It takes one more step",
            Some("Log in again"),
        ),
        (
            refused("consent_required", "Consent required", None),
            "Your consent is needed",
            Some("Log in again"),
        ),
        (
            refused("interaction_required", "Interaction required", None),
            "The login page has a question",
            Some("Log in again"),
        ),
        (
            Error::Network(NetworkError::Intercepted { host: host() }),
            "Perhaps this network wants you to sign in first",
            Some("Try again"),
        ),
        (
            Error::Config(ConfigError::Empty { key: "clientId" }),
            "auth_config.json: clientId is empty or missing. Fill it with the client id",
            None,
        ),
        (
            Error::Platform(PortError::Unavailable {
                what: "session storage",
                why: "SecurityError".into(),
            }),
            "session storage is not available here: SecurityError. Make sure that this app may keep data",
            Some("Try again"),
        ),
        (
            TransactionError::Expired.into(),
            "It was not finished in time",
            Some("Try again"),
        ),
        (
            TransactionError::Unknown.into(),
            "This login link cannot be used",
            Some("Try again"),
        ),
        (
            CallbackError::Missing { name: "code" }.into(),
            "This login link cannot be used",
            Some("Try again"),
        ),
        (
            IdTokenError::Expired {
                expired: at,
                now: at,
            }
            .into(),
            "Check the clock of this device",
            Some("Try again"),
        ),
        (
            IdTokenError::NotYetValid {
                claim: "iat",
                from: at,
                now: at,
            }
            .into(),
            "Check the clock of this device",
            Some("Try again"),
        ),
        (
            IdTokenError::Signature.into(),
            "failed a security check, so nobody was logged in",
            Some("Try again"),
        ),
        (ApiError::NoBase.into(), "There is no API to call", None),
        (
            ApiError::Malformed {
                problem: "it is a pear".into(),
            }
            .into(),
            "something this app does not understand",
            Some("Try again"),
        ),
        (
            refused("access_denied", "User did not authorize the request", None),
            "You did not give your consent, or your account may not use this app. The answer was: User did not authorize the request",
            Some("Try again"),
        ),
        (
            refused("unauthorized", "user is blocked", None),
            "Your account may not use this app. Ask whoever runs it. The answer was: user is blocked",
            Some("Try again"),
        ),
        (
            refused("invalid_grant", "Invalid authorization code", Some(403)),
            "The login could not be completed",
            Some("Log in again"),
        ),
        (
            refused("invalid_token", "Expired token", Some(401)),
            "Your login is no longer accepted",
            Some("Log in again"),
        ),
        (
            refused(
                "insufficient_scope",
                "read:current_user is missing",
                Some(403),
            ),
            "Your login does not include the permission",
            Some("Log in again"),
        ),
        (
            refused("inexistent_user", "The user does not exist.", Some(404)),
            "Nothing was found",
            Some("Try again"),
        ),
        (
            refused("invalid_body", "Payload validation error", Some(400)),
            "The request was refused",
            Some("Try again"),
        ),
        (
            refused("server_error", "oops", None),
            "The login server said no",
            Some("Try again"),
        ),
    ];
    for (error, words, step) in cases {
        let code = error.code().to_owned();
        let screen = show(Alone, error).await;
        let panel = screen.body().only("section");
        assert_eq!(panel.attribute("role"), Some("alert"));
        assert_eq!(panel.attribute("data-code"), Some(code.as_str()));
        assert!(
            screen.text().contains(words),
            "{words:?} in: {}",
            screen.text()
        );
        let buttons = panel.all("button");
        let said: Vec<String> = buttons.iter().map(|button| button.text()).collect();
        assert_eq!(said, Vec::from_iter(step), "{words}");
        assert_eq!(screen.asked(), [], "nothing happens by itself");
    }
}

#[tokio::test]
async fn offline_looks_different_from_refused() {
    let screen = show(Alone, unreachable()).await;
    assert_eq!(screen.body().with("data-state", "offline").len(), 1);
    let screen = show(Alone, Error::Expired).await;
    assert_eq!(screen.body().with("data-state", "failed").len(), 1);
}

#[tokio::test]
async fn trying_again_does_what_it_was_given() {
    let mut screen = show(Retriable, unreachable()).await;
    screen.press("Try again").await;
    assert_eq!(RETRIES.take(), 1);
    assert_eq!(screen.asked(), []);
}

#[tokio::test]
async fn without_a_popup_there_is_the_popup_again_and_the_page() {
    let blocked = Error::Platform(PortError::PopupBlocked);
    let mut screen = show(Retriable, blocked).await;
    screen.press("Try again").await;
    assert_eq!(RETRIES.take(), 1);
    assert_eq!(screen.asked(), []);
    screen.press("Log in on this page").await;
    let options = LoginOptions::returning_to("/orders?page=2");
    assert_eq!(screen.asked(), [Asked::Login(options)]);
}

#[tokio::test]
async fn when_only_a_login_helps_it_logs_in_and_comes_back_here() {
    for error in [
        Error::Expired,
        refused("invalid_token", "Expired token", Some(401)),
        refused("mfa_required", "Multifactor authentication required", None),
        refused("login_required", "Login required", None),
        refused("consent_required", "Consent required", None),
        refused("interaction_required", "Interaction required", None),
    ] {
        let mut screen = show(Retriable, error).await;
        screen.press("Log in again").await;
        assert_eq!(RETRIES.take(), 0);
        let options = LoginOptions::returning_to("/orders?page=2");
        assert_eq!(screen.asked(), [Asked::Login(options)]);
    }
}

#[tokio::test]
async fn the_words_of_a_provider_are_text_and_never_markup() {
    let hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>";
    let screen = show(Alone, refused("access_denied", hostile, None)).await;
    assert_eq!(screen.body().only("q").text(), hostile);
    let html = screen.html();
    assert!(
        !html.contains("<script") && !html.contains("<img"),
        "{html}"
    );
}
