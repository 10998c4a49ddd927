//! The front page.

use dioxus::prelude::*;

use super::heading::Heading;
use super::loading::loading;
use crate::auth::{AuthState, Reason, use_auth0};
use crate::components::{LoginButton, LogoutButton, Problem, SignUpButton, display_name};
use crate::error::{Error, NetworkError};
use crate::route::Route;

/// Says what this is, and lets the visitor in and out.
#[component]
pub fn Home() -> Element {
    let auth = use_auth0();
    rsx! {
        section { class: "hero",
            match auth.state() {
                AuthState::Loading => rsx! {
                    {welcome()}
                    {loading("Looking for your session…")}
                },
                AuthState::SignedOut(reason) => rsx! {
                    {welcome()}
                    p { role: "status", "data-state": "signed-out", {note(reason)} }
                    p { class: "actions",
                        LoginButton { class: "button primary" }
                        SignUpButton {}
                    }
                },
                AuthState::SignedIn(identity) => rsx! {
                    Heading { title: "Home", "Hello, {display_name(identity.user())}" }
                    p { class: "lead", "data-state": "signed-in",
                        "You are logged in. Your profile comes from a protected API, fetched with an access token."
                    }
                    p { class: "actions",
                        Link { class: "button primary", to: Route::Profile {}, "See your profile" }
                        LogoutButton {}
                    }
                },
                AuthState::Failed(error) => rsx! {
                    {welcome()}
                    Problem { error: error.clone() }
                    if is_local(&error) {
                        p { class: "hint",
                            "The demo's tenant runs on this machine: "
                            code { "cargo xtask demo" }
                            " starts it."
                        }
                    }
                },
            }
        }
        ul { class: "facts",
            li {
                h2 { "Authorization code with PKCE" }
                p { "The login happens at your provider. This app never sees a password." }
            }
            li {
                h2 { "Every answer checked" }
                p { "Signature, issuer, audience, nonce and time, before anybody counts as logged in." }
            }
            li {
                h2 { "Auth0 or any OpenID provider" }
                p { "One configuration file names the provider, the client and the API." }
            }
        }
    }
}

fn welcome() -> Element {
    rsx! {
        Heading { title: "Home", "Login for Dioxus apps" }
        p { class: "lead",
            "Log in, call a protected API and see your profile: the whole round trip, in Rust."
        }
    }
}

/// Whether it is a server of this very machine that does not answer.
fn is_local(error: &Error) -> bool {
    let Error::Network(NetworkError::Unreachable { host }) = error else {
        return false;
    };
    ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .any(|loopback| host.starts_with(loopback))
}

fn note(reason: Reason) -> &'static str {
    match reason {
        Reason::Fresh => "",
        Reason::LoggedOut => "You are logged out.",
        Reason::Expired => "Your session has ended. Log in again to go on.",
        Reason::Unfinished => "You came back without logging in.",
    }
}
