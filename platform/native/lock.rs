//! A lock file for each name, mode 0600, beside the sessions: one process at a time spends a refresh token.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_channel::oneshot;

use super::directory::{Directory, stem};
use super::file_lock::{IfStuck, Locked};
use crate::port::{Held, LOCK_TIMEOUT, Lock, Task};

/// Locks among all processes of this user that share a directory, and all windows of one.
///
/// A thread waits, so that the window goes on; it stops when nobody wants the lock any more. Those who have waited too
/// long for a holder that is stuck go on without it, one after the other. Whoever gets no lock all the same, since the
/// file system has none, goes on without one: what is guarded bears being done twice.
#[derive(Debug)]
pub struct NativeLock {
    directory: Arc<Directory>,
    timeout: Duration,
}

impl NativeLock {
    /// Keeps the lock files in `directory`.
    pub fn new(directory: PathBuf) -> Self {
        Self {
            directory: Arc::new(Directory::new(directory)),
            timeout: LOCK_TIMEOUT,
        }
    }

    /// Waits no longer than this for a holder that is stuck.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

impl Lock for NativeLock {
    fn hold<'a>(&'a self, name: &'a str) -> Task<'a, Held> {
        let (directory, timeout) = (self.directory.clone(), self.timeout);
        let file = [&stem(name), ".lock"].concat();
        Box::pin(async move {
            let (sender, receiver) = oneshot::channel();
            let thread = std::thread::Builder::new().name("lock".into());
            let thread = thread.spawn(move || {
                let locked = directory.lock(&file, timeout, IfStuck::GoOn, || sender.is_canceled());
                // If nobody takes it, it is dropped here, and free.
                let _ = sender.send(locked);
            });
            let locked = match thread {
                Ok(_) => receiver.await.ok(),
                Err(_) => None,
            };
            Ok(match locked {
                Some(Ok(Locked::Held(lock))) => Box::new(lock) as Held,
                Some(Ok(Locked::Never(_))) => Box::new(()),
                Some(Ok(Locked::Busy)) => {
                    tracing::warn!("another process does not let go of the session; going on");
                    Box::new(())
                }
                Some(Err(error)) => {
                    tracing::warn!("the session cannot be locked: {error}");
                    Box::new(())
                }
                None => Box::new(()),
            })
        })
    }
}
