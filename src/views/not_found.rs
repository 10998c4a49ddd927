//! The page for addresses that lead nowhere.

use dioxus::prelude::*;

use super::heading::Heading;
use crate::route::Route;

/// Says that there is no such page, and leads back.
#[component]
pub fn NotFound(
    /// The path, at its slashes.
    segments: Vec<String>,
) -> Element {
    rsx! {
        section { class: "hero",
            Heading { title: "Page not found", "There is no such page" }
            p { class: "lead", "Nothing lives at " code { "/{segments.join(\"/\")}" } "." }
            p { class: "actions",
                Link { class: "button primary", to: Route::Home {}, "Go to the front page" }
            }
        }
    }
}
