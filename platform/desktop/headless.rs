//! A machine without a window: the crate was built for tests, or without the feature that names a renderer.

use dioxus::prelude::Element;

pub use crate::platform::native::page::{focus, set_language, set_title, warn, written};

/// Says what to build instead, and ends the program.
#[expect(
    clippy::print_stderr,
    reason = "whoever started the program sees nothing else"
)]
pub fn launch(_app: fn() -> Element) {
    eprintln!(
        "This build has no renderer. For a window:  cargo run --no-default-features --features desktop\n\
         For the browser:  dx serve --platform web\n\
         With the local tenant beside it:  cargo xtask demo, or cargo xtask demo --platform desktop"
    );
    std::process::exit(2);
}

/// Does nothing.
pub fn raise() {}
