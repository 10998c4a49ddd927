//! What only a signed-in user sees.

use dioxus::prelude::*;

use crate::auth::use_auth0;

/// Renders its children while a user is signed in, and nothing otherwise.
///
/// It hides, it does not protect: what must stay secret belongs behind the API.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
///
/// use dioxus::prelude::*;
/// use dioxus_auth0::auth::AuthContextProvider;
/// use dioxus_auth0::platform::memory::MemoryAuth;
/// use dioxus_auth0::{SignedIn, SignedOut};
///
/// fn App() -> Element {
///     let auth = use_hook(|| Rc::new(MemoryAuth::signed_in("auth0|ada", "Ada Lovelace")));
///     rsx! {
///         AuthContextProvider { context: auth,
///             SignedIn { "Welcome back" }
///             SignedOut { "Who are you?" }
///         }
///     }
/// }
/// # let mut dom = VirtualDom::new(App);
/// # dom.rebuild_in_place();
/// # assert_eq!(dioxus_ssr::render(&dom), "Welcome back");
/// ```
#[component]
pub fn SignedIn(
    /// What to show.
    children: Element,
) -> Element {
    if use_auth0().is_authenticated() {
        children
    } else {
        VNode::empty()
    }
}
