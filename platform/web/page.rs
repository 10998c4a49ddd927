//! What the page says of itself: its [title](https://developer.mozilla.org/docs/Web/API/Document/title) and language.
//!
//! Dioxus's own `document::Title` runs `new Function`, which a strict Content Security Policy forbids.

use super::window;

/// Sets the title of the page.
pub fn set_title(title: &str) {
    if let Some(document) = window().document() {
        document.set_title(title);
    }
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
