//! Bytes that count up, so that every test sees the same ones.

use std::cell::Cell;

use crate::port::{Entropy, PortError};

/// Fills each request with one byte value: 1 in the first, 2 in the second, and so on. Never for real logins.
#[derive(Default)]
pub struct MemoryEntropy {
    requests: Cell<u8>,
    is_broken: Cell<bool>,
}

impl MemoryEntropy {
    /// Makes every later request fail.
    pub fn break_down(&self) {
        self.is_broken.set(true);
    }
}

impl Entropy for MemoryEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        if self.is_broken.get() {
            return Err(PortError::Unavailable {
                what: "random numbers",
                why: "told to fail".into(),
            });
        }
        self.requests.set(self.requests.get().wrapping_add(1));
        bytes.fill(self.requests.get());
        Ok(())
    }
}
