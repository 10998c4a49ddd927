//! S04 to S07: things in the way, links, owners and modes.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, Instant};

use dioxus_auth0::port::{PortError, Storage, StoredError};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::unistd::mkfifo;

use super::doubles::{MemoryKeychain, plain, sealed};
use super::process::Child;
use super::{KEY, leftovers, names, place, report, session_file};

fn mode(path: &Path) -> u32 {
    let metadata = std::fs::symlink_metadata(path).expect("it is there");
    metadata.mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, permissions).expect("the test may change modes");
}

fn is_unavailable<T>(result: &Result<T, PortError>) -> bool {
    matches!(result, Err(PortError::Unavailable { .. }))
}

/// What stands in the place of the file is reported, put aside, and replaced by the next write, all without waiting.
async fn is_put_aside(what: &str, make: impl Fn(&Path)) {
    let place = place();
    let storage = sealed(place.path(), &MemoryKeychain::new());
    storage.set(KEY, "text").await.expect("it is stored");
    let file = session_file(place.path());
    let start = Instant::now();
    for _ in 0..2 {
        std::fs::remove_file(&file).expect("the file was there");
        make(&file);
        let read = storage.get(KEY).await;
        assert_eq!(read, Err(StoredError::Corrupt.into()), "{what}");
        assert_eq!(storage.get(KEY).await, Ok(None), "{what}");
        storage.set(KEY, "again").await.expect("it heals");
    }
    std::fs::remove_file(&file).expect("the file was there");
    make(&file);
    storage.set(KEY, "over it").await.expect("it heals");
    assert_eq!(storage.get(KEY).await, Ok(Some("over it".into())), "{what}");
    assert_eq!(leftovers(place.path()).len(), 1, "{what}");
    assert!(start.elapsed() < Duration::from_secs(5), "{what} hung");
}

#[tokio::test]
async fn s04_a_pipe_a_socket_a_device_or_a_directory_in_the_way_never_hangs() {
    is_put_aside("a pipe", |path| {
        mkfifo(path, Mode::S_IRWXU).expect("a pipe");
    })
    .await;
    is_put_aside("a socket", |path| {
        drop(UnixListener::bind(path).expect("a socket"));
    })
    .await;
    is_put_aside("a device", |path| {
        let null = mknod(path, SFlag::S_IFCHR, Mode::S_IRWXU, makedev(1, 3));
        // Only root makes devices.
        if null.is_err() {
            symlink("/dev/tty", path).expect("a link");
        }
    })
    .await;
    is_put_aside("a directory", |path| {
        std::fs::create_dir(path).expect("a directory");
    })
    .await;
}

#[tokio::test]
async fn s04_missing_parents_are_made_for_this_user_alone() {
    let place = place();
    let (above, deep) = (place.path().join("a"), place.path().join("a/b"));
    let storage = sealed(&deep, &MemoryKeychain::new());
    assert_eq!(storage.get(KEY).await, Ok(None));
    assert_eq!(storage.remove(KEY).await, Ok(()));
    assert!(
        !above.exists(),
        "nothing is made before there is something to keep"
    );
    storage.set(KEY, "text").await.expect("it is stored");
    assert_eq!((mode(&above), mode(&deep)), (0o700, 0o700));
}

#[tokio::test]
async fn s04_a_directory_that_cannot_be_written_is_reported_and_what_was_there_stays() {
    let place = place();
    let keychain = MemoryKeychain::new();
    let inside = place.path().join("app");
    let storage = sealed(&inside, &keychain);
    storage.set(KEY, "text").await.expect("it is stored");
    // Not even root may write into it.
    let immutable = |flag: &str| {
        let mut command = std::process::Command::new("chattr");
        command
            .arg(flag)
            .arg(&inside)
            .stderr(std::process::Stdio::null());
        let status = command.status();
        status.is_ok_and(|status| status.success())
    };
    if immutable("+i") {
        let (set, swapped) = (
            storage.set(KEY, "new").await,
            storage.swap(KEY, "text", "new").await,
        );
        let removed = storage.remove(KEY).await;
        let read = storage.get(KEY).await;
        assert!(immutable("-i"));
        assert!(is_unavailable(&set) && is_unavailable(&swapped) && is_unavailable(&removed));
        assert_eq!(read, Ok(Some("text".into())));
    }
    std::fs::rename(&inside, place.path().join("away")).expect("renamed");
    std::fs::write(&inside, "a file").expect("written");
    assert!(is_unavailable(&storage.set(KEY, "new").await));
    assert!(is_unavailable(&storage.get(KEY).await));
    assert_eq!(
        std::fs::read_to_string(&inside).ok().as_deref(),
        Some("a file")
    );
}

#[tokio::test]
async fn s05_a_link_in_the_place_of_the_file_leaves_the_victim_alone() {
    let place = place();
    let victim = place.path().join("victim");
    std::fs::write(&victim, "precious").expect("written");
    set_mode(&victim, 0o644);
    let target = victim.clone();
    is_put_aside("a link", move |path| {
        symlink(&target, path).expect("a link")
    })
    .await;
    assert_eq!(
        std::fs::read_to_string(&victim).ok().as_deref(),
        Some("precious")
    );
    assert_eq!(mode(&victim), 0o644, "not even its mode was changed");
}

#[tokio::test]
async fn s05_a_link_in_the_place_of_a_lock_or_of_the_directory_is_refused() {
    let place = place();
    let (victim, inside) = (place.path().join("victim"), place.path().join("app"));
    std::fs::write(&victim, "precious").expect("written");
    let storage = sealed(&inside, &MemoryKeychain::new());
    storage.set(KEY, "text").await.expect("it is stored");
    let lock = inside.join("store.lock");
    std::fs::remove_file(&lock).expect("the lock was there");
    symlink(&victim, &lock).expect("a link");
    assert!(is_unavailable(&storage.set(KEY, "new").await));
    assert_eq!(storage.get(KEY).await, Ok(Some("text".into())));
    std::fs::remove_file(&lock).expect("the link was there");

    let elsewhere = place.path().join("elsewhere");
    std::fs::rename(&inside, &elsewhere).expect("renamed");
    symlink(&elsewhere, &inside).expect("a link");
    assert!(is_unavailable(&storage.set(KEY, "new").await));
    assert!(is_unavailable(&storage.get(KEY).await));
    assert_eq!(
        std::fs::read_to_string(&victim).ok().as_deref(),
        Some("precious")
    );
}

#[test]
fn s06_what_was_open_to_others_is_closed_and_logged_once() {
    let place = place();
    let inside = place.path().join("app");
    let mut child = Child::start(&inside, None);
    assert_eq!(child.ask(&format!("set {KEY} text")), "done");
    let file = session_file(&inside);
    let mut logged = Vec::new();
    for _ in 0..3 {
        set_mode(&inside, 0o777);
        set_mode(&file, 0o644);
        assert_eq!(child.ask(&format!("get {KEY}")), "some text");
        assert_eq!((mode(&inside), mode(&file)), (0o700, 0o600));
        logged.push(child.logged("open to others"));
    }
    assert_eq!(logged, [1, 1, 1]);
}

#[tokio::test]
async fn s06_a_second_name_of_the_file_sees_nothing_of_the_next_session() {
    let place = place();
    let storage = plain(place.path());
    storage.set(KEY, "first").await.expect("it is stored");
    let file = session_file(place.path());
    let second = place.path().join("second-name");
    std::fs::hard_link(&file, &second).expect("a second name");
    let before = std::fs::read(&second).ok();
    assert_eq!(storage.get(KEY).await, Ok(Some("first".into())));
    storage.set(KEY, "next").await.expect("it is stored");
    assert_eq!(std::fs::read(&second).ok(), before);
    assert_eq!(
        std::fs::metadata(&file).map(|file| file.nlink()).ok(),
        Some(1)
    );
}

#[tokio::test]
async fn s06_another_users_file_or_directory_is_refused() {
    let somebody = Some(54_321);
    let place = place();
    let inside = place.path().join("app");
    let storage = plain(&inside);
    storage.set(KEY, "text").await.expect("it is stored");
    if chown(session_file(&inside), somebody, None).is_err() {
        return report("only root may give files away; another user's files are not tried");
    }
    assert_eq!(storage.get(KEY).await, Err(StoredError::Foreign.into()));
    assert_eq!(storage.get(KEY).await, Ok(None));
    storage.set(KEY, "mine").await.expect("it is stored");
    assert_eq!(storage.get(KEY).await, Ok(Some("mine".into())));
    chown(&inside, somebody, None).expect("root may give directories away");
    assert!(is_unavailable(&storage.get(KEY).await));
    assert!(is_unavailable(&storage.set(KEY, "new").await));
}

#[test]
fn s07_modes_are_0600_and_0700_under_any_umask() {
    for umask in ["000", "022", "077", "777"] {
        let place = place();
        let inside = place.path().join("app");
        let mut child = Child::start_in_shell(&inside, None, &format!("umask {umask}"));
        assert_eq!(child.ask(&format!("set {KEY} text")), "done");
        assert_eq!(child.ask(&format!("hold {KEY}")), "held");
        std::fs::write(session_file(&inside), "no").expect("the test may write");
        assert!(child.ask(&format!("get {KEY}")).starts_with("error"));
        assert_eq!(child.ask(&format!("set {KEY} text")), "done");
        // A draft that somebody was killed over.
        child.tell("saves");
        std::thread::sleep(Duration::from_millis(30));
        child.kill();
        assert_eq!(mode(&inside), 0o700, "umask {umask}");
        let names = names(&inside);
        assert!(
            names.len() >= 4,
            "session, two locks, one set aside: {names:?}"
        );
        for name in names {
            assert_eq!(
                mode(&inside.join(&name)),
                0o600,
                "{name} under umask {umask}"
            );
        }
    }
}
