//! Sessions in files of mode 0600, sealed with a key from the system's keychain.
//!
//! Writing waits for the disk and the keychain may ask its user, so all of it is done by a thread of its own, which
//! starts with the first use and ends with the storage. It needs no async runtime. What was begun is done to the end,
//! also when nobody waits for it any more: a refresh token that was just issued must not be lost with a view that
//! closes.

use std::cell::OnceCell;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use futures_channel::oneshot;
use zeroize::Zeroizing;

use super::directory::Directory;
use super::keychain::{KEYCHAIN_TIMEOUT, Keychain, Keys};
use super::sealer::Sealer;
use super::vault::Vault;
use crate::config::WithoutKeychain;
use crate::port::{PortError, Storage, Task};

type Job = Box<dyn FnOnce(&mut Vault) + Send>;

/// Keeps text in one directory, for this user of the machine.
pub struct NativeStorage {
    directory: Option<Arc<Directory>>,
    keychain: Arc<dyn Keychain>,
    keychain_timeout: Duration,
    policy: WithoutKeychain,
    jobs: OnceCell<Option<Sender<Job>>>,
}

impl fmt::Debug for NativeStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeStorage")
            .field("directory", &self.directory)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl NativeStorage {
    /// Keeps files in `directory`, or does what `policy` says where the system names none. Nothing is touched yet.
    pub fn new(
        directory: Option<PathBuf>,
        keychain: Arc<dyn Keychain>,
        policy: WithoutKeychain,
    ) -> Self {
        Self {
            directory: directory.map(|path| Arc::new(Directory::new(path))),
            keychain,
            keychain_timeout: KEYCHAIN_TIMEOUT,
            policy,
            jobs: OnceCell::new(),
        }
    }

    /// Waits for the keychain no longer than this.
    #[must_use]
    pub fn keychain_timeout(mut self, timeout: Duration) -> Self {
        self.keychain_timeout = timeout;
        self
    }

    /// Lets the thread do something, and waits for what comes of it.
    fn ask<'a, T: Send + 'static>(
        &'a self,
        work: impl FnOnce(&mut Vault) -> Result<T, PortError> + Send + 'static,
    ) -> Task<'a, T> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |vault| {
            // Whoever asked may have gone away since; the work counts all the same.
            let _ = sender.send(work(vault));
        });
        let jobs = self.jobs.get_or_init(|| self.start());
        let is_sent = jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        Box::pin(async move {
            match is_sent {
                true => receiver.await.unwrap_or_else(|_| Err(no_thread())),
                false => Err(no_thread()),
            }
        })
    }

    fn start(&self) -> Option<Sender<Job>> {
        let keys = Keys::new(self.keychain.clone(), self.keychain_timeout);
        let sealer = Sealer::new(keys, self.policy);
        let mut vault = Vault::new(self.directory.clone(), sealer);
        let (sender, jobs) = channel::<Job>();
        let thread = std::thread::Builder::new().name("sessions".into());
        let thread = thread.spawn(move || {
            for job in jobs {
                job(&mut vault);
            }
        });
        thread.is_ok().then_some(sender)
    }
}

fn no_thread() -> PortError {
    PortError::Unavailable {
        what: "the stored session",
        why: "the system gave no thread to reach it by".into(),
    }
}

impl Storage for NativeStorage {
    fn get<'a>(&'a self, key: &'a str) -> Task<'a, Option<String>> {
        let key = key.to_owned();
        Box::pin(async move {
            let text = self.ask(move |vault| vault.get(&key)).await?;
            Ok(text.map(|text| text.as_str().to_owned()))
        })
    }

    fn set<'a>(&'a self, key: &'a str, text: &'a str) -> Task<'a, ()> {
        let (key, text) = (key.to_owned(), secret(text));
        self.ask(move |vault| vault.set(&key, &text))
    }

    fn swap<'a>(&'a self, key: &'a str, from: &'a str, to: &'a str) -> Task<'a, bool> {
        let (key, from, to) = (key.to_owned(), secret(from), secret(to));
        self.ask(move |vault| vault.swap(&key, &from, &to))
    }

    fn remove<'a>(&'a self, key: &'a str) -> Task<'a, ()> {
        let key = key.to_owned();
        self.ask(move |vault| vault.remove(&key))
    }

    fn keys<'a>(&'a self, prefix: &'a str) -> Task<'a, Vec<String>> {
        let prefix = prefix.to_owned();
        self.ask(move |vault| vault.keys(&prefix))
    }
}

fn secret(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}
