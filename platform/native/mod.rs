//! What desktop and mobile share: the TLS stack's cryptography, HTTP, the clock.
//!
//! A desktop takes its navigator from [`desktop`](crate::platform::desktop). A phone has none yet: there [`current`] has
//! one that refuses to leave. Sessions are kept in memory.

mod clock;
mod crypto;
mod entropy;
mod http;
pub mod page;

use std::rc::Rc;

use dioxus::prelude::Element;

use crate::config::{ConfigError, Device, Settings};
use crate::platform::memory::{MemoryLock, MemoryStorage};
use crate::port::{Crypto, Platform};

pub use clock::NativeClock;
pub use crypto::NativeCrypto;
pub use entropy::NativeEntropy;
pub use http::NativeHttp;

/// Returns the ports of this machine, with what is kept for the app that `device` describes.
pub fn current(_device: &Device) -> Platform {
    let files = Rc::new(MemoryStorage::default());
    Platform {
        clock: Rc::new(NativeClock),
        entropy: Rc::new(NativeEntropy),
        crypto: crypto(),
        http: Rc::new(NativeHttp::default()),
        navigator: super::navigator(),
        session_storage: Rc::new(MemoryStorage::default()),
        local_storage: files.clone(),
        usual_storage: files,
        lock: Rc::new(MemoryLock::default()),
    }
}

/// Returns what computes digests and signatures.
pub fn crypto() -> Rc<dyn Crypto> {
    Rc::new(NativeCrypto)
}

/// Starts the app in a window.
pub fn launch(app: fn() -> Element) {
    dioxus::launch(app);
}

/// Reads the configuration of this machine, if it has one.
pub fn local_settings(_device: &Device) -> Result<Option<Settings>, ConfigError> {
    Ok(None)
}
