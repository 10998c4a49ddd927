//! The key of what is stored: 32 random bytes in the system's keychain, fetched once.
//!
//! A keychain may be missing, locked, asking its user, or hanging. Each question is therefore put on a thread of its
//! own, one at a time, and waited for no longer than a few seconds. A question that was not answered in time goes on:
//! when its answer comes after all, the next use finds it.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::seal::DataKey;

/// How long a keychain may take before the app goes on without it.
pub const KEYCHAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a refusal holds: a user who has closed the prompt is not asked again with every click.
const REFUSAL_HOLDS: Duration = Duration::from_secs(60);

/// Keeps one short secret for one app and one user of the machine.
///
/// Both calls **may** block, ask the user, or never return; they are made on a thread that may be left behind.
pub trait Keychain: Send + Sync {
    /// Reads the secret, if there is one.
    ///
    /// # Errors
    ///
    /// [`KeychainError`] when nobody can tell: there is no keychain, or it stays closed.
    fn read(&self) -> Result<Option<Zeroizing<String>>, KeychainError>;

    /// Writes the secret in place of any other.
    ///
    /// # Errors
    ///
    /// [`KeychainError`] when it is not kept.
    fn write(&self, secret: &str) -> Result<(), KeychainError>;
}

/// A keychain that is not there or does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct KeychainError {
    why: String,
}

impl KeychainError {
    /// Fails for this reason.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

type Answer = Result<Option<Zeroizing<String>>, KeychainError>;

/// The key as this process knows it.
pub(super) struct Keys {
    keychain: Arc<dyn Keychain>,
    patience: Duration,
    known: Option<DataKey>,
    asked: Option<Receiver<Answer>>,
    refusal: Option<(Instant, KeychainError)>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Keys {
    pub(super) fn new(keychain: Arc<dyn Keychain>, patience: Duration) -> Self {
        Self {
            keychain,
            patience,
            known: None,
            asked: None,
            refusal: None,
        }
    }

    /// Returns the key that is known without asking.
    pub(super) fn known(&self) -> Option<&DataKey> {
        self.known.as_ref()
    }

    /// Returns the key, or nothing where the keychain has none. It is asked once, unless told otherwise by [`forget`].
    ///
    /// [`forget`]: Self::forget
    pub(super) fn find(&mut self) -> Result<Option<&DataKey>, KeychainError> {
        if self.known.is_none() {
            let keychain = self.keychain.clone();
            self.known = self.ask(move || keychain.read())?;
        }
        Ok(self.known.as_ref())
    }

    /// Makes the next [`find`](Self::find) ask: another process may have made a new key.
    pub(super) fn forget(&mut self) {
        self.known = None;
    }

    /// Makes a key in place of any other. Nobody else **may** do so at the same time.
    pub(super) fn create(&mut self) -> Result<(), KeychainError> {
        let key = DataKey::generate()
            .ok_or_else(|| KeychainError::new("there is no randomness to make a key of"))?;
        let keychain = self.keychain.clone();
        // What is used is what was read back: some keychains take everything and keep nothing.
        self.known = self.ask(move || {
            keychain.write(&key.to_text())?;
            keychain.read()
        })?;
        Ok(())
    }

    fn ask(
        &mut self,
        question: impl FnOnce() -> Answer + Send + 'static,
    ) -> Result<Option<DataKey>, KeychainError> {
        let answer = match self.asked.take() {
            // It was waited for already, and the app does not stand still again for the same question.
            Some(asked) => match asked.try_recv() {
                Ok(answer) => answer,
                Err(TryRecvError::Empty) => {
                    self.asked = Some(asked);
                    return Err(self.hangs());
                }
                Err(TryRecvError::Disconnected) => Err(broke_off()),
            },
            None => {
                if let Some((since, refusal)) = &self.refusal
                    && since.elapsed() < REFUSAL_HOLDS
                {
                    return Err(refusal.clone());
                }
                let (sender, receiver) = channel();
                let asking = std::thread::Builder::new().name("keychain".into());
                let asking = asking.spawn(move || {
                    // Whoever asked may be gone by now.
                    let _ = sender.send(question());
                });
                if asking.is_err() {
                    return Err(KeychainError::new("the system gave no thread to ask it"));
                }
                match receiver.recv_timeout(self.patience) {
                    Ok(answer) => answer,
                    Err(RecvTimeoutError::Timeout) => {
                        self.asked = Some(receiver);
                        return Err(self.hangs());
                    }
                    Err(RecvTimeoutError::Disconnected) => Err(broke_off()),
                }
            }
        };
        self.refusal = answer.clone().err().map(|error| (Instant::now(), error));
        // What is no key counts as none: it opens nothing, and a new one takes its place.
        Ok(answer?.and_then(|text| DataKey::from_text(&text)))
    }

    fn hangs(&self) -> KeychainError {
        let seconds = self.patience.as_secs_f32();
        KeychainError::new(format!("it did not answer within {seconds} s"))
    }
}

fn broke_off() -> KeychainError {
    KeychainError::new("it broke off")
}
