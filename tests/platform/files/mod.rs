//! Sessions at rest: the list S01 to S23, each a test named after it, with real files and real processes. Beside them is
//! what else takes several processes: news of each other's sessions, a key that they share, and whom to trust.
//!
//! Not here, with the reason:
//!
//! * S02, a power cut: no disk is cut off; the order of the system calls that makes it harmless is checked instead.
//! * S20, a heap scan after logout: what the client itself holds is not overwritten, so it would find something. Debug
//!   output, errors and files are searched.
//! * S21, exclusion from backups, and S22, the keychain after a reinstallation: there is no phone and no macOS to run on. What
//!   becomes of a key that was copied to another Android is tested with its Kotlin, in `tests/mobile/`.
//! * S23, `commit()` on Android: nothing is kept in its preferences.
//!
//! Some tests want `strace`; without it they say so and pass.

mod actor;
mod crash;
mod damage;
mod doubles;
mod faults;
mod http2;
mod key;
mod keychain;
mod news;
mod pause;
pub(crate) mod process;
mod refresh;
mod soak;
mod strange;
mod system;
mod worker;
pub(crate) mod world;

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A name such as sessions are stored under.
pub(crate) const KEY: &str = r#"dioxus-auth0.session.["https://tenant.example/","client-1",null]"#;

/// A directory that is removed with the test, in memory where the system has such a thing: the disk is not what is
/// tested, but waited for thousands of times.
pub(crate) fn place() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = match memory.is_dir() {
        true => TempDir::new_in(memory),
        false => TempDir::new(),
    };
    made.expect("a directory for the test")
}

/// Writes a figure, or why something was not tried, beside the results.
pub(crate) fn report(text: &str) {
    // Without a terminal there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Lists the names in a directory, sorted.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).expect("the directory is there");
    let mut names: Vec<String> = entries
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.into_string().expect("names are text")
        })
        .collect();
    names.sort();
    names
}

/// Lists what is neither a session nor a lock: what is set aside and what is left over.
pub(crate) fn leftovers(directory: &Path) -> Vec<String> {
    if !directory.exists() {
        return Vec::new();
    }
    let mut names = names(directory);
    names.retain(|name| !name.ends_with(".session") && !name.ends_with(".lock"));
    names
}

/// The one session file of a directory.
pub(crate) fn session_file(directory: &Path) -> PathBuf {
    let names = names(directory);
    let mut sessions = names.iter().filter(|name| name.ends_with(".session"));
    let session = sessions.next().expect("a session is stored");
    assert_eq!(sessions.next(), None, "one session is stored");
    directory.join(session)
}
