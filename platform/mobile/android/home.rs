//! Phones: where an app's files and keys go is told by the system's own API, which nothing here speaks yet.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::platform::native::{Keychain, KeychainError};
use crate::port::Storage;

/// Finds no directory for what the app keeps.
pub(in crate::platform) fn data_directory(_application: Option<&str>) -> Option<PathBuf> {
    None
}

/// Finds no directory for what the user sets.
pub(in crate::platform) fn config_directory(_application: Option<&str>) -> Option<PathBuf> {
    None
}

/// Keeps what lasts as long as a login: in files, since the system may end the app while the browser is in front.
pub(in crate::platform) fn session_storage(files: Rc<dyn Storage>) -> Rc<dyn Storage> {
    files
}

/// Finds no keychain.
pub(in crate::platform) fn keychain(_application: Option<&str>) -> Arc<dyn Keychain> {
    Arc::new(NoKeychain)
}

struct NoKeychain;

impl Keychain for NoKeychain {
    fn read(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
        Err(KeychainError::new("none is supported on this system"))
    }

    fn write(&self, _: &str) -> Result<(), KeychainError> {
        Err(KeychainError::new("none is supported on this system"))
    }
}
