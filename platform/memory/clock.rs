//! A clock that stands still.

use std::cell::Cell;

use crate::port::Clock;
use crate::time::UnixTime;

/// Shows the time it was set to; at first 2023-11-14 22:13:20 UTC.
pub struct MemoryClock(Cell<i64>);

impl Default for MemoryClock {
    fn default() -> Self {
        Self(Cell::new(1_700_000_000))
    }
}

impl MemoryClock {
    /// Sets the time, in seconds since 1970.
    pub fn set(&self, seconds: i64) {
        self.0.set(seconds);
    }

    /// Moves the time, in seconds, also back.
    pub fn advance(&self, seconds: i64) {
        self.0.set(self.0.get() + seconds);
    }
}

impl Clock for MemoryClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(self.0.get())
    }
}
