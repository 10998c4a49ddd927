//! Keychains that do what a test says.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use dioxus_auth0::config::WithoutKeychain;
use dioxus_auth0::platform::native::{Keychain, KeychainError, NativeStorage};
use zeroize::Zeroizing;

/// A keychain in memory, which can be closed and made to hang.
#[derive(Default)]
pub(crate) struct MemoryKeychain {
    secret: Mutex<Option<String>>,
    is_closed: AtomicBool,
    is_hanging: Mutex<bool>,
    goes_on: Condvar,
    questions: AtomicUsize,
    is_slow: AtomicBool,
}

impl MemoryKeychain {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn closed() -> Arc<Self> {
        let keychain = Self::new();
        keychain.close(true);
        keychain
    }

    /// What a system answers without a keychain, with a locked one, or when the user closes the prompt.
    pub(crate) fn close(&self, is_closed: bool) {
        self.is_closed.store(is_closed, Ordering::SeqCst);
    }

    pub(crate) fn hang(&self, hangs: bool) {
        *lock(&self.is_hanging) = hangs;
        self.goes_on.notify_all();
    }

    /// Makes it take its time to write, as one behind a bus does.
    pub(crate) fn slow_down(&self) {
        self.is_slow.store(true, Ordering::SeqCst);
    }

    pub(crate) fn plant(&self, secret: Option<&str>) {
        *lock(&self.secret) = secret.map(str::to_owned);
    }

    pub(crate) fn secret(&self) -> Option<String> {
        lock(&self.secret).clone()
    }

    /// How often it was asked for anything.
    pub(crate) fn questions(&self) -> usize {
        self.questions.load(Ordering::SeqCst)
    }

    fn answer(&self) -> Result<(), KeychainError> {
        self.questions.fetch_add(1, Ordering::SeqCst);
        let mut hangs = lock(&self.is_hanging);
        while *hangs {
            hangs = self
                .goes_on
                .wait(hangs)
                .unwrap_or_else(PoisonError::into_inner);
        }
        match self.is_closed.load(Ordering::SeqCst) {
            true => Err(KeychainError::new("told to stay closed")),
            false => Ok(()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Keychain for MemoryKeychain {
    fn read(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
        self.answer()?;
        Ok(self.secret().map(Zeroizing::new))
    }

    fn write(&self, secret: &str) -> Result<(), KeychainError> {
        self.answer()?;
        if self.is_slow.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.plant(Some(secret));
        Ok(())
    }
}

/// A keychain in a file, for several processes; none at all without one.
pub(crate) struct FileKeychain(pub(crate) Option<PathBuf>);

impl Keychain for FileKeychain {
    fn read(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
        let path = self.path()?;
        match std::fs::read_to_string(path) {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(_) => Ok(None),
        }
    }

    fn write(&self, secret: &str) -> Result<(), KeychainError> {
        let written = std::fs::write(self.path()?, secret);
        written.map_err(|error| KeychainError::new(error.to_string()))
    }
}

impl FileKeychain {
    fn path(&self) -> Result<&PathBuf, KeychainError> {
        let path = self.0.as_ref();
        path.ok_or_else(|| KeychainError::new("there is none"))
    }
}

/// A store in `directory` that waits a tenth of a second for its keychain.
pub(crate) fn store(
    directory: &std::path::Path,
    keychain: &Arc<MemoryKeychain>,
    policy: WithoutKeychain,
) -> NativeStorage {
    NativeStorage::new(Some(directory.to_owned()), keychain.clone(), policy)
        .keychain_timeout(Duration::from_millis(100))
}

/// A store that seals.
pub(crate) fn sealed(directory: &std::path::Path, keychain: &Arc<MemoryKeychain>) -> NativeStorage {
    store(directory, keychain, WithoutKeychain::Refuse)
}

/// A store without a keychain that writes plain files.
pub(crate) fn plain(directory: &std::path::Path) -> NativeStorage {
    store(
        directory,
        &MemoryKeychain::closed(),
        WithoutKeychain::PlainFile,
    )
}
