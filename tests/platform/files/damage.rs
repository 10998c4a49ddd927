//! S08, S09, S16, S20: files that are not what was written, and what is said about them.

use dioxus_auth0::config::WithoutKeychain;
use dioxus_auth0::platform::native::NativeStorage;
use dioxus_auth0::port::{PortError, Storage, StoredError};

use super::doubles::{MemoryKeychain, plain, sealed, store};
use super::{KEY, leftovers, names, place, session_file};

const TEXT: &str = r#"{"version":1,"refresh_token":"rt-s3cret"}"#;

fn error_of(read: Result<Option<String>, PortError>) -> StoredError {
    match read {
        Err(PortError::Stored(error)) => error,
        other => panic!("expected a damaged file, found {other:?}"),
    }
}

/// Every damage that `damages` makes of the stored bytes is reported once, set aside once, and healed by a write.
async fn every_damage_is_found(
    storage: &NativeStorage,
    directory: &std::path::Path,
    damages: impl Fn(&[u8]) -> Vec<Vec<u8>>,
) {
    storage.set(KEY, TEXT).await.expect("it is stored");
    let file = session_file(directory);
    let whole = std::fs::read(&file).expect("the file is there");
    for (number, damaged) in damages(&whole).into_iter().enumerate() {
        assert_ne!(damaged, whole);
        std::fs::write(&file, &damaged).expect("the test may write");
        let error = error_of(storage.get(KEY).await);
        assert!(
            matches!(error, StoredError::Corrupt | StoredError::Foreign),
            "damage {number}: {error:?}"
        );
        assert_eq!(storage.get(KEY).await, Ok(None), "damage {number}");
        let aside = leftovers(directory);
        assert_eq!(aside.len(), 1, "one is kept: {aside:?}");
        assert!(aside[0].ends_with(".session.corrupt-1"));
        assert_eq!(std::fs::read(directory.join(&aside[0])).ok(), Some(damaged));
    }
    storage.set(KEY, TEXT).await.expect("it heals");
    assert_eq!(storage.get(KEY).await, Ok(Some(TEXT.into())));
    storage.remove(KEY).await.expect("it is removed");
    assert_eq!(leftovers(directory), [""; 0], "a logout leaves no copy");
}

fn lengths(whole: &[u8]) -> Vec<Vec<u8>> {
    (0..whole.len()).map(|end| whole[..end].to_vec()).collect()
}

fn bits(whole: &[u8]) -> Vec<Vec<u8>> {
    let flip = |bit: usize| {
        let mut flipped = whole.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    };
    (0..whole.len() * 8).map(flip).collect()
}

fn strangers(whole: &[u8]) -> Vec<Vec<u8>> {
    let mut noise = vec![0x5a_u8; 65_536];
    for (index, byte) in noise.iter_mut().enumerate() {
        *byte ^= (index * 31 % 251) as u8;
    }
    let json = br#"{"version":"one","tokens":{}}"#.to_vec();
    let longer = [whole, b"x"].concat();
    vec![noise, json, longer, vec![0; whole.len()], TEXT.into()]
}

#[tokio::test]
async fn s08_a_sealed_file_cut_at_any_length_is_found_and_set_aside() {
    let place = place();
    let storage = sealed(place.path(), &MemoryKeychain::new());
    every_damage_is_found(&storage, place.path(), lengths).await;
}

#[tokio::test]
async fn s08_a_sealed_file_with_any_bit_flipped_is_found_and_set_aside() {
    let place = place();
    let storage = sealed(place.path(), &MemoryKeychain::new());
    every_damage_is_found(&storage, place.path(), bits).await;
}

#[tokio::test]
async fn s08_a_plain_file_cut_at_any_length_is_found_and_set_aside() {
    let place = place();
    every_damage_is_found(&plain(place.path()), place.path(), lengths).await;
}

#[tokio::test]
async fn s08_a_plain_file_with_any_bit_flipped_is_found_and_set_aside() {
    let place = place();
    every_damage_is_found(&plain(place.path()), place.path(), bits).await;
}

#[tokio::test]
async fn s08_files_that_were_never_written_here_are_found_and_set_aside() {
    let place = place();
    let storage = sealed(place.path(), &MemoryKeychain::new());
    every_damage_is_found(&storage, place.path(), strangers).await;
}

#[tokio::test]
async fn s08_a_huge_file_is_not_read() {
    let place = place();
    let storage = sealed(place.path(), &MemoryKeychain::new());
    storage.set(KEY, TEXT).await.expect("it is stored");
    let file = std::fs::File::options()
        .write(true)
        .open(session_file(place.path()))
        .expect("the file is there");
    // A hole: it takes no room on the disk, and would take all of the memory.
    file.set_len(1 << 40).expect("a file may have a hole");
    assert_eq!(error_of(storage.get(KEY).await), StoredError::Corrupt);
    assert_eq!(storage.get(KEY).await, Ok(None));
}

#[tokio::test]
async fn s08_damage_found_by_a_swap_is_reported_and_not_written_over() {
    let place = place();
    let storage = sealed(place.path(), &MemoryKeychain::new());
    storage.set(KEY, TEXT).await.expect("it is stored");
    std::fs::write(session_file(place.path()), b"no").expect("the test may write");
    let swapped = storage.swap(KEY, TEXT, "new").await;
    assert_eq!(swapped, Err(PortError::Stored(StoredError::Corrupt)));
    assert_eq!(storage.get(KEY).await, Ok(None));
    assert_eq!(leftovers(place.path()).len(), 1);
}

#[tokio::test]
async fn s09_a_file_moved_to_another_name_is_foreign() {
    let keychain = MemoryKeychain::new();
    for policy in [WithoutKeychain::Refuse, WithoutKeychain::PlainFile] {
        let place = place();
        keychain.close(policy == WithoutKeychain::PlainFile);
        let storage = store(place.path(), &keychain, policy);
        storage.set(KEY, TEXT).await.expect("it is stored");
        let first = session_file(place.path());
        let bytes = std::fs::read(&first).expect("the file is there");
        storage.remove(KEY).await.expect("it is removed");

        let other = r#"dioxus-auth0.session.["https://tenant.example/","client-2",null]"#;
        storage.set(other, "other").await.expect("it is stored");
        std::fs::write(session_file(place.path()), &bytes).expect("the test may write");
        assert_eq!(error_of(storage.get(other).await), StoredError::Foreign);
        assert_eq!(storage.get(other).await, Ok(None));
    }
}

#[tokio::test]
async fn s09_a_name_changed_inside_a_sealed_file_is_found() {
    let place = place();
    let storage = sealed(place.path(), &MemoryKeychain::new());
    let other = KEY.replace("client-1", "client-2");
    storage.set(&other, TEXT).await.expect("it is stored");
    let file = session_file(place.path());
    let mut bytes = std::fs::read(&file).expect("the file is there");
    let at = bytes.windows(8).position(|part| part == b"client-2");
    bytes[at.expect("the name is in the header") + 7] = b'1';
    storage.remove(&other).await.expect("it is removed");
    storage.set(KEY, "mine").await.expect("it is stored");
    std::fs::write(session_file(place.path()), bytes).expect("the test may write");
    assert_eq!(error_of(storage.get(KEY).await), StoredError::Corrupt);
}

#[tokio::test]
async fn s09_an_older_file_is_taken_and_left_to_the_provider() {
    let place = place();
    let storage = sealed(place.path(), &MemoryKeychain::new());
    storage.set(KEY, "older").await.expect("it is stored");
    let file = session_file(place.path());
    let older = std::fs::read(&file).expect("the file is there");
    storage.set(KEY, "newer").await.expect("it is stored");
    std::fs::write(&file, older).expect("the test may write");
    assert_eq!(storage.get(KEY).await, Ok(Some("older".into())));
}

#[tokio::test]
async fn s09_a_plain_file_is_refused_and_removed_where_files_are_sealed() {
    for policy in [WithoutKeychain::Refuse, WithoutKeychain::Memory] {
        let place = place();
        plain(place.path()).set(KEY, TEXT).await.expect("stored");
        let storage = store(place.path(), &MemoryKeychain::new(), policy);
        assert_eq!(error_of(storage.get(KEY).await), StoredError::Foreign);
        assert_eq!(storage.get(KEY).await, Ok(None));
        assert_eq!(leftovers(place.path()), [""; 0], "others might read a copy");
    }
}

#[tokio::test]
async fn s16_a_newer_version_is_left_alone_until_something_else_is_stored() {
    let place = place();
    let storage = sealed(place.path(), &MemoryKeychain::new());
    storage.set(KEY, TEXT).await.expect("it is stored");
    let file = session_file(place.path());
    let mut newer = std::fs::read(&file).expect("the file is there");
    newer[8..12].copy_from_slice(&[0, 7, 255, 248]);
    newer.extend_from_slice(b"what only the future knows");
    std::fs::write(&file, &newer).expect("the test may write");

    let expected = StoredError::Version { found: 7, known: 1 };
    for _ in 0..3 {
        assert_eq!(error_of(storage.get(KEY).await), expected);
    }
    let swapped = storage.swap(KEY, TEXT, "new").await;
    assert_eq!(swapped, Err(PortError::Stored(expected)));
    assert_eq!(std::fs::read(&file).ok(), Some(newer.clone()), "untouched");
    assert_eq!(leftovers(place.path()), [""; 0]);

    storage.set(KEY, "mine").await.expect("a login may go on");
    assert_eq!(storage.get(KEY).await, Ok(Some("mine".into())));
    let aside = leftovers(place.path());
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert!(aside[0].ends_with(".session.newer-1"));
    assert_eq!(
        std::fs::read(place.path().join(&aside[0])).ok(),
        Some(newer)
    );
}

#[tokio::test]
async fn s20_no_token_shows_in_debug_errors_file_names_or_sealed_files() {
    let place = place();
    let keychain = MemoryKeychain::new();
    let storage = sealed(place.path(), &keychain);
    storage.set(KEY, TEXT).await.expect("it is stored");
    let file = session_file(place.path());
    let bytes = std::fs::read(&file).expect("the file is there");
    let secret = keychain.secret().expect("there is a key");
    std::fs::write(&file, &bytes[..bytes.len() - 1]).expect("the test may write");
    let error = storage.get(KEY).await.expect_err("it was cut");
    let blocked = place.path().join("blocked");
    std::fs::write(&blocked, "").expect("the test may write");
    let unavailable = sealed(&blocked, &keychain)
        .set(KEY, TEXT)
        .await
        .expect_err("a file is no directory");
    let shown = [
        format!("{storage:?} {error:?} {error} {unavailable:?} {unavailable}"),
        names(place.path()).concat(),
        String::from_utf8_lossy(&bytes).into_owned(),
    ];
    for text in shown {
        assert!(!text.contains("s3cret"), "{text}");
        assert!(!text.contains(&secret), "{text}");
    }
}
