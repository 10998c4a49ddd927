//! [`Keys`]: one pair a name, for all who share a storage. Other processes are in `files/key.rs`.

use std::rc::Rc;
use std::sync::Arc;

use dioxus_auth0::config::WithoutKeychain;
use dioxus_auth0::platform::memory::{MemoryLock, MemoryStorage};
use dioxus_auth0::platform::native::{
    Keychain, KeychainError, NativeClock, NativeKeys, NativeLock, NativeStorage,
};
use dioxus_auth0::port::{Keys, PortError, Storage, StoredError};
use futures_util::future::join_all;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use zeroize::Zeroizing;

use crate::contract::{finds_one_key_from_everywhere, signs_with_keys_that_stay};

const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A keychain that opens, with the same key every time.
struct TestKeychain;

impl Keychain for TestKeychain {
    fn read(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
        Ok(Some(Zeroizing::new(SECRET.to_owned())))
    }

    fn write(&self, _: &str) -> Result<(), KeychainError> {
        Err(KeychainError::new("there is nothing to write"))
    }
}

pub(crate) fn is_signed(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public);
    key.verify(message, signature).is_ok()
}

fn is_missing<T>(result: &Result<T, PortError>) -> bool {
    matches!(result, Err(PortError::Unavailable { .. }))
}

async fn keeps_one_pair_a_name(keys: &dyn Keys) {
    assert!(is_missing(&keys.sign("a", b"text").await));
    assert_eq!(keys.remove("a").await, Ok(()), "nothing there is no error");

    let one = keys.public("a").await.expect("a pair is made");
    assert_eq!(one[0], 4, "an uncompressed point");
    assert_eq!(keys.public("a").await, Ok(one));
    let other = keys.public("b").await.expect("a pair is made");
    assert_ne!(one, other);

    let signature = keys.sign("a", b"text").await.expect("it signs");
    assert!(is_signed(&one, b"text", &signature));
    assert!(!is_signed(&one, b"another", &signature));
    assert!(!is_signed(&other, b"text", &signature));
    let again = keys.sign("a", b"text").await.expect("it signs");
    assert_ne!(again, signature, "no two signatures are the same");
    assert!(is_signed(&one, b"text", &again));

    assert_eq!(keys.remove("a").await, Ok(()));
    assert!(is_missing(&keys.sign("a", b"text").await));
    assert_eq!(keys.public("b").await, Ok(other));
    let new = keys.public("a").await.expect("a pair is made");
    assert_ne!(new, one);
}

#[tokio::test]
async fn native_keys_keep_one_pair_a_name() {
    let storage = Rc::new(MemoryStorage::default());
    let lock = Rc::new(MemoryLock::new(Rc::new(NativeClock)));
    keeps_one_pair_a_name(&NativeKeys::new(storage, lock)).await;
    let place = tempfile::tempdir().expect("a directory for the test");
    let (one, two) = (native(&place).1, native(&place).1);
    keeps_one_pair_a_name(&one).await;
    for name in ["a", "b"] {
        assert_eq!(one.remove(name).await, Ok(()));
    }
    let verifies = async |public: [u8; 65], message: &[u8], signature: [u8; 64]| {
        is_signed(&public, message, &signature)
    };
    signs_with_keys_that_stay(&one, verifies).await;
    finds_one_key_from_everywhere(&one, &two).await;
}

/// A window of its own on the files in `place`.
fn native(place: &tempfile::TempDir) -> (Rc<NativeStorage>, NativeKeys) {
    let directory = place.path().join("app");
    let lock = Rc::new(NativeLock::new(directory.clone()));
    let keychain = Arc::new(TestKeychain);
    let storage = NativeStorage::new(Some(directory), keychain, WithoutKeychain::Refuse);
    let storage = Rc::new(storage);
    (storage.clone(), NativeKeys::new(storage, lock))
}

#[tokio::test]
async fn windows_that_make_a_key_at_once_have_the_same_one() {
    let place = tempfile::tempdir().expect("a directory for the test");
    let windows: Vec<NativeKeys> = (0..8).map(|_| native(&place).1).collect();
    let publics = join_all(windows.iter().map(|keys| keys.public("a"))).await;
    assert!(publics[0].is_ok());
    assert!(publics.iter().all(|public| *public == publics[0]));
}

#[tokio::test]
async fn a_key_outlives_the_session_of_its_name_and_is_not_listed_with_it() {
    let place = tempfile::tempdir().expect("a directory for the test");
    let (storage, keys) = native(&place);
    let name = "dioxus-auth0.session.a";
    let public = keys.public(name).await;
    assert!(public.is_ok());
    assert_eq!(storage.get(name).await, Ok(None));
    assert_eq!(storage.set(name, "a session").await, Ok(()));
    assert_eq!(keys.public(name).await, public);
    let sessions = storage.keys("dioxus-auth0.session.").await;
    assert_eq!(sessions, Ok(vec![name.to_owned()]));
    assert_eq!(storage.remove(name).await, Ok(()));
    assert_eq!(keys.public(name).await, public);
}

/// Every way in which what is stored of a key can be no key.
#[tokio::test]
async fn what_is_no_key_signs_nothing_and_makes_way_for_one() {
    let storage = Rc::new(MemoryStorage::default());
    let keys = NativeKeys::new(
        storage.clone(),
        Rc::new(MemoryLock::new(Rc::new(NativeClock))),
    );
    let old = keys.public("a").await.expect("a pair is made");
    let names = storage.keys("").await.expect("it is listed");
    let [name] = &names[..] else {
        panic!("one pair is stored: {names:?}");
    };
    let sound = storage.get(name).await.expect("it is read");
    let sound = sound.expect("a pair is stored");
    for damaged in ["", "!", "AAAA", &sound[4..], &sound[..sound.len() - 4]] {
        assert_eq!(storage.set(name, damaged).await, Ok(()));
        let corrupt = Err(PortError::Stored(StoredError::Corrupt));
        assert_eq!(keys.sign("a", b"text").await, corrupt);
        assert_eq!(storage.get(name).await, Ok(Some(damaged.to_owned())));
        let new = keys.public("a").await.expect("a pair is made");
        assert_ne!(new, old);
        let signature = keys.sign("a", b"text").await.expect("it signs");
        assert!(is_signed(&new, b"text", &signature));
    }
}

#[tokio::test]
async fn a_key_in_a_damaged_file_signs_nothing_and_makes_way_for_one() {
    let place = tempfile::tempdir().expect("a directory for the test");
    let (_storage, keys) = native(&place);
    let old = keys.public("a").await.expect("a pair is made");
    let files = std::fs::read_dir(place.path().join("app")).expect("it is there");
    let mut files = files.map(|file| file.expect("an entry").path());
    let file = files.find(|file| file.extension().is_some_and(|end| end == "session"));
    let file = file.expect("a pair is stored");
    let mut bytes = std::fs::read(&file).expect("it is read");
    *bytes.last_mut().expect("it is not empty") ^= 1;
    std::fs::write(&file, bytes).expect("it is written");
    assert!(keys.sign("a", b"text").await.is_err());
    let new = keys.public("a").await.expect("a pair is made");
    assert_ne!(new, old);
    let signature = keys.sign("a", b"text").await.expect("it signs");
    assert!(is_signed(&new, b"text", &signature));
}

#[tokio::test]
async fn a_key_that_cannot_be_kept_is_none() {
    let storage = Rc::new(MemoryStorage::default());
    let keys = NativeKeys::new(
        storage.clone(),
        Rc::new(MemoryLock::new(Rc::new(NativeClock))),
    );
    storage.set_full(true);
    assert!(keys.public("a").await.is_err());
    storage.set_full(false);
    assert!(is_missing(&keys.sign("a", b"text").await));
}
