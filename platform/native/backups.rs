//! Backups that need nothing said: a desktop's are its user's affair, and Android's never look where sessions are.

use std::io;
use std::path::Path;

/// Does nothing.
#[expect(
    clippy::unnecessary_wraps,
    reason = "where something is done, it may fail"
)]
pub(super) fn keep_on_device(_directory: &Path) -> io::Result<()> {
    Ok(())
}
