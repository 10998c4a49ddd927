//! The layout of every page that needs a user.

use dioxus::prelude::*;

use super::heading::Heading;
use super::loading::loading;
use crate::auth::use_auth0;
use crate::components::RequireAuth;
use crate::route::Route;

/// Lets signed-in users through to the page.
#[component]
pub fn Guard() -> Element {
    let is_authenticated = use_auth0().is_authenticated();
    rsx! {
        if !is_authenticated {
            Heading { title: "Log in", "Your profile" }
        }
        RequireAuth {
            pending: rsx! {
                {loading("Taking you to log in…")}
            },
            Outlet::<Route> {}
        }
    }
}
