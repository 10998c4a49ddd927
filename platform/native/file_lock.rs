//! One lock file, locked as the system does it: [`flock(2)`](https://man7.org/linux/man-pages/man2/flock.2.html) or
//! [`LockFileEx`](https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-lockfileex). The system frees it with
//! the process that holds it, however that ends; a process that is only stopped keeps it.
//!
//! The file is never removed: a lock on a removed file keeps nobody out. The lock belongs to the open file, so that two
//! holders in one process exclude each other as two processes do.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::platform::system;

/// The first and the longest pause between two attempts. The system can wake a waiter by itself, but that wait could
/// not be given up.
const PAUSES: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(32)];

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(super) struct FileLock {
    file: File,
    since: Instant,
}

impl FileLock {
    /// Returns how long it has been held, as far as this process was awake to know: a process that was stopped finds
    /// out here.
    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing frees it too, but not while a child that is being started still shares the open file.
        let _ = self.file.unlock();
    }
}

/// What came of locking.
#[derive(Debug)]
pub(super) enum Locked {
    /// It is held.
    Held(FileLock),
    /// Somebody else held it until the wait was over.
    Busy,
    /// The file system does not lock, as some on a network do not (`ENOLCK`).
    Never(io::Error),
}

/// Locks the file at `path`, which is made if it is not there. While somebody else holds it, it waits until `patience`
/// is over or `is_given_up` says so.
pub(super) fn lock(
    path: &Path,
    patience: Duration,
    is_given_up: impl Fn() -> bool,
) -> io::Result<Locked> {
    let start = Instant::now();
    let [mut pause, longest] = PAUSES;
    let mut file = open(path)?;
    loop {
        match file.try_lock() {
            // Somebody may have cleared the directory meanwhile; then others lock another file of this name.
            Ok(()) if system::is_at(&file, path)? => {
                let since = Instant::now();
                return Ok(Locked::Held(FileLock { file, since }));
            }
            Ok(()) => file = open(path)?,
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Ok(Locked::Never(error)),
        }
        let left = patience.saturating_sub(start.elapsed());
        if left.is_zero() || is_given_up() {
            return Ok(Locked::Busy);
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(longest);
    }
}

fn open(path: &Path) -> io::Result<File> {
    let file = system::open_to_lock(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("the lock file is no file")),
    }
}
