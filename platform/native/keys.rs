//! Keys by [`ring`], as PKCS #8 ([RFC 5958](https://www.rfc-editor.org/rfc/rfc5958)), kept where the sessions are and
//! sealed like them.
//!
//! Their names in the storage begin with a prefix of their own: what lists or ends sessions comes across no key. Each
//! use reads the key anew, since another process may have removed it, and overwrites what was read.

use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use zeroize::Zeroizing;

use crate::port::{Keys, Lock, PortError, Storage, StoredError, Task};

/// What the names of keys begin with, in a storage and among locks.
const PREFIX: &str = "dioxus-auth0.key.";

/// Keys in a [`Storage`].
pub struct NativeKeys {
    storage: Rc<dyn Storage>,
    lock: Rc<dyn Lock>,
}

impl NativeKeys {
    /// Keeps the keys in `storage`. All who share it share `lock` too: one at a time makes a key.
    pub fn new(storage: Rc<dyn Storage>, lock: Rc<dyn Lock>) -> Self {
        Self { storage, lock }
    }

    async fn find(&self, key: &str) -> Result<Option<EcdsaKeyPair>, PortError> {
        let text = self.storage.get(key).await?.map(Zeroizing::new);
        text.map(|text| pair(&text)).transpose()
    }

    /// Finds a key that can be used. What cannot be read signs nothing any more; what was bound to it ends with it.
    async fn find_sound(&self, key: &str) -> Result<Option<EcdsaKeyPair>, PortError> {
        match self.find(key).await {
            Err(PortError::Stored(_)) => Ok(None),
            found => found,
        }
    }

    async fn find_or_make(&self, key: &str) -> Result<EcdsaKeyPair, PortError> {
        if let Some(pair) = self.find_sound(key).await? {
            return Ok(pair);
        }
        let text = generate()?;
        let _alone = self.lock.hold(key).await?;
        // Whoever came first is right.
        if let Some(pair) = self.find_sound(key).await? {
            return Ok(pair);
        }
        self.storage.set(key, &text).await?;
        // Others go on without a lock that was held for too long. What counts is what is there.
        let kept = self.find(key).await?;
        kept.ok_or_else(|| unavailable("it was removed while it was made"))
    }
}

impl Keys for NativeKeys {
    fn public<'a>(&'a self, name: &'a str) -> Task<'a, [u8; 65]> {
        Box::pin(async move {
            let pair = self.find_or_make(&key(name)).await?;
            let public = pair.public_key().as_ref().try_into();
            Ok(public.expect("a point of P-256 has 65 bytes"))
        })
    }

    fn sign<'a>(&'a self, name: &'a str, message: &'a [u8]) -> Task<'a, [u8; 64]> {
        Box::pin(async move {
            let pair = self.find(&key(name)).await?;
            let pair = pair.ok_or_else(|| unavailable("there is none"))?;
            let signature = pair.sign(&SystemRandom::new(), message);
            let signature = signature.map_err(|_| unavailable("it does not sign"))?;
            let signature = signature.as_ref().try_into();
            Ok(signature.expect("a signature of fixed size has 64 bytes"))
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> Task<'a, ()> {
        Box::pin(async move { self.storage.remove(&key(name)).await })
    }
}

fn key(name: &str) -> String {
    [PREFIX, name].concat()
}

/// Makes a pair, as it is stored. What `ring` itself held of it stays in memory until that is used again.
fn generate() -> Result<Zeroizing<String>, PortError> {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
    let document = document.map_err(|_| unavailable("the system gave no random numbers"))?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(document.as_ref())))
}

fn pair(text: &str) -> Result<EcdsaKeyPair, PortError> {
    let corrupt = || PortError::from(StoredError::Corrupt);
    let document = URL_SAFE_NO_PAD.decode(text).map_err(|_| corrupt())?;
    let document = Zeroizing::new(document);
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &document, &random);
    pair.map_err(|_| corrupt())
}

fn unavailable(why: &str) -> PortError {
    PortError::Unavailable {
        what: "the key that tokens are bound to",
        why: why.to_owned(),
    }
}
