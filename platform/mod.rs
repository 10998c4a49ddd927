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

// The key of what is stored is an entry of the system's keychain. Android has none that works like it.
#[cfg(not(any(target_arch = "wasm32", target_os = "android")))]
#[path = "native/entry.rs"]
mod entry;

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

// A backup that goes to another device must not take sessions along.
#[cfg(not(any(target_arch = "wasm32", target_os = "ios")))]
#[path = "native/backups.rs"]
mod backups;
#[cfg(not(any(target_arch = "wasm32", target_os = "ios")))]
use backups::keep_on_device;
#[cfg(target_os = "ios")]
use phone::keep_on_device;

// One crate draws a desktop's window and a phone's; Dioxus calls it by the feature that asked for it.
#[cfg(all(
    feature = "desktop",
    not(any(target_arch = "wasm32", target_os = "android", target_os = "ios"))
))]
use dioxus::desktop as renderer;
#[cfg(all(feature = "mobile", any(target_os = "android", target_os = "ios")))]
use dioxus::mobile as renderer;
#[cfg(any(
    all(
        feature = "desktop",
        not(any(target_arch = "wasm32", target_os = "android", target_os = "ios"))
    ),
    all(feature = "mobile", any(target_os = "android", target_os = "ios"))
))]
#[path = "native/web_view.rs"]
mod web_view;

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

// Where the certificates are that the system trusts; none where it verifies by itself.
#[cfg(target_os = "android")]
use phone::CERTIFICATES;
#[cfg(not(any(target_arch = "wasm32", target_os = "android")))]
const CERTIFICATES: [&str; 0] = [];

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
