//! What happens to a stored text: which seal it gets, who may replace it, and what becomes of one that is damaged.
//!
//! | Found | Reading it gives | Afterwards |
//! |---|---|---|
//! | damaged, cut short, too long, a link, a pipe | [`StoredError::Corrupt`] | set aside, so that the next read finds nothing |
//! | another name inside, another user's file, a seal whose key is gone | [`StoredError::Foreign`] | set aside |
//! | plain, where plain files are not the policy | [`StoredError::Foreign`] | removed: it is open to read |
//! | a newer version | [`StoredError::Version`] | untouched, until something else is stored: then set aside |
//! | sealed, and the keychain does not open | [`PortError::Unavailable`] | untouched |
//!
//! Without a keychain the [policy](WithoutKeychain) decides about what is written. A plain file from such a time is
//! read later on as well, and sealed with the next write.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::directory::{Directory, Found, stem};
use super::file_lock::{FileLock, Locked};
use super::keychain::{KeychainError, Keys};
use super::seal::{self, DataKey};
use crate::config::WithoutKeychain;
use crate::port::{PortError, StoredError};

/// How long somebody who is at the files is waited for: they hold them for a look and a rename.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long after taking the lock a swap may still rename. A process that was stopped in between finds that others
/// have stopped waiting for it.
const LEASE: Duration = Duration::from_secs(2);

const STORED: &str = "the stored session";
const STORE_LOCK: &str = "store.lock";
const SESSION: &str = ".session";
const CORRUPT: &str = ".corrupt-1";
const NEWER: &str = ".newer-1";

/// How a text is to be stored.
enum Form {
    File(Zeroizing<Vec<u8>>),
    Memory,
}

/// Files, keychain and policy together. Its calls block.
pub(super) struct Vault {
    directory: Option<Arc<Directory>>,
    keys: Keys,
    policy: WithoutKeychain,
    /// What is kept in this process alone.
    memory: BTreeMap<String, Zeroizing<String>>,
    has_swept: bool,
    has_warned: bool,
}

impl Vault {
    pub(super) fn new(
        directory: Option<Arc<Directory>>,
        keys: Keys,
        policy: WithoutKeychain,
    ) -> Self {
        Self {
            directory,
            keys,
            policy,
            memory: BTreeMap::new(),
            has_swept: false,
            has_warned: false,
        }
    }

    pub(super) fn get(&mut self, key: &str) -> Result<Option<Zeroizing<String>>, PortError> {
        if let Some(text) = self.memory.get(key) {
            return Ok(Some(text.clone()));
        }
        let Some(directory) = self.directory.clone() else {
            return Ok(None);
        };
        self.sweep(&directory);
        match self.look(&directory, key) {
            Err(PortError::Stored(first)) => match alone(&directory) {
                // Somebody else may have replaced the file since: the last word is spoken under the lock.
                Ok(_alone) => self.look_and_tidy(&directory, key),
                Err(_) => Err(first.into()),
            },
            other => other,
        }
    }

    pub(super) fn set(&mut self, key: &str, text: &str) -> Result<(), PortError> {
        let Some(directory) = self.directory.clone() else {
            return self.keep_without_directory(key, text);
        };
        self.sweep(&directory);
        let bytes = match self.form(&directory, key, text)? {
            Form::File(bytes) => bytes,
            Form::Memory => {
                remove(&directory, key)?;
                self.memory.insert(key.to_owned(), text.to_owned().into());
                return Ok(());
            }
        };
        let file = file(key);
        let draft = directory.draft(&file, &bytes).map_err(unavailable)?;
        let _alone = alone(&directory)?;
        let in_the_way = match directory.read(&file) {
            Ok(Found::File(bytes)) => match seal::read(&bytes) {
                Err(StoredError::Version { .. }) => Some(NEWER),
                _ => None,
            },
            // A directory cannot be renamed over.
            Ok(Found::Odd) => Some(CORRUPT),
            _ => None,
        };
        if let Some(kind) = in_the_way {
            directory.set_aside(&file, kind).map_err(unavailable)?;
        }
        draft.commit(&file).map_err(unavailable)?;
        self.memory.remove(key);
        Ok(())
    }

    pub(super) fn swap(&mut self, key: &str, from: &str, to: &str) -> Result<bool, PortError> {
        if let Some(text) = self.memory.get_mut(key) {
            let is_there = text.as_str() == from;
            if is_there {
                *text = to.to_owned().into();
            }
            return Ok(is_there);
        }
        let Some(directory) = self.directory.clone() else {
            return Ok(false);
        };
        self.sweep(&directory);
        let bytes = match self.form(&directory, key, to)? {
            Form::File(bytes) => bytes,
            // Without a keychain a file cannot even be compared. Without a file there is nothing to replace.
            Form::Memory => {
                self.look(&directory, key)?;
                return Ok(false);
            }
        };
        let file = file(key);
        // Down to the disk before anybody is kept waiting.
        let draft = directory.draft(&file, &bytes).map_err(unavailable)?;
        let alone = alone(&directory)?;
        let found = self.look_and_tidy(&directory, key)?;
        if found.as_ref().map(|text| text.as_str()) != Some(from) {
            return Ok(false);
        }
        if alone.as_ref().is_some_and(|lock| lock.age() > LEASE) {
            return Err(PortError::Unavailable {
                what: STORED,
                why: "this process was held up for too long".into(),
            });
        }
        draft.commit(&file).map_err(unavailable)?;
        Ok(true)
    }

    pub(super) fn remove(&mut self, key: &str) -> Result<(), PortError> {
        self.memory.remove(key);
        match &self.directory {
            Some(directory) => remove(directory, key),
            None => Ok(()),
        }
    }

    pub(super) fn keys(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        let mut keys: Vec<String> = self.memory.keys().cloned().collect();
        if let Some(directory) = &self.directory {
            for file in directory.names() {
                if !file.ends_with(SESSION) {
                    continue;
                }
                if let Found::File(bytes) = directory.read(&file).map_err(unavailable)?
                    && let Ok(stored) = seal::read(&bytes)
                {
                    keys.push(stored.name.to_owned());
                }
            }
        }
        keys.retain(|key| key.starts_with(prefix));
        Ok(keys)
    }

    /// Keeps a text where the system has no directory for it: there the file is what is missing, not the seal.
    fn keep_without_directory(&mut self, key: &str, text: &str) -> Result<(), PortError> {
        if self.policy == WithoutKeychain::Refuse {
            return Err(PortError::Unavailable {
                what: "a directory to store sessions in",
                why: "the system names none".into(),
            });
        }
        if !std::mem::replace(&mut self.has_warned, true) {
            tracing::warn!(
                "sessions end with this process: the system names no directory for them"
            );
        }
        self.memory.insert(key.to_owned(), text.to_owned().into());
        Ok(())
    }

    /// Reads what is there, and leaves it there.
    fn look(
        &mut self,
        directory: &Directory,
        key: &str,
    ) -> Result<Option<Zeroizing<String>>, PortError> {
        match directory.read(&file(key)).map_err(unavailable)? {
            Found::Nothing => Ok(None),
            Found::File(bytes) => self.open(key, &bytes).map(Some),
            Found::Foreign => Err(StoredError::Foreign.into()),
            Found::Odd => Err(StoredError::Corrupt.into()),
        }
    }

    /// Reads what is there, and puts away what nobody can read. It wants the lock.
    fn look_and_tidy(
        &mut self,
        directory: &Directory,
        key: &str,
    ) -> Result<Option<Zeroizing<String>>, PortError> {
        let found = self.look(directory, key);
        let error = match &found {
            Err(PortError::Stored(StoredError::Version { .. })) => return found,
            Err(PortError::Stored(error)) => error,
            _ => return found,
        };
        let file = file(key);
        let tidied = match self.is_refused(directory, &file) {
            true => directory.remove(&file),
            false => directory.set_aside(&file, CORRUPT),
        };
        match tidied {
            Ok(()) => tracing::warn!("{error}; it is out of the way now"),
            Err(trouble) => tracing::warn!("{error}, and it stays where it is: {trouble}"),
        }
        found
    }

    /// Says whether a file is plain that should be sealed.
    fn is_refused(&self, directory: &Directory, file: &str) -> bool {
        let Ok(Found::File(bytes)) = directory.read(file) else {
            return false;
        };
        let is_plain = seal::read(&bytes).is_ok_and(|stored| stored.key_id.is_none());
        is_plain && self.policy != WithoutKeychain::PlainFile
    }

    fn open(&mut self, key: &str, bytes: &[u8]) -> Result<Zeroizing<String>, PortError> {
        let stored = seal::read(bytes)?;
        if stored.name != key {
            return Err(StoredError::Foreign.into());
        }
        let Some(id) = stored.key_id else {
            return match self.policy {
                WithoutKeychain::PlainFile => Ok(stored.plain()?),
                _ => Err(StoredError::Foreign.into()),
            };
        };
        self.expect_key(Some(id));
        match self.keys.find() {
            Ok(Some(key)) if key.id() == id => Ok(stored.open(key)?),
            Ok(_) => Err(StoredError::Foreign.into()),
            Err(error) => Err(locked_up(&error)),
        }
    }

    fn form(&mut self, directory: &Directory, key: &str, text: &str) -> Result<Form, PortError> {
        let known = self.key_to_write(directory, key);
        let (data_key, error) = match known {
            Ok(()) => (self.keys.known(), None),
            Err(error) => (None, Some(error)),
        };
        let bytes = || seal::write(key, text, data_key).ok_or_else(no_randomness);
        let Some(error) = error else {
            return Ok(Form::File(bytes()?));
        };
        let form = match self.policy {
            WithoutKeychain::Refuse => return Err(locked_up(&error)),
            WithoutKeychain::Memory => Form::Memory,
            WithoutKeychain::PlainFile => Form::File(bytes()?),
        };
        self.warn(&error);
        Ok(form)
    }

    /// Sees to it that the key to write with is known; a new one if the keychain has none.
    fn key_to_write(&mut self, directory: &Directory, key: &str) -> Result<(), KeychainError> {
        let id = match directory.read(&file(key)) {
            Ok(Found::File(bytes)) => seal::read(&bytes).ok().and_then(|stored| stored.key_id),
            _ => None,
        };
        self.expect_key(id);
        if self.keys.find()?.is_some() {
            return Ok(());
        }
        // Two processes that made a key at once would lock each other out.
        let alone = alone(directory).map_err(|error| KeychainError::new(error.to_string()));
        let _alone = alone?;
        if self.keys.find()?.is_none() {
            self.keys.create()?;
        }
        Ok(())
    }

    /// Forgets a key that is not the one in use: another process may have made a new one.
    fn expect_key(&mut self, id: Option<[u8; seal::ID_LEN]>) {
        if self.keys.known().map(DataKey::id) != id {
            self.keys.forget();
        }
    }

    fn sweep(&mut self, directory: &Directory) {
        if !std::mem::replace(&mut self.has_swept, true) {
            directory.sweep(None);
        }
    }

    fn warn(&mut self, error: &KeychainError) {
        if std::mem::replace(&mut self.has_warned, true) {
            return;
        }
        match self.policy {
            WithoutKeychain::PlainFile => tracing::warn!(
                "sessions are stored in plain text, for this user of the machine to read alone: the keychain cannot be used: {error}"
            ),
            _ => tracing::warn!(
                "sessions end with this process: the keychain cannot be used: {error}"
            ),
        }
    }
}

/// Removes everything that is stored under `key`, whatever state it is in: it may hold tokens.
fn remove(directory: &Directory, key: &str) -> Result<(), PortError> {
    if !directory.is_there().map_err(unavailable)? {
        return Ok(());
    }
    let file = file(key);
    // Somebody who does not let go must not keep the user from logging out. A swap that is as late as that gives up.
    let _alone = alone(directory);
    for kind in ["", CORRUPT, NEWER] {
        let name = [file.as_str(), kind].concat();
        directory.remove(&name).map_err(unavailable)?;
    }
    directory.sweep(Some(&file));
    Ok(())
}

fn file(key: &str) -> String {
    [&stem(key), SESSION].concat()
}

/// Keeps other processes out until what it returns is dropped; nobody, where the file system does not lock.
fn alone(directory: &Directory) -> Result<Option<FileLock>, PortError> {
    match directory.lock(STORE_LOCK, PATIENCE, || false) {
        Ok(Locked::Held(lock)) => Ok(Some(lock)),
        Ok(Locked::Never(_)) => Ok(None),
        Ok(Locked::Busy) => Err(PortError::Unavailable {
            what: STORED,
            why: "another process does not let go of it".into(),
        }),
        Err(error) => Err(unavailable(error)),
    }
}

fn unavailable(error: io::Error) -> PortError {
    PortError::Unavailable {
        what: STORED,
        why: error.to_string(),
    }
}

fn locked_up(error: &KeychainError) -> PortError {
    PortError::Unavailable {
        what: "the keychain",
        why: error.to_string(),
    }
}

fn no_randomness() -> PortError {
    PortError::Unavailable {
        what: "random numbers",
        why: "the operating system gave none".into(),
    }
}
