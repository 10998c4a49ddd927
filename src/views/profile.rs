//! The page about the user.

use dioxus::prelude::*;

use super::heading::Heading;
use super::metadata::Metadata;
use crate::auth::use_auth0;
use crate::components::{Avatar, display_name};
use crate::user::User;

/// Shows who is signed in, and what the protected API knows about them.
///
/// It stands behind the [`Guard`](super::Guard), which shows every state but being signed in.
#[component]
pub fn Profile() -> Element {
    let user = use_auth0().user();
    rsx! {
        // Another user is another page: nothing of the last one may linger, and keys count in lists alone.
        for user in user {
            Person { key: "{user.sub()}", user }
        }
    }
}

#[component]
fn Person(user: User) -> Element {
    let name = display_name(&user).to_owned();
    let email = user.email().map(str::to_owned);
    let sub = user.sub().to_owned();
    rsx! {
        section { class: "card person",
            Avatar { user }
            div {
                Heading { title: "Profile", {name} }
                if let Some(email) = email {
                    p { class: "email", {email} }
                }
            }
        }
        Metadata { sub }
    }
}
