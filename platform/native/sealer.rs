//! Which seal a stored text gets, and which are opened.
//!
//! Without a keychain the [policy](WithoutKeychain) decides about what is written. A plain file from such a time is read
//! later on as well, and sealed with the next write; where plain files are not the policy, it is refused.

use zeroize::Zeroizing;

use super::file_lock::FileLock;
use super::keychain::{KeychainError, Keys};
use super::seal::{self, DataKey, KeyId};
use crate::config::WithoutKeychain;
use crate::port::{PortError, StoredError};

/// How a text is to be stored.
pub(super) enum Form {
    /// In a file with these bytes.
    File(Zeroizing<Vec<u8>>),
    /// In this process alone.
    Memory,
}

/// The key of what is stored, and what to do without.
pub(super) struct Sealer {
    keys: Keys,
    policy: WithoutKeychain,
    has_warned: bool,
}

impl Sealer {
    pub(super) fn new(keys: Keys, policy: WithoutKeychain) -> Self {
        Self {
            keys,
            policy,
            has_warned: false,
        }
    }

    /// Opens the file that is stored under `key`.
    pub(super) fn open(&mut self, key: &str, bytes: &[u8]) -> Result<Zeroizing<String>, PortError> {
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

    /// Says whether a file is plain that should have been sealed.
    pub(super) fn refuses(&self, bytes: &[u8]) -> bool {
        let is_plain = seal::read(bytes).is_ok_and(|stored| stored.key_id.is_none());
        is_plain && self.policy != WithoutKeychain::PlainFile
    }

    /// Writes `text` as it is to be stored under `key`, where a file sealed with the key `present` may be already.
    ///
    /// A key is made if there is none, while `alone` keeps others out: two processes that made one at once would lock
    /// each other out.
    pub(super) fn form(
        &mut self,
        key: &str,
        text: &str,
        present: Option<KeyId>,
        alone: impl FnOnce() -> Result<Option<FileLock>, PortError>,
    ) -> Result<Form, PortError> {
        let error = match self.key_to_write(present, alone) {
            Ok(key_found) => return file(key, text, Some(key_found)),
            Err(error) => error,
        };
        match self.policy {
            WithoutKeychain::Refuse => Err(locked_up(&error)),
            WithoutKeychain::Memory => {
                self.warn(&format!(
                    "sessions end with this process: the keychain cannot be used: {error}"
                ));
                Ok(Form::Memory)
            }
            WithoutKeychain::PlainFile => {
                self.warn(&format!(
                    "sessions are stored in plain text, for this user of the machine to read alone: the keychain cannot be used: {error}"
                ));
                file(key, text, None)
            }
        }
    }

    /// Says whether a text may be kept in memory where the system has no directory for it: what is missing there is
    /// the file, not the seal.
    pub(super) fn without_directory(&mut self) -> Result<(), PortError> {
        if self.policy == WithoutKeychain::Refuse {
            return Err(PortError::Unavailable {
                what: "a directory to store sessions in",
                why: "the system names none".into(),
            });
        }
        self.warn("sessions end with this process: the system names no directory for them");
        Ok(())
    }

    fn key_to_write(
        &mut self,
        present: Option<KeyId>,
        alone: impl FnOnce() -> Result<Option<FileLock>, PortError>,
    ) -> Result<&DataKey, KeychainError> {
        self.expect_key(present);
        if self.keys.find()?.is_none() {
            let alone = alone().map_err(|error| KeychainError::new(error.to_string()));
            let _alone = alone?;
            if self.keys.find()?.is_none() {
                self.keys.create()?;
            }
        }
        let known = self.keys.known();
        known.ok_or_else(|| KeychainError::new("it did not keep the key"))
    }

    /// Forgets a key that is not the one in use: another process may have made a new one.
    fn expect_key(&mut self, id: Option<KeyId>) {
        if self.keys.known().map(DataKey::id) != id {
            self.keys.forget();
        }
    }

    /// Tells the log, once.
    fn warn(&mut self, text: &str) {
        if !std::mem::replace(&mut self.has_warned, true) {
            tracing::warn!("{text}");
        }
    }
}

fn file(key: &str, text: &str, data_key: Option<&DataKey>) -> Result<Form, PortError> {
    match seal::write(key, text, data_key) {
        Some(bytes) => Ok(Form::File(bytes)),
        None => Err(PortError::Unavailable {
            what: "random numbers",
            why: "the operating system gave none".into(),
        }),
    }
}

fn locked_up(error: &KeychainError) -> PortError {
    PortError::Unavailable {
        what: "the keychain",
        why: error.to_string(),
    }
}
