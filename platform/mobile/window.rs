//! The one window of a phone: the system's web view, on the whole of the screen.

use dioxus::mobile::Config;
use dioxus::mobile::tao::event::Event;
use dioxus::prelude::{Element, LaunchBuilder};

use crate::platform::{phone, web_view};

pub use crate::platform::native::page::{warn, written};
pub use crate::platform::web_view::{focus, set_language};

/// The page is as wide as the screen, and reaches under what the system lays over its edges; its style keeps out of there.
const VIEWPORT: &str = "width=device-width, initial-scale=1, viewport-fit=cover";

/// Starts the app, with a log of warnings, or of what `RUST_LOG` asks for.
///
/// An app that launches by itself must pass its configuration through [`with_links`].
pub fn launch(app: fn() -> Element) {
    // An app that has set up a log of its own keeps it.
    let _ = dioxus::logger::init(tracing::Level::WARN);
    LaunchBuilder::mobile().with_cfg(config()).launch(app);
}

/// Has the window pass on the links that the system opens the app with, from before its first page on: without that, a login
/// in the user's browser never comes back on iOS.
///
/// It takes the place of a custom event handler in `config`. An app that has one calls [`hear`] in it instead.
///
/// ```ignore
/// use dioxus::mobile::Config;
/// use dioxus_auth0::platform::window::with_links;
///
/// dioxus::LaunchBuilder::mobile().with_cfg(with_links(Config::new())).launch(App);
/// ```
pub fn with_links(config: Config) -> Config {
    config.with_custom_event_handler(|event, _| hear(event))
}

/// Passes on the links in an event of the window's.
pub fn hear<T>(event: &Event<'_, T>) {
    if let Event::Opened { urls } = event {
        phone::hear(urls);
    }
}

/// Sets the title of the page, which is what a screen reader calls it by.
pub fn set_title(title: &str) {
    web_view::set_page_title(title);
}

fn config() -> Config {
    Config::new()
        .with_custom_index(web_view::page(VIEWPORT))
        // What lies behind the page until it is painted: the window itself.
        .with_background_color((0, 0, 0, 0))
        .with_custom_event_handler(|event, _| {
            hear(event);
            // The first time is before the page is painted, and the window is there.
            if let Event::Resumed = event {
                phone::paint();
            }
        })
}
