//! What goes on beside the page: a login that waits for its user, a network that is gone, and trouble that did not end
//! the session.

use dioxus::prelude::*;
use url::Url;

use super::problem::{Words, words};
use crate::auth::{Aside, use_auth0};

/// Shows a login that waits elsewhere, with the way there and the way out of it; that the user is shown from what was
/// known before; and trouble until it is read.
///
/// Elsewhere is the browser outside the app, or any device where the user types a code. Place it once, where it is seen on every page. While there is nothing to say it is not there.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
///
/// use dioxus::prelude::*;
/// use dioxus_auth0::auth::{Aside, AuthContextProvider};
/// use dioxus_auth0::components::Notice;
/// use dioxus_auth0::error::{Error, NetworkError};
/// use dioxus_auth0::platform::memory::MemoryAuth;
///
/// fn App() -> Element {
///     let auth = use_hook(|| {
///         let auth = MemoryAuth::signed_in("auth0|ada", "Ada Lovelace");
///         let offline = Error::Network(NetworkError::Unreachable { host: "login.example".into() });
///         auth.set_aside(Aside::Trouble(offline));
///         Rc::new(auth)
///     });
///     rsx! {
///         AuthContextProvider { context: auth, Notice {} }
///     }
/// }
///
/// let mut dom = VirtualDom::new(App);
/// dom.rebuild_in_place();
/// assert!(dioxus_ssr::render(&dom).contains("login.example does not answer"));
/// ```
#[component]
pub fn Notice() -> Element {
    let auth = use_auth0();
    let (state, words, way_there, way_out) = match auth.aside() {
        Aside::Nothing => return VNode::empty(),
        Aside::Waiting { url, is_in_front } => {
            let (words, way_there) = match is_in_front {
                true => (waiting_behind(), reopen_in_front(url.into())),
                false => (waiting(), reopen(url.into())),
            };
            ("waiting", words, way_there, Some("Cancel"))
        }
        Aside::Code {
            user_code,
            verification_uri,
            verification_uri_complete,
        } => {
            let way_there = type_in(user_code, verification_uri, verification_uri_complete);
            ("code", elsewhere(), way_there, Some("Cancel"))
        }
        Aside::Offline => ("offline", offline(), VNode::empty(), None),
        Aside::Trouble(error) => ("failed", words(&error), VNode::empty(), Some("Close")),
    };
    rsx! {
        section { class: "card notice", role: "status", "data-state": state,
            h2 { {words.title} }
            p { {words.text} }
            {way_there}
            if let Some(way_out) = way_out {
                button { r#type: "button", class: "button", onclick: move |_| auth.dismiss(), {way_out} }
            }
        }
    }
}

fn waiting() -> Words {
    Words {
        title: "Go on in your browser",
        text: "The login page is open there. This window goes on by itself when you are done."
            .to_owned(),
    }
}

fn reopen(url: String) -> Element {
    rsx! {
        p {
            "No page opened? "
            a { href: url.clone(), "Open it again" }
            ", or copy its address:"
        }
        input { r#type: "text", readonly: true, aria_label: "Address of the login page", value: url }
    }
}

fn waiting_behind() -> Words {
    Words {
        title: "Go on in your browser",
        text: "You come back to this app by itself when you are done.".to_owned(),
    }
}

/// Where the browser is in front of the app there is no other one to copy an address into.
fn reopen_in_front(url: String) -> Element {
    rsx! {
        p {
            "The login page is not there any more? "
            a { href: url, "Open it again" }
            "."
        }
    }
}

fn elsewhere() -> Words {
    Words {
        title: "Log in with a code",
        text: "Open this page on your phone or any other device, and type the code there. This page goes on by itself when you are done."
            .to_owned(),
    }
}

/// Shows where to go and what to type. The page opens beside the app, which must stay to hear of the login.
fn type_in(code: String, page: Url, page_with_code: Option<Url>) -> Element {
    rsx! {
        p {
            a { href: String::from(page.clone()), target: "_blank", rel: "noopener noreferrer", {address(&page)} }
        }
        p { class: "code",
            span { role: "img", aria_label: "Your code:{spelled(&code)}", "{code}" }
        }
        if let Some(page) = page_with_code {
            p {
                "On this device you can "
                a { href: String::from(page), target: "_blank", rel: "noopener noreferrer", "open the page with the code in it" }
                ". Make sure that it shows the same code."
            }
        }
    }
}

/// The address as a person types it.
fn address(page: &Url) -> String {
    let address = page.as_str();
    let address = address.strip_prefix("https://").unwrap_or(address);
    address.strip_suffix('/').unwrap_or(address).to_owned()
}

/// The code letter by letter with its groups apart, so that a screen reader does not make words of it.
fn spelled(code: &str) -> String {
    let mut spelled = String::new();
    for letter in code.chars() {
        if letter.is_ascii_alphanumeric() {
            spelled.push(' ');
            spelled.push(letter);
        } else if !spelled.is_empty() && !spelled.ends_with(',') {
            spelled.push(',');
        }
    }
    spelled
}

fn offline() -> Words {
    Words {
        title: "You are offline",
        text: "What you see is what was known before.".to_owned(),
    }
}
