//! The web view that a window shows the app in, on desktops and phones.
//!
//! Dioxus loads one page into it and sends it what to change through a WebSocket on this machine. The page here is our own,
//! for three reasons: its policy forbids everything that the app does not do, its style is in it from the first paint on,
//! and it says in which language it is written.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use dioxus::prelude::try_consume_context;
use ring::digest::{SHA256, digest};

use crate::platform::renderer::DesktopContext;

/// The name of the page, until the app gives it another.
pub(super) const NAME: &str = "dioxus-auth0";

const STYLE: &str = include_str!("../../assets/main.css");

/// Sets the title of the page.
pub(super) fn set_page_title(title: &str) {
    run("document.title = ", title, "");
}

/// Sets the language of the page, as a BCP 47 tag.
pub fn set_language(tag: &str) {
    run("document.documentElement.lang = ", tag, "");
}

/// Moves the focus to the element with this `id`, if there is one that can take it.
pub fn focus(id: &str) {
    run("document.getElementById(", id, ")?.focus()");
}

/// Returns the window that the current component is shown in. There is none when it is rendered to text.
pub(super) fn window() -> Option<DesktopContext> {
    try_consume_context()
}

/// Runs a script around a quoted `text`. Unlike `document::eval` it needs no leave to evaluate strings in the page.
fn run(before: &str, text: &str, after: &str) {
    let Some(window) = window() else { return };
    let text = serde_json::Value::from(text).to_string();
    if let Err(error) = window
        .webview
        .evaluate_script(&[before, &text, after].concat())
    {
        tracing::warn!("the web view runs no script: {error}");
    }
}

/// Returns the page before Dioxus fills it, which `viewport` lays out.
pub(super) fn page(viewport: &str) -> String {
    let policy = policy();
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{NAME}</title>\
         <meta name=\"viewport\" content=\"{viewport}\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
         <style>{STYLE}</style></head><body><div id=\"main\"></div></body></html>"
    )
}

/// What the page may do.
///
/// Dioxus writes its script into the page, with another key each time, so that neither a hash nor a nonce can name it:
/// inline scripts have to be allowed, evaluated strings have not. The page talks to Dioxus alone, by the address that the
/// system's web view gives to a scheme of its own, and by a WebSocket; the requests of the app are none of the page's.
/// Pictures of users come from anywhere.
fn policy() -> String {
    let style = BASE64_STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'sha256-{style}'; \
         connect-src dioxus: http://dioxus.index.html https://dioxus.index.html ws://127.0.0.1:*; \
         img-src https: http://127.0.0.1:* http://localhost:*; base-uri 'none'; form-action 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_our_style_and_no_evaluated_string() {
        let page = page("width=device-width");
        assert!(page.contains("style-src 'sha256-"), "{page}");
        assert!(!page.contains("unsafe-eval"), "{page}");
    }

    /// Where Dioxus's page lives: on Linux, macOS and iOS, on Windows, and on Android.
    #[test]
    fn the_page_may_talk_to_dioxus_wherever_a_system_puts_it() {
        let policy = policy();
        for origin in [
            " dioxus: ",
            " http://dioxus.index.html ",
            " https://dioxus.index.html ",
        ] {
            assert!(policy.contains(origin), "{origin} in {policy}");
        }
    }

    #[test]
    fn the_style_cannot_end_its_element() {
        assert!(!STYLE.contains("</"));
    }
}
