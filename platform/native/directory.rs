//! The one directory of an app's sessions: closed to others, written so that a crash leaves the old file or the new one.
//!
//! The directory has mode 0700 and every file in it 0600, whatever the umask. What others could read, or write, is
//! closed again, and said so in the log once. Nothing is reached through a link, and nothing but a file is opened.
//! (Windows: access lists in place of modes.)
//!
//! | Name | What |
//! |---|---|
//! | `<digest>.session` | a stored text; the digest is of its key |
//! | `<digest>.session.draft-<random>` | one being written; it is locked for as long as its writer lives |
//! | `<digest>.session.corrupt-1`, `.newer-1` | one that could not be read, or not by this version; one of each at most |
//! | `<digest>.lock`, `store.lock` | locks, which stay |
//! | `<digest>.stuck.lock` | held for a moment by whoever takes the name from a lock whose holder is stuck |

use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::file_lock::{self, IfStuck, Locked};
use crate::platform::{keep_on_device, system};

/// The most bytes that are read of a stored file.
const MAX_BYTES: u64 = 2_000_000;

const DRAFT: &str = ".draft-";

/// The directory of an app's sessions. Nothing is made before something is written.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    has_warned: AtomicBool,
    has_warned_of_locks: AtomicBool,
}

/// What is at the place of a file.
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A file of this user, of a bearable length.
    File(Zeroizing<Vec<u8>>),
    /// A file that belongs to another user of the machine.
    Foreign,
    /// Something else: too long, a link, a pipe, a directory.
    Odd,
}

impl Directory {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            has_warned: AtomicBool::new(false),
            has_warned_of_locks: AtomicBool::new(false),
        }
    }

    /// Returns the path of a file in it.
    pub(super) fn at(&self, file: &str) -> PathBuf {
        self.path.join(file)
    }

    /// Makes the directory if it is not there, and closes it if it is open to others.
    pub(super) fn prepare(&self) -> io::Result<()> {
        if self.is_there()? {
            return Ok(());
        }
        system::create_directory(&self.path)?;
        if let Err(error) = keep_on_device(&self.path) {
            tracing::warn!("the directory of stored sessions may get into backups: {error}");
        }
        match self.is_there()? {
            true => Ok(()),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Says whether the directory is there, and this user's alone: it is closed if it is open to others.
    pub(super) fn is_there(&self) -> io::Result<bool> {
        let metadata = match std::fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            other => other?,
        };
        if !metadata.is_dir() {
            return Err(io::Error::other("its directory is a link or no directory"));
        }
        if !system::is_mine(&metadata) {
            return Err(io::Error::other("its directory belongs to another user"));
        }
        if !system::is_private(&metadata) {
            self.warn("the directory of stored sessions was open to others; it is closed now");
            system::restrict_directory(&self.path)?;
        }
        Ok(true)
    }

    /// Locks a file in it, for as long as what it returns is kept.
    ///
    /// Where the file system does not lock, everybody goes on as if alone: a session that two processes refresh at once
    /// may end in another login, one that nobody can refresh does.
    pub(super) fn lock(
        &self,
        file: &str,
        patience: Duration,
        if_stuck: IfStuck,
        is_given_up: impl Fn() -> bool,
    ) -> io::Result<Locked> {
        self.prepare()?;
        let locked = file_lock::lock(&self.at(file), patience, if_stuck, is_given_up)?;
        if let Locked::Never(error) = &locked
            && !self.has_warned_of_locks.swap(true, Ordering::Relaxed)
        {
            tracing::warn!("processes cannot keep each other out of stored sessions: {error}");
        }
        Ok(locked)
    }

    /// Reads a file.
    pub(super) fn read(&self, file: &str) -> io::Result<Found> {
        if !self.is_there()? {
            return Ok(Found::Nothing);
        }
        let path = self.at(file);
        let metadata = match std::fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            other => other?,
        };
        // Looked at before it is opened: opening a device may already do something.
        if !metadata.is_file() {
            return Ok(Found::Odd);
        }
        let opened = match system::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            other => other?,
        };
        let metadata = opened.metadata()?;
        if !metadata.is_file() || metadata.len() > MAX_BYTES {
            return Ok(Found::Odd);
        }
        if !system::is_mine(&metadata) {
            return Ok(Found::Foreign);
        }
        if !system::is_private(&metadata) {
            self.warn("a stored session was open to others; it is closed now");
            system::restrict(&opened)?;
        }
        if system::has_other_names(&metadata) {
            self.warn("a stored session has a second name; the next one will not");
        }
        let length = usize::try_from(metadata.len()).unwrap_or_default();
        let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
        opened.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        match bytes.len() as u64 > MAX_BYTES {
            true => Ok(Found::Odd),
            false => Ok(Found::File(bytes)),
        }
    }

    /// Writes what is to become `file`, down to the disk.
    pub(super) fn draft(&self, file: &str, bytes: &[u8]) -> io::Result<Draft<'_>> {
        self.prepare()?;
        let (path, opened) = loop {
            let path = self.at(&[file, DRAFT, &random()?].concat());
            let opened = system::create(&path)?;
            // From here on nobody takes it for what a killed process left. Without locks only its age protects it.
            match system::try_lock(&opened) {
                Err(TryLockError::WouldBlock) => continue,
                _ if system::is_at(&opened, &path)? => break (path, opened),
                _ => {}
            }
        };
        let mut draft = Draft {
            directory: self,
            path: Some(path),
            opened,
        };
        draft.opened.write_all(bytes)?;
        draft.opened.sync_all()?;
        Ok(draft)
    }

    /// Renames a file so that it is out of the way. One of its kind is kept; the one before goes.
    pub(super) fn set_aside(&self, file: &str, kind: &str) -> io::Result<()> {
        let (from, to) = (self.at(file), self.at(&[file, kind].concat()));
        std::fs::rename(&from, &to)?;
        if let Ok(opened) = system::open(&to)
            && opened.metadata()?.is_file()
        {
            system::restrict(&opened)?;
        }
        self.sync();
        Ok(())
    }

    /// Removes a file, if it is there.
    pub(super) fn remove(&self, file: &str) -> io::Result<()> {
        match std::fs::remove_file(self.at(file)) {
            Ok(()) => self.sync(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // Nothing here makes directories, so none holds a token.
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Removes the drafts of processes that ended before they were done; those of `file` alone, if one is given.
    pub(super) fn sweep(&self, file: Option<&str>) {
        for name in self.names() {
            let Some((of, _)) = name.split_once(DRAFT) else {
                continue;
            };
            if file.is_some_and(|file| file != of) {
                continue;
            }
            let path = self.at(&name);
            let Ok(opened) = system::open(&path) else {
                continue;
            };
            // The lock is held until the name is gone, so that a writer who has just begun notices.
            if system::try_lock(&opened).is_ok() {
                // What cannot be removed now may be at the next start.
                let _ = std::fs::remove_file(&path);
            }
        }
    }

    /// Lists the names in it; none if it cannot be read.
    pub(super) fn names(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.path) else {
            return Vec::new();
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.collect()
    }

    /// Makes a rename or removal outlive a power cut. It has happened either way, so a failure is for the log.
    fn sync(&self) {
        if let Err(error) = system::sync_directory(&self.path) {
            tracing::warn!("a stored session may not outlive a power cut: {error}");
        }
    }

    /// Tells the log, once: whoever finds a directory open finds it open again.
    fn warn(&self, text: &str) {
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!("{text}");
        }
    }
}

/// A file that is written and has not its name yet. Dropping it removes it.
pub(super) struct Draft<'a> {
    directory: &'a Directory,
    path: Option<PathBuf>,
    opened: File,
}

impl Draft<'_> {
    /// Puts it in the place of `file`.
    pub(super) fn commit(mut self, file: &str) -> io::Result<()> {
        if let Some(path) = &self.path {
            std::fs::rename(path, self.directory.at(file))?;
        }
        self.path = None;
        self.directory.sync();
        Ok(())
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // It is swept up later otherwise.
            let _ = std::fs::remove_file(path);
        }
        let _ = system::unlock(&self.opened);
    }
}

/// Names files after a key: short, and without a letter that a file system might not take.
pub(super) fn stem(key: &str) -> String {
    hex(&digest(&SHA256, key.as_bytes()).as_ref()[..16])
}

fn random() -> io::Result<String> {
    let mut bytes = [0; 8];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| io::Error::other("the operating system gave no random numbers"))?;
    Ok(hex(&bytes))
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
