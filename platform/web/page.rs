//! What the page says of itself: its [title](https://developer.mozilla.org/docs/Web/API/Document/title), its language,
//! its [viewport](https://drafts.csswg.org/css-viewport/#viewport-meta), and where the [focus](https://developer.mozilla.org/docs/Web/API/HTMLElement/focus) is.
//!
//! Dioxus's own `document::Title` runs `new Function`, which a strict Content Security Policy forbids.

use dioxus::html::PlatformEventData;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlTextAreaElement};

use super::window;

/// dx's front page has the first two, and cannot be told of the others.
const VIEWPORT: &str =
    "width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content";

/// Sets the title of the page.
pub fn set_title(title: &str) {
    if let Some(document) = window().document() {
        document.set_title(title);
    }
}

/// Tells a developer, in the browser's console.
pub fn warn(text: &str) {
    web_sys::console::warn_1(&text.into());
}

/// Sets the language of the page, as a BCP 47 tag.
pub fn set_language(tag: &str) {
    let root = window()
        .document()
        .and_then(|document| document.document_element());
    if let Some(root) = root {
        // Only an invalid attribute name throws.
        let _ = root.set_attribute("lang", tag);
    }
}

/// Lets the page reach under notches, where its stylesheet keeps clear of them, and shrink above a software keyboard.
pub(super) fn reach_edges() {
    let viewport = window()
        .document()
        .and_then(|document| document.query_selector("meta[name=viewport]").ok()?);
    if let Some(viewport) = viewport {
        // Only an invalid attribute name throws.
        let _ = viewport.set_attribute("content", VIEWPORT);
    }
}

/// Moves the focus to the element with this `id`, if there is one that can take it.
pub fn focus(id: &str) {
    let element = window()
        .document()
        .and_then(|document| document.get_element_by_id(id))
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        // Only a detached window throws, and nobody looks at that.
        let _ = element.focus();
    }
}

/// Returns what stands in the text area with this `id`, to which `event` has happened.
pub fn written(id: &str, _event: &PlatformEventData) -> String {
    let area = window()
        .document()
        .and_then(|document| document.get_element_by_id(id))
        .and_then(|element| element.dyn_into::<HtmlTextAreaElement>().ok());
    area.map(|area| area.value()).unwrap_or_default()
}
