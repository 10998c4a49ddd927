//! The directory that Android gives an app, and its keychain.
//!
//! Files are where [no backup](https://developer.android.com/reference/android/content/Context#getNoBackupFilesDir()) takes
//! them: on another phone nobody could open them, and a refresh token that is in two places is as good as stolen. The key of
//! them is sealed by the [Android Keystore](https://developer.android.com/privacy-and-security/keystore), which gives its own
//! key to nobody, and kept beside them.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::bridge::{BridgeError, bridge};
use crate::platform::native::{Keychain, KeychainError};
use crate::port::Storage;

/// The directory of sessions, in that of the app.
const SESSIONS: &str = "sessions";

/// Where the certificates are that the system trusts: since Android 14 in a part of it that is
/// [updated by itself](https://developer.android.com/about/versions/14/features#root-certs), before in the system's image.
pub(in crate::platform) const CERTIFICATES: [&str; 2] = [
    "/apex/com.android.conscrypt/cacerts",
    "/system/etc/security/cacerts",
];

/// Finds where the app keeps what belongs to this phone. The system keeps apps apart, whatever they are called.
pub(in crate::platform) fn data_directory(_application: Option<&str>) -> Option<PathBuf> {
    Some(directory()?.join(SESSIONS))
}

/// Finds no directory for what the user sets: on a phone nobody but the app itself could write there.
pub(in crate::platform) fn config_directory(_application: Option<&str>) -> Option<PathBuf> {
    None
}

/// Keeps what lasts as long as a login: in files, since the system may end the app while the browser is in front.
pub(in crate::platform) fn session_storage(files: Rc<dyn Storage>) -> Rc<dyn Storage> {
    files
}

/// Returns the keychain of this app. Nothing is asked of it yet.
pub(in crate::platform) fn keychain(_application: Option<&str>) -> Arc<dyn Keychain> {
    Arc::new(Keystore)
}

fn directory() -> Option<PathBuf> {
    let told = bridge().and_then(|bridge| bridge.ask("directory"));
    told.unwrap_or_else(|error| {
        tracing::error!("the app has no directory: {}", error.why);
        None
    })
    .map(PathBuf::from)
}

struct Keystore;

impl Keychain for Keystore {
    fn read(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
        let key = bridge().and_then(|bridge| bridge.ask("readKey"));
        Ok(key.map_err(refusal)?.map(Zeroizing::new))
    }

    fn write(&self, secret: &str) -> Result<(), KeychainError> {
        let written = bridge().and_then(|bridge| bridge.tell_text("writeKey", secret));
        written.map_err(refusal)
    }
}

fn refusal(error: BridgeError) -> KeychainError {
    KeychainError::new(error.why)
}
