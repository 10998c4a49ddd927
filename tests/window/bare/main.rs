//! The least that a Dioxus window can be. `cargo xtask bench` holds the app's window beside it.

use dioxus::prelude::*;

fn main() {
    dioxus::launch(|| rsx! { h1 { "Bare" } });
}
