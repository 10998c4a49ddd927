//! One lock file, locked as the system does it: [`flock(2)`](https://man7.org/linux/man-pages/man2/flock.2.html) or
//! [`LockFileEx`](https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-lockfileex). The system frees it with
//! the process that holds it, however that ends; a process that is only stopped keeps it.
//!
//! The lock belongs to the open file, so that two holders in one process exclude each other as two processes do. A lock
//! on a removed file keeps nobody out, so the file is removed in one case only: when its holder is stuck, and those who
//! have waited go on without it. They then wait for each other at another file of this name.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::platform::system;

/// The first and the longest pause between two attempts. The system can wake a waiter by itself, but that wait could
/// not be given up.
const PAUSES: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(32)];

/// How long those who have waited for a stuck holder try to agree on going on. It takes a moment; but whoever is at it
/// may get stuck as well.
const AGREEMENT: Duration = Duration::from_secs(1);

/// What to do about a holder that does not let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IfStuck {
    /// Nothing: it may still be about to write.
    GiveUp,
    /// Go on without it, one after the other, where the system removes the name of a file that is open.
    GoOn,
}

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
        let _ = system::unlock(&self.file);
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
/// is over, with each holder anew, or `is_given_up` says so.
pub(super) fn lock(
    path: &Path,
    patience: Duration,
    if_stuck: IfStuck,
    is_given_up: impl Fn() -> bool,
) -> io::Result<Locked> {
    let mut start = Instant::now();
    let mut agreeing = None;
    let [mut pause, longest] = PAUSES;
    let mut file = open(path)?;
    loop {
        let is_busy = match system::try_lock(&file) {
            Ok(()) => false,
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(error)) => return Ok(Locked::Never(error)),
        };
        // Somebody may have cleared the directory meanwhile, or gone on; then others lock another file of this name.
        if !system::is_at(&file, path)? {
            file = open(path)?;
            start = Instant::now();
            agreeing = None;
            continue;
        }
        if !is_busy {
            let since = Instant::now();
            return Ok(Locked::Held(FileLock { file, since }));
        }
        let mut left = patience.saturating_sub(start.elapsed());
        if left.is_zero() && if_stuck == IfStuck::GoOn {
            if go_on(&file, path)? {
                continue;
            }
            let since = *agreeing.get_or_insert_with(Instant::now);
            left = AGREEMENT.saturating_sub(since.elapsed());
        }
        if left.is_zero() || is_given_up() {
            return Ok(Locked::Busy);
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(longest);
    }
}

/// Takes the name from a `file` whose holder is stuck, and says whether it did. One at a time looks and removes, or the
/// second would remove the file that the first has locked already; who finds another at it looks again soon.
fn go_on(file: &File, path: &Path) -> io::Result<bool> {
    let guard = open(&path.with_extension("stuck.lock"))?;
    match system::try_lock(&guard) {
        Ok(()) if system::is_at(file, path)? => system::take_name(path),
        _ => Ok(false),
    }
}

fn open(path: &Path) -> io::Result<File> {
    let file = system::open_to_lock(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("the lock file is no file")),
    }
}
