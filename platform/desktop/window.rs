//! The window: [tao](https://docs.rs/tao) draws its frame, and the web view of the system shows the app in it.
//!
//! Dioxus loads one page into the web view and sends it what to change through a WebSocket on this machine. The page
//! here is our own, for three reasons: its policy forbids everything that the app does not do, its style is in it from
//! the first paint on, and it says in which language it is written.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use dioxus::desktop::tao::window::Icon;
use dioxus::desktop::{Config, DesktopContext, LogicalSize, WindowBuilder, icon_from_memory};
use dioxus::prelude::{Element, LaunchBuilder, try_consume_context};
use directories::ProjectDirs;
use ring::digest::{SHA256, digest};

use crate::platform::HAS_GLOBAL_MENU;

pub use crate::platform::native::page::{warn, written};

/// The name of the window, and of the directory for what its web view keeps.
const NAME: &str = "dioxus-auth0";
const STYLE: &str = include_str!("../../assets/main.css");
const ICON: &[u8] = include_bytes!("../../assets/icons/128x128.png");

/// Starts the app in a window, with a log on the standard output: warnings, or what `RUST_LOG` asks for.
pub fn launch(app: fn() -> Element) {
    // An app that has set up a log of its own keeps it.
    let _ = dioxus::logger::init(tracing::Level::WARN);
    LaunchBuilder::desktop().with_cfg(config()).launch(app);
}

/// Sets the title of the window, and of the page in it, which is what a screen reader calls it by.
pub fn set_title(title: &str) {
    if let Some(window) = window() {
        window.set_title(title);
    }
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

/// Brings the window to the front, where the system lets an app do that by itself.
pub fn raise() {
    if let Some(window) = window() {
        window.set_minimized(false);
        window.set_visible(true);
        window.set_focus();
    }
}

/// The window that the current component is shown in. There is none when it is rendered to text.
fn window() -> Option<DesktopContext> {
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

fn config() -> Config {
    let window = WindowBuilder::new()
        .with_title(NAME)
        .with_inner_size(LogicalSize::new(1024.0, 768.0))
        .with_min_inner_size(LogicalSize::new(360.0, 480.0))
        .with_window_icon(icon());
    let config = Config::new()
        .with_window(window)
        .with_custom_index(page())
        // What lies behind the page until it is painted: the window itself, in the colors of the system.
        .with_background_color((0, 0, 0, 0));
    let config = match HAS_GLOBAL_MENU {
        true => config,
        false => config.with_menu(None),
    };
    match ProjectDirs::from("", "", NAME) {
        // Apart from the session's directory, which nobody but the app shall write to.
        Some(dirs) => config.with_data_directory(dirs.cache_dir().join("webview")),
        None => config,
    }
}

/// A picture that cannot be read is no reason to show no window.
fn icon() -> Option<Icon> {
    icon_from_memory::<Icon>(ICON).ok()
}

/// The page before Dioxus fills it.
fn page() -> String {
    let policy = policy();
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{NAME}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
         <style>{STYLE}</style></head><body><div id=\"main\"></div></body></html>"
    )
}

/// What the page may do.
///
/// Dioxus writes its script into the page, with another key each time, so that neither a hash nor a nonce can name it:
/// inline scripts have to be allowed, evaluated strings have not. The page talks to Dioxus alone, by its own scheme and
/// by a WebSocket; the requests of the app are none of the page's. Pictures of users come from anywhere.
fn policy() -> String {
    let style = BASE64_STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'sha256-{style}'; \
         connect-src dioxus: http://dioxus.index.html ws://127.0.0.1:*; \
         img-src https: http://127.0.0.1:* http://localhost:*; base-uri 'none'; form-action 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_our_style_and_no_evaluated_string() {
        let page = page();
        assert!(page.contains("style-src 'sha256-"), "{page}");
        assert!(!page.contains("unsafe-eval"), "{page}");
    }

    #[test]
    fn the_style_cannot_end_its_element() {
        assert!(!STYLE.contains("</"));
    }

    #[test]
    fn the_icon_can_be_read() {
        assert!(icon().is_some());
    }
}
