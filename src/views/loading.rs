//! Something is on its way.

use dioxus::prelude::*;

/// Says what is being waited for. A function and not a component: it has no state, and every component costs bytes.
pub(crate) fn loading(what: &'static str) -> Element {
    rsx! {
        p { class: "pending", role: "status", "data-state": "loading", {what} }
    }
}
