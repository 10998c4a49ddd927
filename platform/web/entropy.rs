//! [`crypto.getRandomValues`](https://developer.mozilla.org/docs/Web/API/Crypto/getRandomValues).

use super::{unavailable, window};
use crate::port::{Entropy, PortError};

/// The browser's cryptographic generator.
pub struct WebEntropy;

impl Entropy for WebEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        let crypto = window().crypto();
        crypto
            .and_then(|crypto| crypto.get_random_values_with_u8_array(bytes))
            .map(drop)
            .map_err(|thrown| unavailable("random numbers", &thrown))
    }
}
