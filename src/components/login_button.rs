//! The way in.

use dioxus::prelude::*;

use super::work_button::WorkButton;
use crate::auth::{Auth0, use_auth0};
use crate::error::Error;
use crate::options::LoginOptions;
use crate::port::Task;

/// Takes the user to the provider's login page.
///
/// While the page is being left the button is busy. When the login cannot begin, it can be pressed again.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
///
/// use dioxus::prelude::*;
/// use dioxus_auth0::auth::{AuthContextProvider, AuthState, Reason};
/// use dioxus_auth0::platform::memory::MemoryAuth;
/// use dioxus_auth0::{LoginButton, LoginOptions};
///
/// fn App() -> Element {
///     let auth = use_hook(|| Rc::new(MemoryAuth::new(AuthState::SignedOut(Reason::Fresh))));
///     rsx! {
///         AuthContextProvider { context: auth,
///             LoginButton {}
///             LoginButton { options: LoginOptions::returning_to("/cart"), "Log in to pay" }
///         }
///     }
/// }
/// # let mut dom = VirtualDom::new(App);
/// # dom.rebuild_in_place();
/// # let html = dioxus_ssr::render(&dom);
/// # assert!(html.contains("Log in</button>") && html.contains("Log in to pay</button>"));
/// ```
#[component]
pub fn LoginButton(
    /// What to ask of the login.
    #[props(default)]
    options: LoginOptions,
    /// The classes of the button.
    #[props(into, default = "button".to_owned())]
    class: String,
    /// What the button says; "Log in" by default.
    children: Option<Element>,
) -> Element {
    let auth = use_auth0();
    rsx! {
        WorkButton {
            class,
            work: move |()| auth.login_with_redirect(options.clone()),
            if let Some(children) = children { {children} } else { "Log in" }
        }
    }
}

/// Takes the user to the provider's sign-up page.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
///
/// use dioxus::prelude::*;
/// use dioxus_auth0::auth::{AuthContextProvider, AuthState, Reason};
/// use dioxus_auth0::components::SignUpButton;
/// use dioxus_auth0::platform::memory::MemoryAuth;
///
/// fn App() -> Element {
///     let auth = use_hook(|| Rc::new(MemoryAuth::new(AuthState::SignedOut(Reason::Fresh))));
///     rsx! {
///         AuthContextProvider { context: auth, SignUpButton {} }
///     }
/// }
/// # let mut dom = VirtualDom::new(App);
/// # dom.rebuild_in_place();
/// # assert!(dioxus_ssr::render(&dom).contains("Sign up</button>"));
/// ```
#[component]
pub fn SignUpButton(
    /// The classes of the button.
    #[props(into, default = "button".to_owned())]
    class: String,
    /// What the button says; "Sign up" by default.
    children: Option<Element>,
) -> Element {
    rsx! {
        LoginButton {
            options: LoginOptions::sign_up(),
            class,
            if let Some(children) = children { {children} } else { "Sign up" }
        }
    }
}

/// Takes the user to the login page and back to the page that is shown when it is pressed.
#[component]
pub(crate) fn LoginHere(#[props(into)] class: String, children: Element) -> Element {
    let auth = use_auth0();
    rsx! {
        WorkButton { class, work: move |()| login_here(auth), {children} }
    }
}

/// Logs in and comes back to the page that is shown now.
pub(crate) fn login_here(auth: Auth0) -> Task<'static, (), Error> {
    auth.login_with_redirect(LoginOptions::returning_to(history().current_route()))
}
