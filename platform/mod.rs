//! One adapter a machine for each [port](crate::port): mechanism only, no policy.
//!
//! This file alone knows which machine the crate is compiled for.

pub mod memory;

#[cfg(target_arch = "wasm32")]
pub mod web;
#[cfg(target_arch = "wasm32")]
pub use web::{crypto, current, launch, local_settings, page};

#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(not(target_arch = "wasm32"))]
pub use native::{crypto, current, local_settings};

#[cfg(not(any(target_arch = "wasm32", target_os = "android", target_os = "ios")))]
pub mod desktop;

// With a window, the page is the window's; without one there is no page and nothing to launch.
#[cfg(all(
    feature = "desktop",
    not(any(target_arch = "wasm32", target_os = "android", target_os = "ios"))
))]
pub use desktop::window::{self as page, launch};
#[cfg(all(
    not(feature = "desktop"),
    not(any(target_arch = "wasm32", target_os = "android", target_os = "ios"))
))]
mod headless;
#[cfg(all(
    not(feature = "desktop"),
    not(any(target_arch = "wasm32", target_os = "android", target_os = "ios"))
))]
pub use {headless::launch, native::page};

#[cfg(any(target_os = "android", target_os = "ios"))]
pub use native::{launch, page};
