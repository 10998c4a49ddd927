//! The directories that a desktop gives an app, by [`directories`](https://docs.rs/directories), and its keychain, by
//! [`keyring`](https://docs.rs/keyring): Keychain Services on macOS, Credential Manager on Windows, the Secret Service
//! over D-Bus elsewhere.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use directories::ProjectDirs;
use keyring::{Entry, Error};
use zeroize::Zeroizing;

use crate::platform::memory::MemoryStorage;
use crate::platform::native::{Keychain, KeychainError};
use crate::port::Storage;

/// The account under which the key of an app is kept; the service is the app's name.
const ACCOUNT: &str = "dioxus-auth0 session key";

/// The directory of sessions, in that of the app: a webview keeps its own things beside it, open to read.
const SESSIONS: &str = "sessions";

/// Finds where the app keeps what belongs to this machine, such as `~/.local/share/example-app/sessions`.
pub(in crate::platform) fn data_directory(application: Option<&str>) -> Option<PathBuf> {
    let directories = directories(application)?;
    Some(directories.data_local_dir().join(SESSIONS))
}

/// Finds where the user sets the app up, such as `~/.config/example-app`.
pub(in crate::platform) fn config_directory(application: Option<&str>) -> Option<PathBuf> {
    let directories = directories(application)?;
    Some(directories.config_dir().to_owned())
}

/// Keeps what lasts as long as the window: the login waits in the process that it comes back to.
pub(in crate::platform) fn session_storage(_files: Rc<dyn Storage>) -> Rc<dyn Storage> {
    Rc::new(MemoryStorage::default())
}

/// Returns the keychain of this user, as far as it is this app's. Nothing is asked of it yet.
pub(in crate::platform) fn keychain(application: Option<&str>) -> Arc<dyn Keychain> {
    Arc::new(SystemKeychain {
        service: name(application),
    })
}

fn directories(application: Option<&str>) -> Option<ProjectDirs> {
    ProjectDirs::from("", "", &name(application))
}

/// The app's name, as far as it may be the name of one directory.
fn name(application: Option<&str>) -> String {
    let program = || {
        let path = std::env::current_exe().ok()?;
        Some(path.file_stem()?.to_string_lossy().into_owned())
    };
    let name = application.map(str::to_owned).or_else(program);
    let name = name.unwrap_or_default();
    let keep = |letter: char| match letter {
        '/' | '\\' | ':' | '\0' => '-',
        other => other,
    };
    let name: String = name.trim_start_matches('.').chars().map(keep).collect();
    match name.is_empty() {
        true => "dioxus-auth0".to_owned(),
        false => name,
    }
}

struct SystemKeychain {
    service: String,
}

impl SystemKeychain {
    fn entry(&self) -> Result<Entry, KeychainError> {
        Entry::new(&self.service, ACCOUNT).map_err(|error| refusal(&error))
    }
}

impl Keychain for SystemKeychain {
    fn read(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
        match self.entry()?.get_password() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            // What somebody else has put there is no key.
            Err(Error::BadEncoding(_)) => Ok(Some(Zeroizing::default())),
            Err(error) => Err(refusal(&error)),
        }
    }

    fn write(&self, secret: &str) -> Result<(), KeychainError> {
        let written = self.entry()?.set_password(secret);
        written.map_err(|error| refusal(&error))
    }
}

/// Says what the keychain said, without what it may hold.
fn refusal(error: &Error) -> KeychainError {
    KeychainError::new(match error {
        Error::NoDefaultStore => "there is none, or it does not run".to_owned(),
        Error::NoStorageAccess(_) => "it is locked, or the user did not open it".to_owned(),
        Error::PlatformFailure(error) => error.to_string(),
        Error::Ambiguous(_) => "it has several entries of this name".to_owned(),
        _ => "it does not work as it should".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_app_is_never_a_path() {
        assert_eq!(name(Some("example-app")), "example-app");
        assert_eq!(name(Some("../../etc")), "-..-etc");
        assert_eq!(name(Some("..")), "dioxus-auth0");
        assert_eq!(name(Some("a/b\\c:d")), "a-b-c-d");
        assert!(!name(None).is_empty());
    }
}
