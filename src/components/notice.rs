//! What goes on beside the page: a login that waits for its user, and trouble that did not end the session.

use dioxus::prelude::*;

use super::problem::{Words, words};
use crate::auth::{Aside, use_auth0};

/// Shows a login that waits in the browser outside the app, with the way out of it, and trouble until it is read.
///
/// Place it once, where it is seen on every page. While there is nothing to say it is not there.
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
    let (state, words, url) = match auth.aside() {
        Aside::Nothing => return VNode::empty(),
        Aside::Waiting { url } => ("waiting", waiting(), Some(String::from(url))),
        Aside::Code { .. } | Aside::Offline => return VNode::empty(),
        Aside::Trouble(error) => ("failed", words(&error), None),
    };
    rsx! {
        section { class: "card notice", role: "status", "data-state": state,
            h2 { {words.title} }
            p { {words.text} }
            if let Some(url) = url {
                p {
                    "No page opened? "
                    a { href: url.clone(), "Open it again" }
                    ", or copy its address:"
                }
                input { r#type: "text", readonly: true, aria_label: "Address of the login page", value: url }
            }
            button { r#type: "button", class: "button", onclick: move |_| auth.dismiss(),
                if state == "waiting" { "Cancel" } else { "Close" }
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
