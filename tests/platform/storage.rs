//! [`Storage`]: text under names.

use dioxus_auth0::platform::memory::MemoryStorage;
use dioxus_auth0::port::Storage;

async fn keeps_text_under_names(storage: &dyn Storage) {
    assert_eq!(storage.get("a.1").await, Ok(None));
    assert_eq!(
        storage.remove("a.1").await,
        Ok(()),
        "nothing there is no error"
    );

    assert_eq!(storage.set("a.1", "one").await, Ok(()));
    assert_eq!(storage.set("a.2", "").await, Ok(()));
    assert_eq!(storage.set("b.1", "ünï\0code").await, Ok(()));
    assert_eq!(storage.get("a.1").await, Ok(Some("one".into())));
    assert_eq!(storage.get("a.2").await, Ok(Some(String::new())));
    assert_eq!(storage.get("b.1").await, Ok(Some("ünï\0code".into())));

    let mut keys = storage.keys("a.").await.expect("listing works");
    keys.sort();
    assert_eq!(keys, ["a.1", "a.2"]);

    assert_eq!(storage.set("a.1", "two").await, Ok(()));
    assert_eq!(storage.get("a.1").await, Ok(Some("two".into())));
    assert_eq!(storage.remove("a.1").await, Ok(()));
    assert_eq!(storage.get("a.1").await, Ok(None));
    assert_eq!(storage.keys("a.").await, Ok(vec!["a.2".to_owned()]));
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
