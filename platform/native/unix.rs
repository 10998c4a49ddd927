//! Files as POSIX has them: modes, owners and links, [`open(2)`](https://man7.org/linux/man-pages/man2/open.2.html) with
//! `O_NOFOLLOW`. The standard library adds `O_CLOEXEC` to every open by itself.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{FlockOperation, OFlags};

const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_DIRECTORY: u32 = 0o700;

/// Says whether what `metadata` describes belongs to this user.
pub(super) fn is_mine(metadata: &Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw()
}

/// Says whether others than its owner may do anything with it, or the owner less than they must.
pub(super) fn is_private(metadata: &Metadata) -> bool {
    let private = match metadata.is_dir() {
        true => PRIVATE_DIRECTORY,
        false => PRIVATE_FILE,
    };
    metadata.mode() & 0o7777 == private
}

/// What tells a file from the one that was in its place: which it is, and when it was last written, renamed or closed to
/// others.
pub(super) type Stamp = [u64; 4];

/// Says which version of a file `metadata` describes.
pub(super) fn stamp(metadata: &Metadata) -> Stamp {
    let (seconds, rest) = (metadata.ctime(), metadata.ctime_nsec());
    let [seconds, rest] = [seconds, rest].map(i64::cast_unsigned);
    [metadata.dev(), metadata.ino(), seconds, rest]
}

/// Says whether the file has another name as well.
pub(super) fn has_other_names(metadata: &Metadata) -> bool {
    !metadata.is_dir() && metadata.nlink() > 1
}

/// Makes a directory, and those above it that are missing, for this user alone.
pub(super) fn create_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE_DIRECTORY)
        .create(path)
}

/// Takes a directory away from everybody but its owner.
pub(super) fn restrict_directory(path: &Path) -> io::Result<()> {
    std::fs::set_permissions(path, Permissions::from_mode(PRIVATE_DIRECTORY))
}

/// Takes a file away from everybody but its owner.
pub(super) fn restrict(file: &File) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(PRIVATE_FILE))
}

/// Opens a file to read, without following a link and without waiting for the other end of a pipe.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(cautiously())
        .open(path)
}

/// Makes a file that was not there.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(PRIVATE_FILE)
        .custom_flags(cautiously())
        .open(path)?;
    // The mode given to `open` is what the umask leaves of it.
    restrict(&file)?;
    Ok(file)
}

/// Opens a file to lock, and makes it if it is not there.
pub(super) fn open_to_lock(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(PRIVATE_FILE)
        .custom_flags(cautiously())
        .open(path)?;
    if !is_private(&file.metadata()?) {
        restrict(&file)?;
    }
    Ok(file)
}

/// Locks a file for whoever has opened it, unless it is locked. The standard library's own does nothing on Android.
pub(super) fn try_lock(file: &File) -> Result<(), TryLockError> {
    match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(TryLockError::WouldBlock),
        Err(error) => Err(TryLockError::Error(error.into())),
    }
}

/// Frees a file that was locked.
pub(super) fn unlock(file: &File) -> io::Result<()> {
    Ok(rustix::fs::flock(file, FlockOperation::Unlock)?)
}

/// Says whether `path` still names `file`.
pub(super) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let here = file.metadata()?;
    match std::fs::symlink_metadata(path) {
        Ok(there) => Ok((here.dev(), here.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes its name from a file that may be open, and says so.
pub(super) fn take_name(path: &Path) -> io::Result<bool> {
    std::fs::remove_file(path)?;
    Ok(true)
}

/// Makes what was renamed or removed in a directory outlive a power cut.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn cautiously() -> i32 {
    (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()
}
