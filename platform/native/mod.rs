//! What desktop and mobile share: the TLS stack's cryptography, HTTP, the clock.
//!
//! There is no window to come back to yet: on these machines [`current`] keeps sessions in memory and its navigator
//! refuses to leave. Headless rendering and tests need no more.

mod clock;
mod crypto;
mod entropy;
mod http;
mod navigator;
pub mod page;

use std::rc::Rc;

use crate::platform::memory::MemoryStorage;
use crate::port::Platform;

pub use clock::NativeClock;
pub use crypto::NativeCrypto;
pub use entropy::NativeEntropy;
pub use http::NativeHttp;
pub use navigator::NativeNavigator;

/// Returns the ports of this machine.
pub fn current() -> Platform {
    Platform {
        clock: Rc::new(NativeClock),
        entropy: Rc::new(NativeEntropy),
        crypto: Rc::new(NativeCrypto),
        http: Rc::new(NativeHttp::default()),
        navigator: Rc::new(NativeNavigator),
        session_storage: Rc::new(MemoryStorage::default()),
        local_storage: Rc::new(MemoryStorage::default()),
    }
}
