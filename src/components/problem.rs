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
/// this page. A popup that the browser did not open leaves both. A mistake in the configuration has no such step. What the provider said is shown as its words, as text.
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
    let (again, log_in) = ways_on(&error, on_retry);
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
            if again.is_some() || log_in.is_some() {
                p { class: "actions",
                    if let Some(again) = again {
                        button { r#type: "button", class: "button", onclick: move |_| again(()), "Try again" }
                    }
                    if let Some(log_in) = log_in {
                        LoginHere { class: "button", {log_in} }
                    }
                }
            }
        }
    }
}

/// What to offer: to do it again, and to log in under such a name.
fn ways_on(error: &Error, on_retry: Option<Callback>) -> (Option<Callback>, Option<&'static str>) {
    match error {
        Error::Config(_) | Error::Protocol(ProtocolError::Api(ApiError::NoBase)) => (None, None),
        Error::Platform(PortError::PopupBlocked) => (on_retry, Some("Log in on this page")),
        _ if needs_login(error) => (None, Some("Log in again")),
        _ if on_retry.is_some() => (on_retry, None),
        _ => (None, Some("Try again")),
    }
}

/// Whether only a login helps: an API that does not take the token any more says so by its status, and another factor is
/// given at the login page.
fn needs_login(error: &Error) -> bool {
    let is_up_to_login = |refusal: &Refusal| {
        refusal.code.as_str() == "mfa_required" || matches!(refusal.status, Some(401 | 403))
    };
    error.needs_login() || matches!(error, Error::Refused(refusal) if is_up_to_login(refusal))
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
        Error::Platform(PortError::PopupBlocked) => (
            "The login page could not open",
            "This browser let no second window open. Allow popups for this page, or log in on this page instead.",
        ),
        Error::Platform(PortError::NoBrowser) => (
            "The login page could not open",
            "This device has no browser to show it in. Install one or allow it, then try again.",
        ),
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
        NetworkError::Backoff { host, seconds } => {
            let text = [
                host,
                " could not answer lately, so it is left alone for ",
                &wait(*seconds),
                ". Try again then.",
            ];
            return Words {
                title: "Busy or broken",
                text: text.concat(),
            };
        }
        NetworkError::Unavailable { host, .. } => (
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

/// A wait as people say it, rounded up: whoever tries again too early waits anew.
fn wait(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..=90 => (seconds.max(1), " second"),
        _ => (seconds.div_ceil(60), " minute"),
    };
    let plural = if count == 1 { "" } else { "s" };
    [&count.to_string(), unit, plural].concat()
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
        ("login_required", _) => (
            "Your session has ended",
            "Log in again to go on where you were.",
        ),
        ("mfa_required", _) => (
            "It takes one more step",
            "Log in again, and show once more that it is you. Then go on where you were.",
        ),
        ("consent_required", _) => (
            "Your consent is needed",
            "Log in again to see what this app asks for, and to allow it.",
        ),
        ("interaction_required", _) => (
            "The login page has a question",
            "Log in again to answer it, then go on where you were.",
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
