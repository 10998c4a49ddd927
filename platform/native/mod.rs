//! What desktop and mobile share: the TLS stack's cryptography, HTTP, the clock, and sessions in files.
//!
//! A desktop takes its navigator from [`desktop`](crate::platform::desktop), a phone from
//! [`mobile`](crate::platform::mobile).

mod channel;
mod clock;
mod connection;
mod crypto;
mod directory;
mod entropy;
mod file_lock;
mod http;
mod keychain;
mod keys;
mod lock;
pub mod page;
mod roots;
mod seal;
mod sealer;
mod settings;
mod storage;
mod vault;
mod watch;

use std::rc::Rc;

use crate::config::Device;
use crate::platform::home;
use crate::platform::memory::MemoryLock;
use crate::port::{Crypto, Keys, Lock, Platform, Storage};

pub use channel::NativeChannel;
pub use clock::NativeClock;
pub use connection::NativeConnection;
pub use crypto::NativeCrypto;
pub use entropy::NativeEntropy;
pub use http::NativeHttp;
pub use keychain::{KEYCHAIN_TIMEOUT, Keychain, KeychainError};
pub use keys::NativeKeys;
pub use lock::NativeLock;
pub use settings::{from_file, local_settings, with_environment};
pub use storage::NativeStorage;

/// Returns the ports of this machine, with what is kept for the app that `device` describes. Nothing is touched yet.
pub fn current(device: &Device) -> Platform {
    let application = device.application.as_deref();
    let directory = home::data_directory(application);
    let lock: Rc<dyn Lock> = match &directory {
        Some(directory) => Rc::new(NativeLock::new(directory.clone())),
        None => Rc::new(MemoryLock::new(Rc::new(NativeClock))),
    };
    let channel = Rc::new(NativeChannel::new(directory.clone()));
    let files = Rc::new(NativeStorage::new(
        directory,
        home::keychain(application),
        device.without_keychain,
    ));
    Platform {
        clock: Rc::new(NativeClock),
        entropy: Rc::new(NativeEntropy),
        crypto: crypto(),
        http: Rc::new(NativeHttp::default()),
        navigator: super::navigator(),
        session_storage: home::session_storage(files.clone()),
        local_storage: files.clone(),
        keys: Rc::new(NativeKeys::new(files.clone(), lock.clone())),
        usual_storage: files,
        lock,
        channel,
        connection: Rc::new(NativeConnection),
    }
}

/// Returns what keeps keys, in a `storage` that no other process shares.
pub fn keys(storage: Rc<dyn Storage>) -> Rc<dyn Keys> {
    Rc::new(NativeKeys::new(
        storage,
        Rc::new(MemoryLock::new(Rc::new(NativeClock))),
    ))
}

/// Returns what computes digests and signatures.
pub fn crypto() -> Rc<dyn Crypto> {
    Rc::new(NativeCrypto)
}
