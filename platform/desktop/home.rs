//! The directories that a desktop gives an app, by [`directories`](https://docs.rs/directories), and its keychain, by
//! [`keyring`](https://docs.rs/keyring): Keychain Services on macOS, Credential Manager on Windows, the Secret Service
//! over D-Bus elsewhere.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use directories::ProjectDirs;
use keyring::Entry;

use crate::platform::entry::EntryKeychain;
use crate::platform::memory::MemoryStorage;
use crate::platform::native::Keychain;
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
    let service = name(application);
    Arc::new(EntryKeychain(move || {
        Ok(Entry::new(&service, ACCOUNT)?.inner)
    }))
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
