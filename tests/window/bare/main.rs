//! The least that a Dioxus window can be. `cargo xtask bench` holds the app's window beside it.

use dioxus::desktop::Config;
use dioxus::prelude::*;

fn main() {
    // A menu bar is text too, painted long before the page: without one, both windows show their first text in the page.
    let config = Config::new().with_menu(None);
    LaunchBuilder::desktop()
        .with_cfg(config)
        .launch(|| rsx! { h1 { "Bare" } });
}
