//! The pages of the app and their addresses.

use dioxus::prelude::*;

use crate::views::{Guard, Home, NotFound, Profile, Shell};

/// The pages of the app.
#[derive(Clone, Debug, PartialEq, Routable)]
#[rustfmt::skip]
pub enum Route {
    #[layout(Shell)]
        /// What this is, and the way in.
        #[route("/")]
        Home {},
        #[layout(Guard)]
            /// The signed-in user and their metadata.
            #[route("/profile")]
            Profile {},
        #[end_layout]
        /// Every other address.
        #[route("/:..segments")]
        NotFound {
            /// The path, at its slashes.
            segments: Vec<String>,
        },
}
