//! The ports of this machine as an app gets them: its directories and its own keychain, as far as there is one.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use dioxus_auth0::platform::native::KEYCHAIN_TIMEOUT;

use super::process::{APPLICATION, Child};
use super::{KEY, leftovers, place, report, session_file};

/// A session that is stored with these variables set is there in the next process; says how long that took.
fn outlives_its_process(bus: &str) -> Duration {
    let place = place();
    let data = place.path().to_str().expect("the test's path is text");
    let variables = [("XDG_DATA_HOME", data), ("DBUS_SESSION_BUS_ADDRESS", bus)];
    let start = Instant::now();
    let mut child = Child::current(&variables);
    assert_eq!(child.ask(&format!("get {KEY}")), "none");
    let inside = place.path().join(APPLICATION).join("sessions");
    assert!(
        !inside.exists(),
        "nothing is made before there is something to keep"
    );
    // A webview may have been here before.
    let app = place.path().join(APPLICATION);
    std::fs::create_dir(&app).expect("it is not there yet");
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&app, open).expect("the test may change modes");
    assert_eq!(child.ask(&format!("set {KEY} first")), "done");
    assert_eq!(child.ask(&format!("set {KEY} text")), "done");
    assert_eq!(child.ask(&format!("hold {KEY}")), "held");
    let took = start.elapsed();
    assert_eq!(child.logged("in plain text"), 1, "it is said, once");
    assert_eq!(child.logged(""), 1, "nothing else is");
    child.kill();
    let mode = std::fs::metadata(session_file(&inside)).map(|file| file.mode() & 0o777);
    assert_eq!(mode.ok(), Some(0o600));

    let mut next = Child::current(&variables);
    assert_eq!(next.ask(&format!("get {KEY}")), "some text");
    assert_eq!(next.ask(&format!("remove {KEY}")), "done");
    assert_eq!(next.ask(&format!("get {KEY}")), "none");
    assert_eq!(leftovers(&inside), [""; 0]);
    took
}

#[test]
fn s10_where_no_bus_runs_a_session_outlives_its_process() {
    let took = outlives_its_process("unix:path=/nonexistent/bus");
    assert!(
        took < KEYCHAIN_TIMEOUT,
        "{took:?} for a keychain that is missing"
    );
}

#[test]
fn s10_where_the_bus_never_answers_a_session_outlives_its_process() {
    let place = place();
    let socket = place.path().join("bus");
    let _bus = UnixListener::bind(&socket).expect("a socket");
    let took = outlives_its_process(&format!("unix:path={}", socket.display()));
    assert!(took < KEYCHAIN_TIMEOUT * 2, "{took:?}");
}

#[test]
fn s10_the_secret_service_of_a_desktop_keeps_the_key() {
    let programs = ["dbus-run-session", "gnome-keyring-daemon"];
    let is_there = |program: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
    };
    if !programs.into_iter().all(is_there) {
        return report("gnome-keyring is missing; a real keychain is not tried");
    }
    let place = place();
    let home = place.path().to_str().expect("the test's path is text");
    let variables = [
        ("XDG_DATA_HOME", home),
        ("HOME", home),
        ("XDG_RUNTIME_DIR", home),
    ];
    let inside = place.path().join(APPLICATION).join("sessions");
    let mut child = Child::current_with_secret_service(&variables);
    assert_eq!(child.ask(&format!("set {KEY} s3cret")), "done");
    assert_eq!(child.logged("in plain text"), 0);
    let sealed = std::fs::read(session_file(&inside)).expect("the file is there");
    assert!(!sealed.windows(6).any(|part| part == b"s3cret"));
    child.end();
    let mut next = Child::current_with_secret_service(&variables);
    assert_eq!(next.ask(&format!("get {KEY}")), "some s3cret");
    assert_eq!(next.ask(&format!("swap {KEY} s3cret s3cret2")), "true");
    next.end();

    // Without the keychain it stays shut, and stays there.
    let bus = ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    let mut without = Child::current(&[variables[0], bus]);
    let read = without.ask(&format!("get {KEY}"));
    assert!(read.contains("the keychain is not available"), "{read}");
    assert_eq!(leftovers(&inside), [""; 0]);
}
