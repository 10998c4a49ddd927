//! What went wrong, in words for the person in front of the page.

use dioxus::prelude::*;

use super::fix::fix;
use super::login_button::LoginHere;
use crate::api::ApiError;
use crate::config::ConfigError;
use crate::error::{Error, NetworkError, ProtocolError, Refusal};
use crate::oidc::IdTokenError;
use crate::port::PortError;
use crate::transaction::TransactionError;

/// Says what happened and offers the next step.
///
/// With `on_retry` the step is to do it again; without, or when only a login helps, it is to log in and come back to
/// this page. A mistake in the configuration has no such step. What the provider said is shown as its words, as text.
///
/// # Examples
///
/// ```
/// use dioxus::prelude::*;
/// use dioxus_auth0::components::Problem;
/// use dioxus_auth0::error::{Error, NetworkError};
///
/// fn App() -> Element {
///     let error = Error::Network(NetworkError::Unreachable { host: "api.example".into() });
///     rsx! {
///         Problem { error, on_retry: |()| {} }
///     }
/// }
/// # let mut dom = VirtualDom::new(App);
/// # dom.rebuild_in_place();
/// # let html = dioxus_ssr::render(&dom);
/// # assert!(html.contains("api.example does not answer") && html.contains("Try again"), "{html}");
/// ```
#[component]
pub fn Problem(
    /// What went wrong.
    error: Error,
    /// Does it again.
    #[props(default)]
    on_retry: Option<Callback>,
) -> Element {
    let Words { title, text } = words(&error);
    let said = match &error {
        Error::Refused(refusal) => refusal.description.as_deref(),
        _ => None,
    };
    let step = step(&error, on_retry.is_some());
    rsx! {
        section {
            class: "card problem",
            role: "alert",
            "data-state": if error.is_network() { "offline" } else { "failed" },
            "data-code": error.code(),
            h2 { {title} }
            p { {text} }
            if let Some(said) = said {
                p { "The answer was: " q { {said} } }
            }
            match (step, on_retry) {
                (Step::Nothing, _) => VNode::empty(),
                (Step::Again, Some(on_retry)) => rsx! {
                    button { r#type: "button", class: "button", onclick: move |_| on_retry(()), "Try again" }
                },
                (Step::Again | Step::LogIn, _) => rsx! {
                    LoginHere { class: "button",
                        if needs_login(&error) { "Log in again" } else { "Try again" }
                    }
                },
            }
        }
    }
}

enum Step {
    Nothing,
    Again,
    LogIn,
}

fn step(error: &Error, can_retry: bool) -> Step {
    match error {
        Error::Config(_) | Error::Protocol(ProtocolError::Api(ApiError::NoBase)) => Step::Nothing,
        _ if can_retry && !needs_login(error) => Step::Again,
        _ => Step::LogIn,
    }
}

/// Whether only a login helps: an API that does not take the token any more says so by its status.
fn needs_login(error: &Error) -> bool {
    let is_unauthorized =
        matches!(error, Error::Refused(refusal) if matches!(refusal.status, Some(401 | 403)));
    error.needs_login() || is_unauthorized
}

/// A title and a sentence or two.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) text: String,
}

const TOO_LONG: (&str, &str) = (
    "The login took too long",
    "It was not finished in time, so it does not count any more. Start it again.",
);

pub(super) fn words(error: &Error) -> Words {
    let (title, text): (_, &str) = match error {
        Error::Cancelled => (
            "You did not log in",
            "The login was cancelled. Nothing has changed.",
        ),
        Error::Expired => (
            "Your session has ended",
            "Log in again to go on where you were.",
        ),
        Error::Config(error) => {
            let file = match error {
                ConfigError::Place { .. } => "",
                _ => "auth_config.json: ",
            };
            let text = [file, &error.to_string(), ". ", fix(error)];
            return Words {
                title: "This app is not set up correctly",
                text: text.concat(),
            };
        }
        Error::Network(error) => return network(error),
        Error::Platform(PortError::PortsTaken { redirect_uris }) => {
            let text = [
                "Other programs use every address that the login could come back to: ",
                redirect_uris,
                ". Close one of them, then try again.",
            ];
            return Words {
                title: "The login has no way back",
                text: text.concat(),
            };
        }
        Error::Platform(error) => {
            let text = [
                &error.to_string(),
                ". Make sure that this app may keep data here, which private browsing forbids, then try again.",
            ];
            return Words {
                title: "This device withheld something",
                text: text.concat(),
            };
        }
        Error::Protocol(error) => protocol(error),
        Error::Refused(refusal) => refused(refusal),
        Error::TimedOut { .. } => TOO_LONG,
    };
    Words {
        title,
        text: text.to_owned(),
    }
}

fn network(error: &NetworkError) -> Words {
    let (title, host, text) = match error {
        NetworkError::Unreachable { host } => (
            "No connection",
            host,
            " does not answer. Check your connection, then try again.",
        ),
        NetworkError::Timeout { host, .. } => (
            "No answer in time",
            host,
            " took too long to answer. Check your connection, or wait a little, then try again.",
        ),
        NetworkError::Unavailable { host, .. } | NetworkError::Backoff { host, .. } => (
            "Busy or broken",
            host,
            " cannot answer at the moment. Wait a little, then try again.",
        ),
        NetworkError::Intercepted { host } => (
            "Somebody else answered",
            host,
            " did not answer itself. Perhaps this network wants you to sign in first.",
        ),
    };
    Words {
        title,
        text: [host, text].concat(),
    }
}

fn protocol(error: &ProtocolError) -> (&'static str, &'static str) {
    match error {
        ProtocolError::Transaction(TransactionError::Expired) => TOO_LONG,
        ProtocolError::Callback(_) | ProtocolError::Transaction(_) => (
            "This login link cannot be used",
            "It was used before, or it belongs to no login that was started in this tab. Nothing in it was believed.",
        ),
        ProtocolError::IdToken(IdTokenError::Expired { .. } | IdTokenError::NotYetValid { .. }) => {
            (
                "The clocks do not agree",
                "The time on this device differs too much from the login server's. Check the clock of this device, then try again.",
            )
        }
        ProtocolError::Stored(_) => (
            "Your session cannot be read",
            "What was kept of your last login is of no use any more. Log in again.",
        ),
        ProtocolError::Api(ApiError::NoBase) => (
            "There is no API to call",
            "The audience in the configuration is missing or is not the URL of an API.",
        ),
        ProtocolError::Api(_) => (
            "The answer cannot be shown",
            "The API answered with something this app does not understand.",
        ),
        _ => (
            "The login could not be verified",
            "The login server's answer failed a security check, so nobody was logged in.",
        ),
    }
}

fn refused(refusal: &Refusal) -> (&'static str, &'static str) {
    match (refusal.code.as_str(), refusal.status) {
        ("access_denied", _) => (
            "You are not logged in",
            "You did not give your consent, or your account may not use this app.",
        ),
        ("unauthorized" | "user_blocked", None) => (
            "You are not logged in",
            "Your account may not use this app. Ask whoever runs it.",
        ),
        ("invalid_grant", _) => (
            "The login could not be completed",
            "The login server does not accept this answer any more. Start the login again.",
        ),
        ("login_required" | "interaction_required" | "consent_required", _) => (
            "Your session has ended",
            "Log in again to go on where you were.",
        ),
        (_, Some(401)) => (
            "Your login is no longer accepted",
            "Log in again to go on where you were.",
        ),
        (_, Some(403)) => (
            "This is not allowed",
            "Your login does not include the permission that is needed here.",
        ),
        (_, Some(404)) => ("Nothing was found", "The API knows nothing by that name."),
        (_, Some(_)) => ("The request was refused", "Nothing has changed."),
        (_, None) => (
            "The login was refused",
            "The login server said no. Try again, or ask whoever runs this app.",
        ),
    }
}
