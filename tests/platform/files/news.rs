//! What processes hear of each other's sessions: whatever one does to a session is news to the others.

use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::process::Child;
use super::world::{Machine, tenant};
use super::{KEY, names, place, report};

/// What the channel promises is a second. A machine that runs all tests at once has other things to do.
const PATIENCE: &str = "hear 20000";

/// Long enough for what should not come.
const AWHILE: &str = "hear 300";

fn child(directory: &Path) -> Child {
    Child::start(directory, None)
}

/// A process that listens to the one session.
fn listener(directory: &Path) -> Child {
    let mut child = child(directory);
    assert_eq!(child.ask(&format!("listen {KEY}")), "done");
    child
}

/// Lets one process do something, waits until all others have heard of it, and says how long that took, in milliseconds.
fn is_news(doer: &mut Child, line: &str, listeners: &mut [&mut Child]) -> u64 {
    assert!(["done", "true"].contains(&doer.ask(line).as_str()));
    for listener in &mut *listeners {
        listener.tell(PATIENCE);
    }
    let heard = listeners.iter_mut().map(|listener| {
        let heard = listener.answer();
        let heard = heard.as_deref().and_then(|text| text.strip_prefix("news "));
        let heard = heard.and_then(|text| text.parse().ok());
        heard.expect("it is heard of")
    });
    heard.max().expect("somebody listens")
}

/// Reads whatever has come until now: one thing that happens may be told more than once.
fn rest(child: &mut Child) {
    while child.ask(AWHILE) != "silence" {}
}

#[test]
fn a_session_that_begins_changes_or_ends_elsewhere_is_news() {
    let place = place();
    let directory = place.path().join("app");
    let mut doer = child(&directory);
    let [mut one, mut two] = [(); 2].map(|()| listener(&directory));
    let mut stranger = child(&directory);
    assert_eq!(stranger.ask("listen another"), "done");

    is_news(
        &mut doer,
        &format!("set {KEY} first"),
        &mut [&mut one, &mut two],
    );
    assert_eq!(one.ask(&format!("get {KEY}")), "some first");
    let swap = format!("swap {KEY} first second");
    is_news(&mut doer, &swap, &mut [&mut one, &mut two]);
    assert_eq!(two.ask(&format!("get {KEY}")), "some second");
    rest(&mut one);

    assert_eq!(doer.ask(&format!("get {KEY}")), "some second");
    assert_eq!(doer.ask(&format!("swap {KEY} first third")), "false");
    assert_eq!(doer.ask("set unrelated text"), "done");
    assert_eq!(doer.ask("hold lock"), "held");
    assert_eq!(one.ask(AWHILE), "silence", "nothing happened to it");
    // Whoever has just listened is told of nothing that was before.
    assert_eq!(doer.ask(&format!("listen {KEY}")), "done");
    assert_eq!(doer.ask(AWHILE), "silence");

    // A logout in a process that listens itself.
    let took = is_news(
        &mut one,
        &format!("remove {KEY}"),
        &mut [&mut two, &mut doer],
    );
    report(&format!("a logout is heard of elsewhere after {took} ms"));
    for other in [&mut two, &mut doer] {
        assert_eq!(other.ask(&format!("get {KEY}")), "none");
    }
    assert_eq!(stranger.ask(AWHILE), "silence");
}

#[test]
fn the_ports_of_this_machine_hear_of_each_others_sessions_and_share_a_key() {
    let place = place();
    let data = place.path().to_str().expect("the test's path is text");
    let bus = "unix:path=/nonexistent/bus";
    let variables = [("XDG_DATA_HOME", data), ("DBUS_SESSION_BUS_ADDRESS", bus)];
    let [mut one, mut two] = [(); 2].map(|()| Child::current(&variables));
    assert_eq!(one.ask(&format!("listen {KEY}")), "done");
    assert_eq!(one.ask(AWHILE), "silence");
    assert_eq!(names(place.path()), [""; 0], "nothing is made");
    is_news(&mut two, &format!("set {KEY} text"), &mut [&mut one]);
    is_news(&mut two, &format!("remove {KEY}"), &mut [&mut one]);
    assert_eq!(one.ask("public a"), two.ask("public a"));
}

#[tokio::test]
async fn a_login_and_a_logout_are_news_to_the_other_clients_of_this_user() {
    let place = place();
    let tenant = tenant().await;
    let issuer = tenant.issuer();
    let key = KEY.replace("https://tenant.example/", issuer);
    let [mut one, mut two] = [(); 2].map(|()| {
        let mut child = Child::client(place.path(), issuer);
        assert_eq!(child.ask(&format!("listen {key}")), "done");
        child
    });
    assert_eq!(one.ask("who"), "nobody");

    let machine = Machine::plain(issuer, place.path());
    machine.log_in("ada@example.com").await;
    for child in [&mut one, &mut two] {
        assert!(child.ask(PATIENCE).starts_with("news"));
        assert!(child.ask("restore").starts_with("SignedIn"));
        assert_eq!(child.ask("who"), "ada@example.com");
        rest(child);
    }

    is_news(&mut one, "logout", &mut [&mut two]);
    assert!(two.ask("restore").starts_with("SignedOut"));
}

#[test]
fn the_end_of_a_process_is_no_news_and_not_that_of_its_session() {
    let place = place();
    let mut one = listener(place.path());
    let mut doer = child(place.path());
    is_news(&mut doer, &format!("set {KEY} text"), &mut [&mut one]);
    rest(&mut one);
    doer.kill();
    assert_eq!(one.ask(AWHILE), "silence");
    assert_eq!(one.ask(&format!("get {KEY}")), "some text");
}

#[test]
fn the_first_session_of_all_is_news_and_listening_makes_no_directory() {
    let place = place();
    let directory = place.path().join("user").join("share").join("app");
    let mut one = listener(&directory);
    assert_eq!(one.ask(AWHILE), "silence");
    assert!(!place.path().join("user").exists(), "nothing is made");
    let mut doer = child(&directory);
    is_news(&mut doer, &format!("set {KEY} text"), &mut [&mut one]);
    assert_eq!(one.ask(&format!("get {KEY}")), "some text");
    rest(&mut one);

    // Somebody clears up, and the user logs in again.
    for gone in [&directory, &place.path().join("user")] {
        std::fs::remove_dir_all(gone).expect("the test may remove it");
        assert!(one.ask(PATIENCE).starts_with("news"));
        assert_eq!(one.ask(&format!("get {KEY}")), "none");
        rest(&mut one);
        is_news(&mut doer, &format!("set {KEY} text"), &mut [&mut one]);
        rest(&mut one);
    }
    std::fs::rename(&directory, place.path().join("backup")).expect("the test may rename it");
    assert!(one.ask(PATIENCE).starts_with("news"));
    rest(&mut one);
    is_news(&mut doer, &format!("set {KEY} text"), &mut [&mut one]);
}

#[test]
fn a_directory_that_is_replaced_while_nobody_looks_is_watched_again() {
    let place = place();
    let directory = place.path().join("app");
    let (mut one, mut doer) = (listener(&directory), child(&directory));
    is_news(&mut doer, &format!("set {KEY} text"), &mut [&mut one]);
    rest(&mut one);
    one.signal(Signal::SIGSTOP);
    std::fs::remove_dir_all(&directory).expect("the test may remove it");
    assert_eq!(doer.ask(&format!("set {KEY} again")), "done");
    one.signal(Signal::SIGCONT);
    assert!(one.ask(PATIENCE).starts_with("news"));
    rest(&mut one);
    is_news(&mut doer, &format!("remove {KEY}"), &mut [&mut one]);
}

#[test]
fn where_the_system_has_no_watch_left_it_is_looked_and_said_so_once() {
    if !Path::new("/proc/sys/fs/inotify").is_dir() {
        return report("no watch here is an open file; none is taken away");
    }
    let place = place();
    let directory = place.path().join("app");
    let mut doer = child(&directory);
    let mut one = child(&directory);
    assert_eq!(one.ask("exhaust"), "done");
    for _ in 0..2 {
        assert_eq!(one.ask(&format!("listen {KEY}")), "done");
        is_news(&mut doer, &format!("set {KEY} first"), &mut [&mut one]);
        let took = is_news(&mut doer, &format!("remove {KEY}"), &mut [&mut one]);
        report(&format!(
            "without a watch a logout is heard of elsewhere after {took} ms"
        ));
    }
    assert_eq!(one.logged("looked at twice a second"), 1);
    assert_eq!(one.logged(""), 1);
}

/// The threads of a process that have to do with listening, and how often each has been woken.
fn threads(child: &Child) -> Vec<(String, String)> {
    let path = format!("/proc/{}/task", child.id());
    let tasks = std::fs::read_dir(path).expect("the child lives");
    let mut threads = Vec::new();
    for task in tasks.map(|task| task.expect("an entry").path()) {
        let read = |name: &str| std::fs::read_to_string(task.join(name)).unwrap_or_default();
        let name = read("comm").trim().to_owned();
        if !name.starts_with("notify") && !name.starts_with("session news") {
            continue;
        }
        let status = read("status");
        let mut lines = status.lines();
        let woken = lines.find(|line| line.starts_with("voluntary_ctxt_switches"));
        threads.push((name, woken.expect("threads count that").to_owned()));
    }
    threads.sort();
    threads
}

#[test]
fn a_process_that_listens_sleeps_until_something_happens_and_one_that_does_not_has_no_thread() {
    if !Path::new("/proc/self/task").is_dir() {
        return report("there is no /proc; threads are not looked at");
    }
    let place = place();
    let mut one = child(place.path());
    assert_eq!(threads(&one), [], "nobody listens yet");
    assert_eq!(one.ask(&format!("listen {KEY}")), "done");
    let mut doer = child(place.path());
    is_news(&mut doer, &format!("set {KEY} text"), &mut [&mut one]);
    rest(&mut one);
    let before = threads(&one);
    assert_eq!(
        before.len(),
        2,
        "one that waits for the system, one that looks"
    );
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(threads(&one), before, "nobody was woken");
    assert_eq!(one.ask("ignore"), "done");
    for _ in 0..200 {
        if threads(&one).is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("they go on: {:?}", threads(&one));
}
