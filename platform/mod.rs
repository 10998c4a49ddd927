//! One adapter a machine for each [port](crate::port): mechanism only, no policy.
//!
//! This file alone knows which machine the crate is compiled for.

pub mod memory;

#[cfg(target_arch = "wasm32")]
pub mod web;
#[cfg(target_arch = "wasm32")]
pub use web::{crypto, current, keys, launch, local_settings, page};

#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(not(target_arch = "wasm32"))]
pub use native::{crypto, current, keys, local_settings};

#[cfg(not(any(target_arch = "wasm32", target_os = "android", target_os = "ios")))]
pub mod desktop;
#[cfg(not(any(target_arch = "wasm32", target_os = "android", target_os = "ios")))]
use desktop::{home, navigator};

// What phones share compiles wherever sockets do, so that it is tested there.
#[cfg(not(target_arch = "wasm32"))]
pub mod mobile;
#[cfg(target_os = "android")]
#[path = "mobile/android/mod.rs"]
pub mod phone;
#[cfg(target_os = "ios")]
#[path = "mobile/ios/mod.rs"]
pub mod phone;
#[cfg(any(target_os = "android", target_os = "ios"))]
use phone::{self as home, navigator};

// With a window, the page is the window's; without one there is no page and nothing to launch.
#[cfg(all(
    feature = "desktop",
    not(any(target_arch = "wasm32", target_os = "android", target_os = "ios"))
))]
#[path = "desktop/window.rs"]
pub mod window;
#[cfg(all(
    not(feature = "desktop"),
    not(any(target_arch = "wasm32", target_os = "android", target_os = "ios"))
))]
#[path = "desktop/headless.rs"]
pub mod window;
#[cfg(all(feature = "mobile", any(target_os = "android", target_os = "ios")))]
#[path = "mobile/window.rs"]
pub mod window;
#[cfg(all(not(feature = "mobile"), any(target_os = "android", target_os = "ios")))]
#[path = "desktop/headless.rs"]
pub mod window;
#[cfg(not(target_arch = "wasm32"))]
pub use window::{self as page, launch};

/// Whether the menu bar is the system's, outside of any window. Without one there, nobody can copy or paste by keys.
#[cfg(all(
    feature = "desktop",
    not(any(target_arch = "wasm32", target_os = "android", target_os = "ios"))
))]
const HAS_GLOBAL_MENU: bool = cfg!(target_os = "macos");

// What of files differs between systems: modes and owners, or access lists.
#[cfg(unix)]
#[path = "native/unix.rs"]
mod system;
#[cfg(windows)]
#[path = "native/windows.rs"]
mod system;
