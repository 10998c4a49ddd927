//! [`Storage`]: text under names.

use std::sync::Arc;

use dioxus_auth0::config::WithoutKeychain;
use dioxus_auth0::platform::memory::MemoryStorage;
use dioxus_auth0::platform::native::{Keychain, KeychainError, NativeStorage};
use dioxus_auth0::port::Storage;
use zeroize::Zeroizing;

use crate::contract::{keeps_text_under_names, swaps_only_what_is_there};

/// A keychain that opens, with the same key every time, or one that does not.
struct TestKeychain(Option<&'static str>);

impl Keychain for TestKeychain {
    fn read(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
        let secret = self.0.ok_or_else(|| KeychainError::new("there is none"))?;
        Ok(Some(Zeroizing::new(secret.to_owned())))
    }

    fn write(&self, _: &str) -> Result<(), KeychainError> {
        Err(KeychainError::new("there is nothing to write"))
    }
}

const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Every way in which native storage keeps text, in a directory that the contract starts with empty.
async fn on_native_storage(contract: impl AsyncFn(&dyn Storage)) {
    for (keychain, policy, is_written) in [
        (Some(SECRET), WithoutKeychain::Refuse, true),
        (None, WithoutKeychain::PlainFile, true),
        (None, WithoutKeychain::Memory, true),
        (None, WithoutKeychain::Memory, false),
    ] {
        let place = tempfile::tempdir().expect("a directory for the test");
        let directory = is_written.then(|| place.path().join("app"));
        let keychain = Arc::new(TestKeychain(keychain));
        contract(&NativeStorage::new(directory, keychain, policy)).await;
    }
}

#[tokio::test]
async fn native_storage_keeps_text_under_names() {
    on_native_storage(keeps_text_under_names).await;
}

#[tokio::test]
async fn native_storage_swaps_only_what_is_there() {
    on_native_storage(swaps_only_what_is_there).await;
}

#[test]
fn native_storage_needs_no_runtime() {
    let place = tempfile::tempdir().expect("a directory for the test");
    let keychain = Arc::new(TestKeychain(Some(SECRET)));
    let directory = place.path().join("app");
    let storage = NativeStorage::new(Some(directory), keychain, WithoutKeychain::Refuse);
    let (text, start) = ("text", std::time::Instant::now());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut task = storage.set("a", text);
    while task.as_mut().poll(&mut context).is_pending() {
        assert!(start.elapsed().as_secs() < 10, "nobody does the work");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

#[tokio::test]
async fn memory_storage_swaps_only_what_is_there() {
    swaps_only_what_is_there(&MemoryStorage::default()).await;
}

#[tokio::test]
async fn memory_storage_keeps_text_under_names() {
    keeps_text_under_names(&MemoryStorage::default()).await;
}

#[tokio::test]
async fn a_write_that_fails_leaves_what_was_there() {
    let storage = MemoryStorage::default();
    assert_eq!(storage.set("a", "one").await, Ok(()));
    storage.set_full(true);
    assert!(storage.set("a", "two").await.is_err());
    assert_eq!(storage.get("a").await, Ok(Some("one".into())));
}
