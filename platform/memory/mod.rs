//! Every port in memory: for documentation examples, tests and previews, on every machine.
//!
//! # Examples
//!
//! A login from the button to the token, with a provider that is a list of answers:
//!
//! ```
//! use dioxus_auth0::platform::memory::MemoryPlatform;
//!
//! let memory = MemoryPlatform::new();
//! memory.clock.set(1_700_000_000);
//! memory.http.answer("GET https://example.eu.auth0.com/.well-known/openid-configuration", 503, "");
//! # memory.http.forget_answers();
//! ```

mod auth;
mod channel;
mod clock;
mod connection;
mod entropy;
mod http;
mod lock;
mod navigator;
mod storage;

use std::rc::Rc;

use crate::port::Platform;

pub use auth::{Asked, Awaited, MemoryAuth, signed_in};
pub use channel::MemoryChannel;
pub use clock::MemoryClock;
pub use connection::MemoryConnection;
pub use entropy::MemoryEntropy;
pub use http::MemoryHttp;
pub use lock::MemoryLock;
pub use navigator::MemoryNavigator;
pub use storage::MemoryStorage;

/// A machine in memory. Keep it to steer and question the ports that [`platform`](Self::platform) hands to a client.
#[derive(Clone)]
pub struct MemoryPlatform {
    /// A clock that stands still until it is set.
    pub clock: Rc<MemoryClock>,
    /// Bytes that count up.
    pub entropy: Rc<MemoryEntropy>,
    /// A list of answers.
    pub http: Rc<MemoryHttp>,
    /// An address bar that only remembers.
    pub navigator: Rc<MemoryNavigator>,
    /// What a tab remembers.
    pub session_storage: Rc<MemoryStorage>,
    /// What the machine remembers.
    pub local_storage: Rc<MemoryStorage>,
    /// The lock among all clients of the machine.
    pub lock: Rc<MemoryLock>,
    /// What the clients of the machine tell each other.
    pub channel: Rc<MemoryChannel>,
    /// The network.
    pub connection: Rc<MemoryConnection>,
}

impl Default for MemoryPlatform {
    fn default() -> Self {
        let clock: Rc<MemoryClock> = Rc::default();
        Self {
            entropy: Rc::default(),
            http: Rc::default(),
            navigator: Rc::default(),
            session_storage: Rc::default(),
            local_storage: Rc::default(),
            lock: Rc::new(MemoryLock::new(clock.clone())),
            channel: Rc::default(),
            connection: Rc::default(),
            clock,
        }
    }
}

impl MemoryPlatform {
    /// Makes a machine where nothing has happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens another tab of the same browser: everything is shared but what a tab has to itself.
    pub fn tab(&self) -> Self {
        Self {
            navigator: Rc::default(),
            session_storage: Rc::default(),
            ..self.clone()
        }
    }

    /// Returns the ports. Digests and signatures are made by the machine this runs on.
    pub fn platform(&self) -> Platform {
        Platform {
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            crypto: super::crypto(),
            http: self.http.clone(),
            navigator: self.navigator.clone(),
            session_storage: self.session_storage.clone(),
            local_storage: self.local_storage.clone(),
            usual_storage: self.session_storage.clone(),
            lock: self.lock.clone(),
            channel: self.channel.clone(),
            connection: self.connection.clone(),
            keys: super::keys(self.local_storage.clone()),
        }
    }
}
