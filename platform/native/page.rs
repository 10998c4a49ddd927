//! A page of its own has neither title, language nor focus here; the window has.

use dioxus::html::{FormData, PlatformEventData};

/// Does nothing.
pub fn set_title(_title: &str) {}

/// Tells a developer, in the log.
pub fn warn(text: &str) {
    tracing::warn!("{text}");
}

/// Does nothing.
pub fn set_language(_tag: &str) {}

/// Does nothing.
pub fn focus(_id: &str) {}

/// Returns what stands in the text area with this `id`, to which `event` has happened: the event tells.
pub fn written(_id: &str, event: &PlatformEventData) -> String {
    FormData::from(event).value()
}
