//! What only a visitor sees.

use dioxus::prelude::*;

use crate::auth::{AuthState, use_auth0};

/// Renders its children when nobody is signed in, after a failed login too, and nothing while that is not yet known.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
///
/// use dioxus::prelude::*;
/// use dioxus_auth0::auth::{AuthContextProvider, AuthState, Reason};
/// use dioxus_auth0::platform::memory::MemoryAuth;
/// use dioxus_auth0::SignedOut;
///
/// fn App() -> Element {
///     let auth = use_hook(|| Rc::new(MemoryAuth::new(AuthState::SignedOut(Reason::Fresh))));
///     rsx! {
///         AuthContextProvider { context: auth, SignedOut { "Who are you?" } }
///     }
/// }
/// # let mut dom = VirtualDom::new(App);
/// # dom.rebuild_in_place();
/// # assert_eq!(dioxus_ssr::render(&dom), "Who are you?");
/// ```
#[component]
pub fn SignedOut(
    /// What to show.
    children: Element,
) -> Element {
    match use_auth0().state() {
        AuthState::SignedOut(_) | AuthState::Failed(_) => children,
        AuthState::Loading | AuthState::SignedIn(_) => VNode::empty(),
    }
}
