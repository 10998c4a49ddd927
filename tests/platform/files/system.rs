//! The ports of this machine as an app gets them: its directories and its own keychain, as far as there is one.

use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use dioxus_auth0::platform::native::KEYCHAIN_TIMEOUT;

use super::process::{APPLICATION, Child};
use super::{KEY, leftovers, place, session_file};

/// A session that is stored with these variables set is there in the next process; says how long that took.
fn outlives_its_process(bus: &str) -> Duration {
    let place = place();
    let data = place.path().to_str().expect("the test's path is text");
    let variables = [("XDG_DATA_HOME", data), ("DBUS_SESSION_BUS_ADDRESS", bus)];
    let start = Instant::now();
    let mut child = Child::current(&variables);
    assert_eq!(child.ask(&format!("get {KEY}")), "none");
    let inside = place.path().join(APPLICATION);
    assert!(
        !inside.exists(),
        "nothing is made before there is something to keep"
    );
    assert_eq!(child.ask(&format!("set {KEY} text")), "done");
    assert_eq!(child.ask(&format!("hold {KEY}")), "held");
    let took = start.elapsed();
    assert_eq!(child.logged("in plain text"), 1, "it is said, once");
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
