//! [`ring`], which the TLS stack links already.

use ring::digest::{SHA256, digest};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use crate::port::{Crypto, RsaKey, Task};

/// Digests and signatures by `ring`.
pub struct NativeCrypto;

impl Crypto for NativeCrypto {
    fn sha256<'a>(&'a self, bytes: &'a [u8]) -> Task<'a, [u8; 32]> {
        Box::pin(async move {
            let mut fixed = [0; 32];
            fixed.copy_from_slice(digest(&SHA256, bytes).as_ref());
            Ok(fixed)
        })
    }

    fn verify_rs256<'a>(
        &'a self,
        key: &'a RsaKey,
        message: &'a [u8],
        signature: &'a [u8],
    ) -> Task<'a, bool> {
        Box::pin(async move {
            let components = RsaPublicKeyComponents {
                n: key.n.as_slice(),
                e: key.e.as_slice(),
            };
            Ok(components
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok())
        })
    }
}
