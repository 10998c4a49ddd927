//! Sessions tell by themselves: whoever listens watches their file.

use std::path::PathBuf;

use futures_util::StreamExt;
use futures_util::stream::{pending, select};

use super::directory::stem;
use super::vault::SESSION;
use super::watch::Watch;
use crate::platform::memory::MemoryChannel;
use crate::port::{Channel, News};

/// Hears of everything that is stored, replaced or removed under a name by a process of this user, this one included.
pub struct NativeChannel {
    directory: Option<PathBuf>,
    told: MemoryChannel,
}

impl NativeChannel {
    /// Watches files in `directory`, if the system names one. Nothing is touched, and nothing runs, until somebody
    /// listens; what is listened to need not be there.
    pub fn new(directory: Option<PathBuf>) -> Self {
        Self {
            directory,
            told: MemoryChannel::default(),
        }
    }
}

impl Channel for NativeChannel {
    /// Tells those alone who listen by this very channel. They share a storage that may keep a session without a file,
    /// and nobody else could read that.
    fn tell(&self, name: &str) {
        self.told.tell(name);
    }

    fn listen(&self, name: &str) -> News {
        let told = self.told.listen(name);
        let file = [&stem(name), SESSION].concat();
        let directory = self.directory.as_deref();
        match directory.and_then(|directory| Watch::start(directory, &file)) {
            Some(changes) => Box::pin(select(told, changes).chain(pending())),
            None => Box::pin(told.chain(pending())),
        }
    }
}
