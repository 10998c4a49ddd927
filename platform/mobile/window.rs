//! The web view of a phone.

use dioxus::mobile::Config;
use dioxus::prelude::{Element, LaunchBuilder};

pub use crate::platform::native::page::{focus, set_language, set_title, warn, written};

/// Starts the app, with a log of warnings, or of what `RUST_LOG` asks for.
pub fn launch(app: fn() -> Element) {
    // An app that has set up a log of its own keeps it.
    let _ = dioxus::logger::init(tracing::Level::WARN);
    LaunchBuilder::mobile().with_cfg(Config::new()).launch(app);
}
