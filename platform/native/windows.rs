//! Files as Windows has them. Access lists are inherited from the user's profile, which is closed to other users; there
//! are no modes to repair. A directory cannot be synced: NTFS journals renames by itself.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// `FILE_FLAG_OPEN_REPARSE_POINT`: a link is opened itself, not followed.
const OPEN_LINK_ITSELF: u32 = 0x0020_0000;

/// Takes the word of the user's profile for it.
pub(super) fn is_mine(_: &Metadata) -> bool {
    true
}

/// Takes the word of the user's profile for it.
pub(super) fn is_private(_: &Metadata) -> bool {
    true
}

/// What tells a file from the one that was in its place: when it was made and last written, and its length.
pub(super) type Stamp = [u64; 3];

/// Says which version of a file `metadata` describes.
pub(super) fn stamp(metadata: &Metadata) -> Stamp {
    [
        metadata.creation_time(),
        metadata.last_write_time(),
        metadata.file_size(),
    ]
}

/// Cannot tell.
pub(super) fn has_other_names(_: &Metadata) -> bool {
    false
}

/// Makes a directory, and those above it that are missing.
pub(super) fn create_directory(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Does nothing.
pub(super) fn restrict_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Does nothing.
pub(super) fn restrict(_: &File) -> io::Result<()> {
    Ok(())
}

/// Opens a file to read, without following a link.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(OPEN_LINK_ITSELF)
        .open(path)
}

/// Makes a file that was not there.
pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .custom_flags(OPEN_LINK_ITSELF)
        .open(path)
}

/// Opens a file to lock, and makes it if it is not there.
pub(super) fn open_to_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .custom_flags(OPEN_LINK_ITSELF)
        .open(path)
}

/// Locks a file for whoever has opened it, unless it is locked.
pub(super) fn try_lock(file: &File) -> Result<(), TryLockError> {
    file.try_lock()
}

/// Frees a file that was locked.
pub(super) fn unlock(file: &File) -> io::Result<()> {
    file.unlock()
}

/// Says whether `path` names anything: a file that is open keeps its name.
pub(super) fn is_at(_: &File, path: &Path) -> io::Result<bool> {
    path.try_exists()
}

/// Does nothing: a file that is open keeps its name.
pub(super) fn take_name(_: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Does nothing.
pub(super) fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}
