//! [`ring::rand::SystemRandom`], the operating system's generator.

use ring::rand::{SecureRandom, SystemRandom};

use crate::port::{Entropy, PortError};

/// The operating system's cryptographic generator.
pub struct NativeEntropy;

impl Entropy for NativeEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        SystemRandom::new()
            .fill(bytes)
            .map_err(|_| PortError::Unavailable {
                what: "random numbers",
                why: "the operating system gave none".into(),
            })
    }
}
