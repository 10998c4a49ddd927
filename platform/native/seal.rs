//! What a stored file looks like: a header, and a body that is sealed or plain.
//!
//! | Bytes | What |
//! |---|---|
//! | 8 | `dxauth0\n` |
//! | 2, 2 | the version, and its complement: in every version, so that damage is not taken for the future |
//! | 1 | `S` sealed, `P` plain |
//! | 8 | which key, as the start of a digest of it; zeros when plain |
//! | 12 | the nonce, new with every write; zeros when plain |
//! | 4, n | the length of the name, and the name the text is stored under |
//! | rest | sealed: [ChaCha20-Poly1305](https://www.rfc-editor.org/rfc/rfc8439) with the whole header as associated data; plain: the text and the SHA-256 of all before the digest |
//!
//! Numbers are big-endian. The name of a session holds issuer, client and organization, and the text holds the claims of
//! the user beside the tokens: one seal binds them all, so that nothing of one file can be put into another.
//!
//! A seal does not tell an old file from the newest. Whoever can put back an older one brings back a refresh token that
//! was spent: the provider refuses it, and the user logs in again.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::{Zeroize, Zeroizing};

use crate::port::StoredError;

/// The version that is written, and the newest that is read.
pub(super) const VERSION: u16 = 1;

const MAGIC: &[u8; 8] = b"dxauth0\n";
const PLAIN: u8 = b'P';
const SEALED: u8 = b'S';
const KEY_LEN: usize = 32;
const ID_LEN: usize = 8;

/// Names a key without giving it away: the start of a digest of it.
pub(super) type KeyId = [u8; ID_LEN];

/// The key of what is stored.
pub(super) struct DataKey(Zeroizing<[u8; KEY_LEN]>);

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey([redacted])")
    }
}

impl DataKey {
    pub(super) fn generate() -> Option<Self> {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        SystemRandom::new().fill(&mut *key).ok()?;
        Some(Self(key))
    }

    pub(super) fn from_text(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
        let mut key = Zeroizing::new([0; KEY_LEN]);
        if bytes.len() != KEY_LEN {
            return None;
        }
        key.copy_from_slice(&bytes);
        Some(Self(key))
    }

    pub(super) fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(*self.0))
    }

    pub(super) fn id(&self) -> KeyId {
        let mut named = Zeroizing::new(b"dioxus-auth0 key id".to_vec());
        named.extend_from_slice(&*self.0);
        let mut id = [0; ID_LEN];
        id.copy_from_slice(&digest(&SHA256, &named).as_ref()[..ID_LEN]);
        id
    }

    fn cipher(&self) -> LessSafeKey {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &*self.0);
        LessSafeKey::new(key.expect("the key has the length of the algorithm's"))
    }
}

/// A stored file that was taken apart, not yet opened.
pub(super) struct Stored<'a> {
    /// The name that the text is stored under.
    pub(super) name: &'a str,
    /// Which key opens it; none when it is plain.
    pub(super) key_id: Option<KeyId>,
    nonce: [u8; NONCE_LEN],
    header: &'a [u8],
    body: &'a [u8],
    all: &'a [u8],
}

/// Writes `text` as it is stored under `name`: sealed, if there is a key. There is nothing without randomness.
pub(super) fn write(name: &str, text: &str, key: Option<&DataKey>) -> Option<Zeroizing<Vec<u8>>> {
    let mut nonce = [0; NONCE_LEN];
    if key.is_some() {
        SystemRandom::new().fill(&mut nonce).ok()?;
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(
        // Growing would leave copies of the text behind.
        name.len() + text.len() + 128,
    ));
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    bytes.extend_from_slice(&(!VERSION).to_be_bytes());
    bytes.push(key.map_or(PLAIN, |_| SEALED));
    bytes.extend_from_slice(&key.map(DataKey::id).unwrap_or_default());
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&u32::try_from(name.len()).ok()?.to_be_bytes());
    bytes.extend_from_slice(name.as_bytes());
    let header = bytes.len();
    bytes.extend_from_slice(text.as_bytes());
    match key {
        Some(key) => {
            let (header, body) = bytes.split_at_mut(header);
            let nonce = Nonce::assume_unique_for_key(nonce);
            let cipher = key.cipher();
            let tag = cipher.seal_in_place_separate_tag(nonce, Aad::from(header), body);
            let tag = tag.ok()?;
            bytes.extend_from_slice(tag.as_ref());
        }
        None => {
            let sum = digest(&SHA256, &bytes);
            bytes.extend_from_slice(sum.as_ref());
        }
    }
    Some(bytes)
}

/// Takes a file apart.
///
/// # Errors
///
/// [`StoredError::Version`] when a newer version wrote it, else [`StoredError::Corrupt`].
pub(super) fn read(all: &[u8]) -> Result<Stored<'_>, StoredError> {
    let mut rest = all;
    if take(&mut rest)? != *MAGIC {
        return Err(StoredError::Corrupt);
    }
    let version = u16::from_be_bytes(take(&mut rest)?);
    let complement = u16::from_be_bytes(take(&mut rest)?);
    if version != !complement || version == 0 {
        return Err(StoredError::Corrupt);
    }
    if version > VERSION {
        return Err(StoredError::Version {
            found: version.into(),
            known: VERSION.into(),
        });
    }
    let [mode] = take(&mut rest)?;
    let key_id = take(&mut rest)?;
    let nonce = take(&mut rest)?;
    let length = usize::try_from(u32::from_be_bytes(take(&mut rest)?));
    let (name, body) = length
        .ok()
        .and_then(|length| rest.split_at_checked(length))
        .ok_or(StoredError::Corrupt)?;
    Ok(Stored {
        name: str::from_utf8(name).map_err(|_| StoredError::Corrupt)?,
        key_id: match mode {
            SEALED => Some(key_id),
            PLAIN => None,
            _ => return Err(StoredError::Corrupt),
        },
        nonce,
        header: &all[..all.len() - body.len()],
        body,
        all,
    })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], StoredError> {
    let (first, others) = rest.split_first_chunk().ok_or(StoredError::Corrupt)?;
    *rest = others;
    Ok(*first)
}

impl Stored<'_> {
    /// Returns the text of a plain file, if not a bit of it has changed.
    pub(super) fn plain(&self) -> Result<Zeroizing<String>, StoredError> {
        let length = self.all.len().checked_sub(SHA256_OUTPUT_LEN);
        let (summed, sum) = length
            .and_then(|length| self.all.split_at_checked(length))
            .ok_or(StoredError::Corrupt)?;
        let text = summed.get(self.header.len()..);
        match digest(&SHA256, summed).as_ref() == sum {
            true => utf8(text.ok_or(StoredError::Corrupt)?.to_vec()),
            false => Err(StoredError::Corrupt),
        }
    }

    /// Opens the text with its key.
    pub(super) fn open(&self, key: &DataKey) -> Result<Zeroizing<String>, StoredError> {
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let mut body = Zeroizing::new(self.body.to_vec());
        let cipher = key.cipher();
        let text = cipher.open_in_place(nonce, Aad::from(self.header), &mut body);
        utf8(text.map_err(|_| StoredError::Corrupt)?.to_vec())
    }
}

fn utf8(bytes: Vec<u8>) -> Result<Zeroizing<String>, StoredError> {
    String::from_utf8(bytes)
        .map(Zeroizing::new)
        .map_err(|error| {
            error.into_bytes().zeroize();
            StoredError::Corrupt
        })
}
