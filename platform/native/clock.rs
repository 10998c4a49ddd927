//! [`std::time::SystemTime`].

use std::time::SystemTime;

use crate::port::Clock;
use crate::time::UnixTime;

/// The system's clock.
pub struct NativeClock;

impl Clock for NativeClock {
    fn now(&self) -> UnixTime {
        let epoch = UnixTime::from_seconds(0);
        match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => epoch + since,
            Err(before) => epoch - before.duration(),
        }
    }
}
