//! The window: [tao](https://docs.rs/tao) draws its frame, and the web view of the system shows the app in it.

use dioxus::desktop::tao::window::Icon;
use dioxus::desktop::{Config, LogicalSize, WindowBuilder, icon_from_memory};
use dioxus::prelude::{Element, LaunchBuilder};
use directories::ProjectDirs;

use crate::platform::HAS_GLOBAL_MENU;
use crate::platform::web_view::{self, NAME, window};

pub use crate::platform::native::page::{warn, written};
pub use crate::platform::web_view::{focus, set_language};

/// The page is as wide as the window.
const VIEWPORT: &str = "width=device-width, initial-scale=1";
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
    web_view::set_page_title(title);
}

/// Brings the window to the front, where the system lets an app do that by itself.
pub fn raise() {
    if let Some(window) = window() {
        window.set_minimized(false);
        window.set_visible(true);
        window.set_focus();
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
        .with_custom_index(web_view::page(VIEWPORT))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_can_be_read() {
        assert!(icon().is_some());
    }
}
