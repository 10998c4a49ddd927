//! What a page shows while it waits.

use dioxus::prelude::*;

/// Says what is being waited for, to the eye and to screen readers.
#[component]
pub fn Loading(
    /// What is being waited for.
    children: Element,
) -> Element {
    rsx! {
        p { class: "pending", role: "status", "data-state": "loading", {children} }
    }
}
