//! A stored file, sealed or plain, read by the storage that finds it.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};

use dioxus_auth0::config::WithoutKeychain;
use dioxus_auth0::platform::native::{Keychain, KeychainError, NativeStorage};
use dioxus_auth0::port::{PortError, Storage, StoredError};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::secrecy::{assert_unsaid, told};
use crate::world::SESSION;

const TEXT: &str = r#"{"version":1,"refresh_token":"rt-s3cr3t"}"#;

/// Of a file that is not to the bit what was written, nothing is read; it is put aside once, and a write heals all.
pub fn run(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    PLACES.with_borrow_mut(|places| {
        let [sealed, plain] = places;
        let place = match kind & 1 {
            0 => sealed.get_or_insert_with(|| Place::new(true)),
            _ => plain.get_or_insert_with(|| Place::new(false)),
        };
        let file = match kind & 2 {
            0 => bytes.to_vec(),
            _ => place.changed(bytes),
        };
        place.check(&file);
    });
}

thread_local! {
    static PLACES: RefCell<[Option<Place>; 2]> = const { RefCell::new([None, None]) };
}

/// A directory with one stored session.
struct Place {
    directory: TempDir,
    storage: NativeStorage,
    policy: WithoutKeychain,
    file: PathBuf,
    /// What was written.
    whole: Vec<u8>,
}

impl Place {
    fn new(is_sealed: bool) -> Self {
        let directory = directory();
        let (keychain, policy): (Arc<dyn Keychain>, _) = match is_sealed {
            true => (Arc::new(Open::default()), WithoutKeychain::Refuse),
            false => (Arc::new(Closed), WithoutKeychain::PlainFile),
        };
        let path = directory.path().to_owned();
        let mut place = Self {
            file: path.clone(),
            directory,
            storage: NativeStorage::new(Some(path), keychain, policy),
            policy,
            whole: Vec::new(),
        };
        block_on(place.storage.set(SESSION, TEXT)).expect("it is stored");
        place.file = session_file(place.directory.path());
        place.whole = std::fs::read(&place.file).expect("the file is there");
        place
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
        let found = block_on(self.storage.get(SESSION));
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
            Err(PortError::Unavailable { what, .. }) => {
                assert_eq!(*what, "the keychain");
                assert_eq!(self.policy, WithoutKeychain::PlainFile);
                assert_eq!(std::fs::read(&self.file).ok().as_deref(), Some(file));
            }
            other => panic!("{other:?}"),
        }
        let again = block_on(self.storage.get(SESSION));
        match found {
            Err(PortError::Unavailable { .. } | PortError::Stored(StoredError::Version { .. })) => {
                assert_eq!(again, found, "what may be read one day is left alone");
                assert_eq!(std::fs::read(&self.file).ok().as_deref(), Some(file));
            }
            _ => assert_eq!(again, Ok(None), "it is out of the way"),
        }
        assert_eq!(block_on(self.storage.remove(SESSION)), Ok(()));
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
    let mut future = pin!(future);
    let waker = Arc::new(Unpark(thread::current())).into();
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
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
