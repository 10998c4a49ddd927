//! S10: keychains that are missing, closed, hanging, emptied or somebody else's.

use std::time::{Duration, Instant};

use dioxus_auth0::config::WithoutKeychain::{Memory, PlainFile, Refuse};
use dioxus_auth0::port::{PortError, Storage, StoredError};

use super::doubles::{MemoryKeychain, sealed, store};
use super::{KEY, leftovers, names, place, session_file};

/// What the keychain of a store waits for, and some more for a busy machine.
const SOON: Duration = Duration::from_secs(3);

fn is_locked_up<T>(result: &Result<T, PortError>) -> bool {
    matches!(result, Err(PortError::Unavailable { what, .. }) if *what == "the keychain")
}

fn is_plain(directory: &std::path::Path, text: &str) -> bool {
    let bytes = std::fs::read(session_file(directory)).expect("the file is there");
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

#[tokio::test]
async fn s10_without_a_keychain_each_policy_does_what_it_says() {
    for hangs in [false, true] {
        let start = Instant::now();
        let place = place();
        let keychain = MemoryKeychain::closed();
        keychain.hang(hangs);

        let refusing = store(&place.path().join("a"), &keychain, Refuse);
        assert!(is_locked_up(&refusing.set(KEY, "text").await));
        assert_eq!(refusing.get(KEY).await, Ok(None));

        let inside = place.path().join("b");
        let remembering = store(&inside, &keychain, Memory);
        assert_eq!(remembering.set(KEY, "text").await, Ok(()));
        assert_eq!(remembering.get(KEY).await, Ok(Some("text".into())));
        assert_eq!(remembering.swap(KEY, "text", "next").await, Ok(true));
        assert_eq!(remembering.get(KEY).await, Ok(Some("next".into())));
        assert!(!inside.exists() || names(&inside).iter().all(|name| name.ends_with(".lock")));
        assert_eq!(store(&inside, &keychain, Memory).get(KEY).await, Ok(None));

        let inside = place.path().join("c");
        let plain = store(&inside, &keychain, PlainFile);
        assert_eq!(plain.set(KEY, "text").await, Ok(()));
        assert!(is_plain(&inside, "text"));
        let restarted = store(&inside, &keychain, PlainFile);
        assert_eq!(restarted.get(KEY).await, Ok(Some("text".into())));
        assert!(start.elapsed() < SOON, "it hung");
        keychain.hang(false);
    }
}

#[tokio::test]
async fn s10_a_keychain_that_hangs_is_waited_for_once_and_its_late_answer_is_used() {
    let place = place();
    let keychain = MemoryKeychain::new();
    sealed(place.path(), &keychain)
        .set(KEY, "text")
        .await
        .expect("stored");
    let storage = sealed(place.path(), &keychain);
    keychain.hang(true);
    let asked = keychain.questions();
    for _ in 0..20 {
        assert!(is_locked_up(&storage.get(KEY).await));
    }
    assert_eq!(keychain.questions(), asked + 1, "one question at a time");
    assert_eq!(
        leftovers(place.path()),
        [""; 0],
        "nothing is wrong with the file"
    );
    keychain.hang(false);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(storage.get(KEY).await, Ok(Some("text".into())));
    assert_eq!(keychain.questions(), asked + 1);
}

#[tokio::test]
async fn s10_twenty_calls_at_once_ask_the_keychain_once_and_leave_the_thread_free() {
    let place = place();
    let keychain = MemoryKeychain::new();
    sealed(place.path(), &keychain)
        .set(KEY, "text")
        .await
        .expect("stored");
    let storage = sealed(place.path(), &keychain);
    keychain.hang(true);
    let asked = keychain.questions();
    let mut worst = Duration::ZERO;
    let calls = futures_util::future::join_all((0..20).map(|_| storage.get(KEY)));
    let others = async {
        // What the window does meanwhile.
        for _ in 0..20 {
            let start = Instant::now();
            tokio::time::sleep(Duration::from_millis(1)).await;
            worst = worst.max(start.elapsed());
        }
    };
    let (results, ()) = futures_util::join!(calls, others);
    assert!(results.iter().all(is_locked_up));
    assert_eq!(keychain.questions(), asked + 1);
    assert!(worst < Duration::from_millis(90), "blocked for {worst:?}");
    keychain.hang(false);
}

#[tokio::test]
async fn s10_a_prompt_that_was_dismissed_is_not_shown_again_at_once() {
    let place = place();
    let keychain = MemoryKeychain::closed();
    let storage = store(place.path(), &keychain, PlainFile);
    for _ in 0..5 {
        storage.set(KEY, "text").await.expect("stored");
    }
    assert_eq!(keychain.questions(), 1);
}

#[tokio::test]
async fn s10_a_sealed_file_waits_for_a_keychain_that_is_closed() {
    let place = place();
    let keychain = MemoryKeychain::new();
    sealed(place.path(), &keychain)
        .set(KEY, "text")
        .await
        .expect("stored");
    keychain.close(true);
    for policy in [Refuse, Memory, PlainFile] {
        let storage = store(place.path(), &keychain, policy);
        assert!(is_locked_up(&storage.get(KEY).await));
        assert!(is_locked_up(&storage.swap(KEY, "text", "new").await));
    }
    keychain.close(false);
    let storage = sealed(place.path(), &keychain);
    assert_eq!(storage.get(KEY).await, Ok(Some("text".into())));
}

#[tokio::test]
async fn s10_a_logout_works_whatever_the_keychain_does() {
    let place = place();
    let keychain = MemoryKeychain::new();
    sealed(place.path(), &keychain)
        .set(KEY, "text")
        .await
        .expect("stored");
    keychain.hang(true);
    let storage = sealed(place.path(), &keychain);
    assert_eq!(storage.remove(KEY).await, Ok(()));
    assert_eq!(storage.get(KEY).await, Ok(None));
    keychain.hang(false);
}

#[tokio::test]
async fn s10_a_login_kept_in_memory_ends_the_one_in_the_file() {
    let place = place();
    let keychain = MemoryKeychain::new();
    sealed(place.path(), &keychain)
        .set(KEY, "ada")
        .await
        .expect("stored");
    keychain.close(true);
    let storage = store(place.path(), &keychain, Memory);
    storage.set(KEY, "grace").await.expect("kept");
    assert_eq!(storage.get(KEY).await, Ok(Some("grace".into())));
    keychain.close(false);
    let restarted = store(place.path(), &keychain, Memory);
    assert_eq!(restarted.get(KEY).await, Ok(None), "ada does not come back");
}

#[tokio::test]
async fn s10_a_login_kept_in_memory_goes_into_a_file_once_the_keychain_opens() {
    let place = place();
    let keychain = MemoryKeychain::new();
    let storage = store(place.path(), &keychain, Memory);
    // Its user takes longer over the password than the app waits.
    keychain.hang(true);
    storage.set(KEY, "text").await.expect("kept");
    keychain.hang(false);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(storage.swap(KEY, "other", "next").await, Ok(false));
    assert_eq!(storage.swap(KEY, "text", "next").await, Ok(true));
    let restarted = store(place.path(), &keychain, Memory);
    assert_eq!(restarted.get(KEY).await, Ok(Some("next".into())));
    assert_eq!(storage.get(KEY).await, Ok(Some("next".into())));
    assert_eq!(restarted.remove(KEY).await, Ok(()));
    assert_eq!(storage.get(KEY).await, Ok(None), "it is one and the same");
}

#[tokio::test]
async fn s10_a_key_that_was_deleted_replaced_or_is_no_key_makes_the_file_foreign() {
    let other = MemoryKeychain::new();
    let elsewhere = place();
    sealed(elsewhere.path(), &other)
        .set(KEY, "x")
        .await
        .expect("stored");
    let other = other.secret().expect("there is a key");
    for planted in [None, Some(other.as_str()), Some("no key"), Some("")] {
        let place = place();
        let keychain = MemoryKeychain::new();
        let running = sealed(place.path(), &keychain);
        running.set(KEY, "text").await.expect("stored");
        keychain.plant(planted);
        let storage = sealed(place.path(), &keychain);
        let read = storage.get(KEY).await;
        assert_eq!(read, Err(StoredError::Foreign.into()), "{planted:?}");
        assert_eq!(storage.get(KEY).await, Ok(None));
        assert_eq!(leftovers(place.path()).len(), 1, "it is set aside");
        assert_eq!(storage.set(KEY, "again").await, Ok(()));
        assert_eq!(storage.get(KEY).await, Ok(Some("again".into())));
        // Another process that still has the old key finds the new one.
        assert_eq!(running.get(KEY).await, Ok(Some("again".into())));
        assert_eq!(running.swap(KEY, "again", "on").await, Ok(true));
        assert_eq!(storage.get(KEY).await, Ok(Some("on".into())));
    }
}

#[tokio::test]
async fn s10_a_plain_file_is_sealed_with_the_next_write_after_a_keychain_has_appeared() {
    let place = place();
    let keychain = MemoryKeychain::closed();
    let storage = store(place.path(), &keychain, PlainFile);
    storage.set(KEY, "s3cret").await.expect("stored");
    assert!(is_plain(place.path(), "s3cret"));
    keychain.close(false);
    let storage = store(place.path(), &keychain, PlainFile);
    assert_eq!(storage.get(KEY).await, Ok(Some("s3cret".into())));
    assert_eq!(storage.swap(KEY, "s3cret", "s3cret 2").await, Ok(true));
    assert!(!is_plain(place.path(), "s3cret"));
    assert_eq!(storage.get(KEY).await, Ok(Some("s3cret 2".into())));
}

#[tokio::test]
async fn s10_many_first_writers_make_one_key() {
    let place = place();
    let keychain = MemoryKeychain::new();
    keychain.slow_down();
    let stores: Vec<_> = (0..8).map(|_| sealed(place.path(), &keychain)).collect();
    let keys: Vec<String> = (0..8).map(|number| format!("{KEY}{number}")).collect();
    let writes = stores
        .iter()
        .zip(&keys)
        .map(|(store, key)| store.set(key, "text"));
    for written in futures_util::future::join_all(writes).await {
        assert_eq!(written, Ok(()));
    }
    for key in &keys {
        let read = sealed(place.path(), &keychain).get(key).await;
        assert_eq!(read, Ok(Some("text".into())));
    }
}
