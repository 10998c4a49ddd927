//! The way out.

use dioxus::prelude::*;

use super::work_button::WorkButton;
use crate::auth::use_auth0;
use crate::options::LogoutOptions;

/// Forgets the session on this machine, then ends it at the provider.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
///
/// use dioxus::prelude::*;
/// use dioxus_auth0::auth::AuthContextProvider;
/// use dioxus_auth0::platform::memory::MemoryAuth;
/// use dioxus_auth0::{LogoutButton, LogoutOptions};
///
/// fn App() -> Element {
///     let auth = use_hook(|| Rc::new(MemoryAuth::signed_in("auth0|ada", "Ada Lovelace")));
///     rsx! {
///         AuthContextProvider { context: auth,
///             LogoutButton { options: LogoutOptions { federated: true, ..LogoutOptions::default() } }
///         }
///     }
/// }
/// # let mut dom = VirtualDom::new(App);
/// # dom.rebuild_in_place();
/// # assert!(dioxus_ssr::render(&dom).contains("Log out</button>"));
/// ```
#[component]
pub fn LogoutButton(
    /// How to log out.
    #[props(default)]
    options: LogoutOptions,
    /// The classes of the button.
    #[props(into, default = "button".to_owned())]
    class: String,
    /// What the button says; "Log out" by default.
    children: Option<Element>,
) -> Element {
    let auth = use_auth0();
    rsx! {
        WorkButton {
            class,
            work: move |()| auth.logout(options.clone()),
            if let Some(children) = children { {children} } else { "Log out" }
        }
    }
}
