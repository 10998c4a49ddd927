//! A stored file, sealed or plain, read by the storage that finds it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use dioxus_auth0::config::WithoutKeychain;
use dioxus_auth0::platform::native::{Keychain, KeychainError, NativeStorage};
use dioxus_auth0::port::{PortError, Storage, StoredError};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::secrecy::{assert_unsaid, told};
use crate::world::SESSION;

const TEXT: &str = r#"{"version":1,"refresh_token":"rt-s3cr3t"}"#;
/// How many files a directory is used for.
const USES: usize = 4_096;

/// Of a file that is not to the bit what was written, nothing is read; it is put aside once, and a write heals all.
pub(crate) fn run(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let mut places = PLACES.lock().unwrap_or_else(PoisonError::into_inner);
    let place = match kind & 1 {
        0 => places.sealed.get_or_insert_with(|| Place::new(true)),
        _ => places.plain.get_or_insert_with(|| Place::new(false)),
    };
    let file = match kind & 2 {
        0 => bytes.to_vec(),
        _ => place.changed(bytes),
    };
    place.check(&file);
    place.uses += 1;
    if place.uses > USES {
        *places = Places::NONE;
    }
}

static PLACES: Mutex<Places> = Mutex::new(Places::NONE);

struct Places {
    sealed: Option<Place>,
    plain: Option<Place>,
}

impl Places {
    const NONE: Self = Self {
        sealed: None,
        plain: None,
    };
}

/// A directory with one stored session.
struct Place {
    directory: TempDir,
    keychain: Arc<dyn Keychain>,
    policy: WithoutKeychain,
    file: PathBuf,
    /// What was written.
    whole: Vec<u8>,
    uses: usize,
}

impl Place {
    fn new(is_sealed: bool) -> Self {
        let directory = directory();
        let (keychain, policy): (Arc<dyn Keychain>, _) = match is_sealed {
            true => (Arc::new(Open::default()), WithoutKeychain::Refuse),
            false => (Arc::new(Closed), WithoutKeychain::PlainFile),
        };
        let mut place = Self {
            file: directory.path().to_owned(),
            directory,
            keychain,
            policy,
            whole: Vec::new(),
            uses: 0,
        };
        block_on(place.storage().set(SESSION, TEXT)).expect("it is stored");
        place.file = session_file(place.directory.path());
        place.whole = std::fs::read(&place.file).expect("the file is there");
        place
    }

    fn storage(&self) -> NativeStorage {
        let directory = Some(self.directory.path().to_owned());
        NativeStorage::new(directory, self.keychain.clone(), self.policy)
    }

    /// The whole file, with these bytes laid over it by exclusive or.
    fn changed(&self, mask: &[u8]) -> Vec<u8> {
        let mut file = self.whole.clone();
        file.resize(file.len().max(mask.len()), 0);
        for (byte, change) in file.iter_mut().zip(mask) {
            *byte ^= change;
        }
        file
    }

    fn check(&self, file: &[u8]) {
        std::fs::write(&self.file, file).expect("the directory is writable");
        let storage = self.storage();
        let found = block_on(storage.get(SESSION));
        match &found {
            Ok(Some(text)) => {
                assert_eq!(file, self.whole, "it is what was written");
                assert_eq!(text, TEXT);
                return;
            }
            Err(PortError::Stored(error)) => {
                assert_ne!(file, self.whole);
                assert_unsaid(&told(error), "");
            }
            other => panic!("{other:?}"),
        }
        let again = block_on(storage.get(SESSION));
        match found {
            Err(PortError::Stored(StoredError::Version { .. })) => {
                assert_eq!(again, found, "another version's file is left alone");
                assert_eq!(std::fs::read(&self.file).ok().as_deref(), Some(file));
            }
            _ => assert_eq!(again, Ok(None), "it is out of the way"),
        }
        assert_eq!(block_on(storage.remove(SESSION)), Ok(()));
        assert!(
            !std::fs::read_dir(self.directory.path())
                .expect("it is there")
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().contains(".session")),
            "a logout leaves nothing"
        );
    }
}

/// Files are made and removed a thousand times a second: in memory, where the system has a place for that.
fn directory() -> TempDir {
    let shared = Path::new("/dev/shm");
    match shared.is_dir() {
        true => tempfile::tempdir_in(shared),
        false => tempfile::tempdir(),
    }
    .expect("a temporary directory")
}

fn session_file(directory: &Path) -> PathBuf {
    let entries = std::fs::read_dir(directory).expect("it is there").flatten();
    let mut paths = entries.map(|entry| entry.path());
    paths
        .find(|path| path.extension().is_some_and(|end| end == "session"))
        .expect("the session is stored")
}

/// Waits for the storage's thread.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}

#[derive(Default)]
struct Open(Mutex<Option<String>>);

impl Keychain for Open {
    fn read(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
        let secret = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(secret.clone().map(Zeroizing::new))
    }

    fn write(&self, secret: &str) -> Result<(), KeychainError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(secret.to_owned());
        Ok(())
    }
}

struct Closed;

impl Keychain for Closed {
    fn read(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
        Err(KeychainError::new("there is none"))
    }

    fn write(&self, _: &str) -> Result<(), KeychainError> {
        Err(KeychainError::new("there is none"))
    }
}
