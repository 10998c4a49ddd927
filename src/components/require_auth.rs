//! The guard in front of pages that need a user.

use std::cell::Cell;
use std::rc::Rc;

use dioxus::prelude::*;

use super::login_button::{LoginHere, login_here};
use super::problem::Problem;
use crate::auth::{AuthState, Reason, use_auth0};

/// Renders its children for a signed-in user, and sends everybody else to log in and back to the page they asked for.
///
/// It sends them once. When the login fails, or the user comes back from it by Back, it stops, says so and leaves the
/// next step to them. Put it around a page, or around the outlet of a layout.
///
/// # Examples
///
/// ```
/// use dioxus::prelude::*;
/// use dioxus_auth0::RequireAuth;
///
/// #[derive(Clone, PartialEq, Routable)]
/// enum Route {
///     #[route("/")]
///     Home {},
///     #[layout(Members)]
///     #[route("/orders")]
///     Orders {},
/// }
///
/// #[component]
/// fn Members() -> Element {
///     rsx! {
///         RequireAuth { Outlet::<Route> {} }
///     }
/// }
/// # #[component]
/// # fn Home() -> Element { rsx! { "home" } }
/// # #[component]
/// # fn Orders() -> Element { rsx! { "orders" } }
/// # fn App() -> Element {
/// #     use std::rc::Rc;
/// #     use dioxus::history::{History, MemoryHistory};
/// #     use dioxus::router::components::HistoryProvider;
/// #     use dioxus_auth0::{auth::AuthContextProvider, platform::memory::MemoryAuth};
/// #     let auth = use_hook(|| Rc::new(MemoryAuth::signed_in("auth0|ada", "Ada Lovelace")));
/// #     let history = |_| Rc::new(MemoryHistory::with_initial_path("/orders")) as Rc<dyn History>;
/// #     rsx! {
/// #         AuthContextProvider { context: auth, HistoryProvider { history, Router::<Route> {} } }
/// #     }
/// # }
/// # let mut dom = VirtualDom::new(App);
/// # dom.rebuild_in_place();
/// # assert_eq!(dioxus_ssr::render(&dom), "orders");
/// ```
#[component]
#[doc(alias = "withAuthenticationRequired")]
pub fn RequireAuth(
    /// What to show while it is not yet known who the user is, and while the page is being left.
    #[props(default = rsx! { p { class: "pending", role: "status", "data-state": "loading", "One moment…" } })]
    pending: Element,
    /// The page.
    children: Element,
) -> Element {
    let auth = use_auth0();
    let is_sent = use_hook(|| Rc::new(Cell::new(false)));
    let mut is_still_here = use_signal(|| false);
    use_effect(move || match auth.state() {
        AuthState::SignedOut(Reason::Fresh | Reason::Expired) if !is_sent.replace(true) => {
            let login = login_here(auth);
            spawn(async move { is_still_here.set(login.await.is_ok()) });
        }
        AuthState::SignedIn(_) => is_sent.set(false),
        _ => {}
    });
    match auth.state() {
        AuthState::SignedIn(_) => children,
        AuthState::Loading => pending,
        AuthState::SignedOut(Reason::Fresh | Reason::Expired) => rsx! {
            {pending}
            // Who stops the browser on its way out must find a way on; the stylesheet shows it after a while.
            if is_still_here() {
                p { class: "late",
                    LoginHere { class: "link", "Continue to the login page" }
                }
            }
        },
        AuthState::SignedOut(Reason::LoggedOut | Reason::Unfinished) => rsx! {
            section { class: "card", "data-state": "signed-out",
                h2 { "Log in to see this page" }
                p { "This page is for people who are logged in. You will come straight back to it." }
                LoginHere { class: "button primary", "Log in" }
            }
        },
        AuthState::Failed(error) => rsx! {
            Problem { error }
        },
    }
}
