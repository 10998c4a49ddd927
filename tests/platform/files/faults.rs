//! S03, S17, S18: disks that are full or failing, clocks that are wrong, file systems that do not lock.

use std::fs::{File, FileTimes};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use dioxus_auth0::port::{PortError, Storage};
use dioxus_auth0::{Error, TokenOptions};

use super::crash::{Tracer, calls_of};
use super::doubles::{MemoryKeychain, plain, sealed};
use super::process::Child;
use super::world::{Machine, expire_next_token, refreshes, tenant};
use super::{KEY, leftovers, place, report, session_file};

#[test]
fn s03_a_file_that_must_not_grow_leaves_the_old_one() {
    let place = place();
    let inside = place.path().join("app");
    let limit = "trap '' XFSZ; ulimit -f 4";
    let mut child = Child::start_in_shell(&inside, None, limit);
    assert_eq!(child.ask(&format!("set {KEY} old")), "done");
    let long = "x".repeat(9000);
    for command in [
        format!("set {KEY} {long}"),
        format!("swap {KEY} old {long}"),
    ] {
        let answer = child.ask(&command);
        assert!(answer.contains("File too large"), "{answer}");
        assert_eq!(child.ask(&format!("get {KEY}")), "some old");
        assert_eq!(leftovers(&inside), [""; 0], "the draft is removed");
    }
    assert_eq!(child.ask(&format!("swap {KEY} old new")), "true");
}

#[tokio::test]
async fn s03_a_full_disk_leaves_the_old_file_and_is_tried_again() {
    let place = place();
    let disk = place.path().join("disk");
    std::fs::create_dir(&disk).expect("a directory");
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let status = command
            .args(arguments)
            .arg(&disk)
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    };
    if !run("mount", &["-t", "tmpfs", "-o", "size=32k", "tmpfs"]) {
        return report("tmpfs cannot be mounted; a full disk is not tried");
    }
    let storage = plain(&disk.join("app"));
    let stored = storage.set(KEY, "old").await;
    let filled = std::fs::write(disk.join("ballast"), vec![0; 1 << 16]);
    let set = storage.set(KEY, &"x".repeat(9000)).await;
    let read = storage.get(KEY).await;
    let left = leftovers(&disk.join("app"));
    let freed = std::fs::remove_file(disk.join("ballast"));
    let again = storage.set(KEY, "new").await;
    drop(storage);
    assert!(run("umount", &["-l"]));
    assert!(stored.is_ok() && filled.is_err() && freed.is_ok());
    assert!(
        matches!(&set, Err(PortError::Unavailable { why, .. }) if why.contains("No space left")),
        "{set:?}"
    );
    assert_eq!((read, again), (Ok(Some("old".into())), Ok(())));
    assert_eq!(left, [""; 0]);
}

#[test]
fn s03_every_call_that_fails_is_reported_and_leaves_the_old_file() {
    let place = place();
    let (inside, keychain) = (place.path().join("app"), place.path().join("keychain"));
    let mut child = Child::start(&inside, Some(&keychain));
    child.ask(&format!("set {KEY} old"));
    for (call, error, message) in [
        ("write", "ENOSPC", "No space left on device"),
        ("write", "EDQUOT", "quota exceeded"),
        ("write", "EFBIG", "File too large"),
        ("write", "EIO", "Input/output error"),
        ("fsync", "EIO", "Input/output error"),
        ("rename", "EIO", "Input/output error"),
        ("rename", "EROFS", "Read-only file system"),
    ] {
        for command in [format!("set {KEY} new"), format!("swap {KEY} old new")] {
            let mut child = Child::start(&inside, Some(&keychain));
            assert_eq!(child.ask(&format!("get {KEY}")), "some old");
            let inject = format!("inject={call}:error={error}:when=1");
            let Some(_tracer) = Tracer::attach(&child, &["-o", "/dev/null", "-e", &inject]) else {
                return report(
                    "strace is missing or may not attach; calls that fail are not tried",
                );
            };
            let answer = child.ask(&command);
            assert!(answer.contains(message), "{call} {error}: {answer}");
            assert_eq!(child.ask(&format!("get {KEY}")), "some old");
            assert_eq!(leftovers(&inside), [""; 0], "the draft is removed");
            let again = child.ask(&format!("swap {KEY} old old"));
            assert_eq!(again, "true", "the next one works");
        }
    }
}

#[test]
fn s03_a_directory_that_cannot_be_synced_is_for_the_log() {
    let place = place();
    let (inside, keychain) = (place.path().join("app"), place.path().join("keychain"));
    let mut child = Child::start(&inside, Some(&keychain));
    child.ask(&format!("set {KEY} old"));
    let inject = "inject=fsync:error=EIO:when=2";
    let Some(_tracer) = Tracer::attach(&child, &["-o", "/dev/null", "-e", inject]) else {
        return report("strace is missing or may not attach; syncing a directory is not tried");
    };
    assert_eq!(child.ask(&format!("set {KEY} new")), "done");
    assert_eq!(
        child.ask(&format!("get {KEY}")),
        "some new",
        "it has happened"
    );
    assert_eq!(child.logged("power cut"), 1);
}

#[tokio::test]
async fn s03_a_session_that_cannot_be_stored_goes_on_and_is_stored_when_it_can_be() {
    let tenant = tenant().await;
    let place = place();
    let inside = place.path().join("app");
    let machine = || Machine::plain(tenant.issuer(), &inside);
    let (ada, options) = (machine(), TokenOptions::default());
    expire_next_token(&tenant);
    ada.log_in("ada@example.com").await;
    // No directory can be made where a file is.
    let away = place.path().join("away");
    std::fs::rename(&inside, &away).expect("renamed");
    std::fs::write(&inside, "").expect("written");
    let first = ada.client.access_token(&options).await;
    assert!(matches!(first, Err(Error::Platform(_))), "{first:?}");
    let token = ada.client.access_token(&options).await;
    let token = token.expect("it goes on in this process");
    std::fs::remove_file(&inside).expect("removed");
    std::fs::rename(&away, &inside).expect("renamed back");
    assert_eq!(ada.client.access_token(&options).await, Ok(token.clone()));
    let restarted = machine();
    restarted.client.restore().await;
    assert_eq!(restarted.client.access_token(&options).await, Ok(token));
    assert_eq!(refreshes(&tenant), 1);
}

#[tokio::test]
async fn s17_no_time_of_a_file_means_anything() {
    let place = place();
    let keychain = MemoryKeychain::new();
    sealed(place.path(), &keychain)
        .set(KEY, "text")
        .await
        .expect("stored");
    let file = session_file(place.path());
    let draft = file.with_extension("session.draft-0123456789abcdef");
    let (epoch, now) = (SystemTime::UNIX_EPOCH, SystemTime::now());
    let day = Duration::from_secs(86_400);
    for time in [epoch, epoch + day * 24_856, now - day, now + day] {
        std::fs::write(&draft, "of a killed process").expect("written");
        for path in [&file, &draft] {
            set_time(path, time);
        }
        let storage = sealed(place.path(), &keychain);
        assert_eq!(storage.get(KEY).await, Ok(Some("text".into())));
        assert_eq!(leftovers(place.path()), [""; 0]);
    }
}

fn set_time(path: &Path, time: SystemTime) {
    let file = File::options()
        .append(true)
        .open(path)
        .expect("it is there");
    let times = FileTimes::new().set_modified(time).set_accessed(time);
    file.set_times(times).expect("the test may set times");
}

#[test]
fn s18_a_file_system_without_locks_is_used_without_and_logged_once() {
    let place = place();
    let (inside, keychain) = (place.path().join("app"), place.path().join("keychain"));
    let mut child = Child::start(&inside, Some(&keychain));
    child.ask(&format!("set {KEY} old"));
    let arguments = ["-f", "-o", "/dev/null", "-e", "inject=flock:error=ENOLCK"];
    let Some(_tracer) = Tracer::attach_to(child.id(), &arguments) else {
        return report("strace is missing or may not attach; missing locks are not tried");
    };
    assert_eq!(child.ask(&format!("set {KEY} new")), "done");
    assert_eq!(child.ask(&format!("swap {KEY} new newer")), "true");
    assert_eq!(child.ask(&format!("get {KEY}")), "some newer");
    assert_eq!(child.ask(&format!("hold {KEY}")), "held");
    assert_eq!(child.ask(&format!("hold {KEY}")), "held");
    assert_eq!(
        child.logged("keep each other out"),
        2,
        "storage and lock once each"
    );
    assert_eq!(leftovers(&inside), [""; 0]);
}

#[test]
fn s08_a_damaged_file_that_was_replaced_in_time_is_not_set_aside() {
    let place = place();
    let (inside, keychain) = (place.path().join("app"), place.path().join("keychain"));
    let mut healing = Child::start(&inside, Some(&keychain));
    healing.ask(&format!("set {KEY} old"));
    let mut reading = Child::start(&inside, Some(&keychain));
    reading.ask(&format!("get {KEY}"));
    let inject = "inject=flock:delay_enter=700000:when=1";
    let Some(_tracer) = Tracer::attach(&reading, &["-o", "/dev/null", "-e", inject]) else {
        return report("strace is missing or may not attach; a slow reader is not tried");
    };
    std::fs::write(session_file(&inside), "damage").expect("the test may write");
    reading.tell(&format!("get {KEY}"));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(healing.ask(&format!("set {KEY} new")), "done");
    assert_eq!(reading.answer().as_deref(), Some("some new"));
    assert_eq!(leftovers(&inside), [""; 0]);
}

#[test]
fn s13_a_swap_that_was_held_up_at_the_files_gives_up() {
    let place = place();
    let (inside, keychain) = (place.path().join("app"), place.path().join("keychain"));
    let mut child = Child::start(&inside, Some(&keychain));
    child.ask(&format!("set {KEY} old"));
    let command = format!("swap {KEY} old new");
    let Some(calls) = calls_of(&inside, &keychain, &command) else {
        return report("strace is missing or may not attach; being held up is not tried");
    };
    // The look under the lock; the one before it finds out which key to seal with.
    let look = calls
        .iter()
        .rfind(|call| call.name == "openat" && call.line.contains(".session\""));
    let look = look.expect("the file is opened to compare it");
    let mut child = Child::start(&inside, Some(&keychain));
    child.ask(&format!("set {KEY} old"));
    let inject = format!("inject=openat:delay_enter=2500000:when={}", look.count);
    let _tracer = Tracer::attach(&child, &["-o", "/dev/null", "-e", &inject]);
    let answer = child.ask(&command);
    assert!(answer.contains("held up"), "{answer}");
    assert_eq!(child.ask(&format!("get {KEY}")), "some old");
    assert_eq!(child.ask(&command), "true");
}
