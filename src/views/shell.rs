//! What surrounds every page.

use dioxus::prelude::*;

use super::heading::Visited;
use crate::auth::{AuthState, use_auth0};
use crate::components::{Avatar, LoginHere, LogoutButton, Notice, display_name};
use crate::route::Route;

/// The header with the way around, the page, and the footer.
#[component]
pub fn Shell() -> Element {
    use_context_provider(Visited::default);
    rsx! {
        a { class: "skip", href: "#content", "Skip to content" }
        header { class: "bar",
            Link { class: "brand", to: Route::Home {}, "dioxus-auth0" }
            nav { aria_label: "Main",
                Link { to: Route::Home {}, "Home" }
                Link { to: Route::Profile {}, "Profile" }
            }
            Account {}
        }
        main { id: "content", tabindex: "-1",
            Notice {}
            Outlet::<Route> {}
        }
        footer { "Code flow with PKCE, in Rust. No password ever passes through this app." }
    }
}

/// Who is signed in, and the way in or out.
#[component]
fn Account() -> Element {
    let auth = use_auth0();
    let body = match auth.state() {
        AuthState::Loading => VNode::empty(),
        AuthState::SignedOut(_) | AuthState::Failed(_) => rsx! {
            LoginHere { class: "button", "Log in" }
        },
        AuthState::SignedIn(identity) => rsx! {
            Avatar { user: identity.user().clone(), size: 32 }
            span { class: "name", {display_name(identity.user())} }
            LogoutButton {}
        },
    };
    rsx! {
        div { class: "account", {body} }
    }
}
