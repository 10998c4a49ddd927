//! What happens to a stored text: who may replace it, and what becomes of one that is damaged.
//!
//! | Found | Reading it gives | Afterwards |
//! |---|---|---|
//! | damaged, cut short, too long, a link, a pipe | [`StoredError::Corrupt`] | set aside, so that the next read finds nothing |
//! | another name inside, another user's file, a seal whose key is gone | [`StoredError::Foreign`] | set aside |
//! | plain, where plain files are not the policy | [`StoredError::Foreign`] | removed: it is open to read |
//! | a newer version | [`StoredError::Version`] | untouched, until something else is stored: then set aside |
//! | sealed, and the keychain does not open | [`PortError::Unavailable`] | untouched |

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::directory::{Directory, Found, stem};
use super::file_lock::{FileLock, IfStuck, Locked};
use super::seal;
use super::sealer::{Form, Sealer};
use crate::port::{PortError, StoredError};

/// How long somebody who is at the files is waited for: they hold them for a look and a rename.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long after taking the lock a swap may still rename. A process that was stopped in between finds that others
/// have stopped waiting for it.
const LEASE: Duration = Duration::from_secs(2);

const STORED: &str = "the stored session";
const STORE_LOCK: &str = "store.lock";
/// What the name of a stored text ends with.
pub(super) const SESSION: &str = ".session";
const CORRUPT: &str = ".corrupt-1";
const NEWER: &str = ".newer-1";

/// Files and seals together. Its calls block.
pub(super) struct Vault {
    directory: Option<Arc<Directory>>,
    sealer: Sealer,
    /// What is kept in this process alone.
    memory: BTreeMap<String, Zeroizing<String>>,
    has_swept: bool,
}

impl Vault {
    pub(super) fn new(directory: Option<Arc<Directory>>, sealer: Sealer) -> Self {
        Self {
            directory,
            sealer,
            memory: BTreeMap::new(),
            has_swept: false,
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
            self.sealer.without_directory()?;
            self.memory.insert(key.to_owned(), text.to_owned().into());
            return Ok(());
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
        let kept = self.memory.get(key);
        if kept.is_some_and(|text| text.as_str() != from) {
            return Ok(false);
        }
        let is_kept = kept.is_some();
        let swapped = match self.directory.clone() {
            Some(directory) => self.swap_in(&directory, key, from, to, is_kept)?,
            None => false,
        };
        match (is_kept, swapped) {
            (true, true) => drop(self.memory.remove(key)),
            (true, false) => drop(self.memory.insert(key.to_owned(), to.to_owned().into())),
            (false, _) => {}
        }
        Ok(swapped || is_kept)
    }

    /// Swaps in the files. What is kept in memory belongs into a file as soon as the keychain opens, if there is no
    /// other by then.
    fn swap_in(
        &mut self,
        directory: &Directory,
        key: &str,
        from: &str,
        to: &str,
        is_kept: bool,
    ) -> Result<bool, PortError> {
        self.sweep(directory);
        let bytes = match self.form(directory, key, to)? {
            Form::File(bytes) => bytes,
            Form::Memory if is_kept => return Ok(false),
            // Without a keychain a file cannot even be compared. Without a file there is nothing to replace.
            Form::Memory => {
                self.look(directory, key)?;
                return Ok(false);
            }
        };
        let file = file(key);
        // Down to the disk before anybody is kept waiting.
        let draft = directory.draft(&file, &bytes).map_err(unavailable)?;
        let alone = alone(directory)?;
        let found = self.look_and_tidy(directory, key)?;
        let expected = (!is_kept).then_some(from);
        if found.as_ref().map(|text| text.as_str()) != expected {
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

    /// Reads what is there, and leaves it there.
    fn look(
        &mut self,
        directory: &Directory,
        key: &str,
    ) -> Result<Option<Zeroizing<String>>, PortError> {
        match directory.read(&file(key)).map_err(unavailable)? {
            Found::Nothing => Ok(None),
            Found::File(bytes) => self.sealer.open(key, &bytes).map(Some),
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
        let is_refused = match directory.read(&file) {
            Ok(Found::File(bytes)) => self.sealer.refuses(&bytes),
            _ => false,
        };
        let tidied = match is_refused {
            true => directory.remove(&file),
            false => directory.set_aside(&file, CORRUPT),
        };
        match tidied {
            Ok(()) => tracing::warn!("{error}; it is out of the way now"),
            Err(trouble) => tracing::warn!("{error}, and it stays where it is: {trouble}"),
        }
        found
    }

    fn form(&mut self, directory: &Directory, key: &str, text: &str) -> Result<Form, PortError> {
        let present = match directory.read(&file(key)) {
            Ok(Found::File(bytes)) => seal::read(&bytes).ok().and_then(|stored| stored.key_id),
            _ => None,
        };
        self.sealer.form(key, text, present, || alone(directory))
    }

    fn sweep(&mut self, directory: &Directory) {
        if !std::mem::replace(&mut self.has_swept, true) {
            directory.sweep(None);
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
    match directory.lock(STORE_LOCK, PATIENCE, IfStuck::GiveUp, || false) {
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
