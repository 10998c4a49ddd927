//! Keys by [`ring`], kept where the sessions are and sealed like them.

use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

use crate::port::{Keys, PortError, Storage, StoredError, Task};

const WHAT: &str = "the key that tokens are bound to";

/// Keys in a [`Storage`], as PKCS #8.
pub struct NativeKeys {
    storage: Rc<dyn Storage>,
}

impl NativeKeys {
    /// Keeps the keys in `storage`.
    pub fn new(storage: Rc<dyn Storage>) -> Self {
        Self { storage }
    }

    async fn find(&self, name: &str) -> Result<Option<EcdsaKeyPair>, PortError> {
        match self.storage.get(name).await {
            Ok(Some(text)) => pair(&text).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn make(&self, name: &str) -> Result<EcdsaKeyPair, PortError> {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        let document = document.map_err(|_| unavailable("the system gave no random numbers"))?;
        let text = URL_SAFE_NO_PAD.encode(document.as_ref());
        self.storage.set(name, &text).await?;
        // Whoever wrote last is right, for all who share the storage.
        let kept = self.storage.get(name).await?.unwrap_or(text);
        pair(&kept)
    }
}

impl Keys for NativeKeys {
    fn public<'a>(&'a self, name: &'a str) -> Task<'a, [u8; 65]> {
        Box::pin(async move {
            let found = match self.find(name).await {
                // What cannot be read signs nothing any more; what was bound to it ends with it.
                Err(PortError::Stored(_)) => None,
                found => found?,
            };
            let pair = match found {
                Some(pair) => pair,
                None => self.make(name).await?,
            };
            let public = pair.public_key().as_ref().try_into();
            Ok(public.expect("a point of P-256 has 65 bytes"))
        })
    }

    fn sign<'a>(&'a self, name: &'a str, message: &'a [u8]) -> Task<'a, [u8; 64]> {
        Box::pin(async move {
            let pair = self.find(name).await?;
            let pair = pair.ok_or_else(|| unavailable("there is none"))?;
            let signature = pair.sign(&SystemRandom::new(), message);
            let signature = signature.map_err(|_| unavailable("it does not sign"))?;
            let signature = signature.as_ref().try_into();
            Ok(signature.expect("a signature of fixed size has 64 bytes"))
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> Task<'a, ()> {
        self.storage.remove(name)
    }
}

fn pair(text: &str) -> Result<EcdsaKeyPair, PortError> {
    let corrupt = || PortError::from(StoredError::Corrupt);
    let document = URL_SAFE_NO_PAD.decode(text).map_err(|_| corrupt())?;
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &document, &random);
    pair.map_err(|_| corrupt())
}

fn unavailable(why: &str) -> PortError {
    PortError::Unavailable {
        what: WHAT,
        why: why.to_owned(),
    }
}
