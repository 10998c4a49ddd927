//! S01, S02: a process that ends in the middle of a save.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dioxus_auth0::config::WithoutKeychain;
use dioxus_auth0::platform::native::NativeStorage;
use dioxus_auth0::port::Storage;

use super::doubles::FileKeychain;
use super::process::Child;
use super::{KEY, leftovers, place, report};

/// A tracer that is attached to the thread of a child that reads and writes, until that ends.
pub(crate) struct Tracer(std::process::Child);

impl Tracer {
    /// Attaches to a child that has stored or read something, with these arguments; not where `strace` is missing or
    /// may not.
    pub(crate) fn attach(child: &Child, arguments: &[&str]) -> Option<Self> {
        let thread = child.thread("sessions")?;
        Self::attach_to(thread, arguments)
    }

    /// Attaches to a thread, or with `-f` among the arguments to a process.
    pub(crate) fn attach_to(id: u32, arguments: &[&str]) -> Option<Self> {
        let mut strace = Command::new("strace")
            .args(["-p", &id.to_string()])
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        let stderr = BufReader::new(strace.stderr.take()?);
        let mut lines = stderr.lines().map_while(Result::ok);
        let is_attached = lines.any(|line| line.contains("attached"));
        // The rest is read as well, so that the tracer never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let tracer = Self(strace);
        is_attached.then_some(tracer)
    }

    pub(crate) fn wait(mut self) {
        // It ends with the process it is attached to.
        let _ = self.0.wait();
    }
}

/// One system call that a thread made: its name, and the how-manieth of that name.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) count: usize,
    pub(crate) line: String,
}

/// Lists the system calls that reading and writing makes while `command` is obeyed.
pub(crate) fn calls_of(directory: &Path, keychain: &Path, command: &str) -> Option<Vec<Call>> {
    let trace = directory.with_extension("trace");
    let mut child = Child::start(directory, Some(keychain));
    child.ask(&format!("get {KEY}"));
    let output = trace.to_str().expect("the test's path is text");
    let tracer = Tracer::attach(&child, &["-o", output])?;
    child.ask(command);
    child.kill();
    tracer.wait();
    let trace = std::fs::read_to_string(trace).expect("a trace was written");
    let mut calls: Vec<Call> = Vec::new();
    for line in trace.lines() {
        let Some((name, _)) = line.split_once('(') else {
            continue;
        };
        let count = calls.iter().filter(|call| call.name == name).count() + 1;
        calls.push(Call {
            name: name.to_owned(),
            count,
            line: line.to_owned(),
        });
    }
    Some(calls)
}

/// What a new process finds: it reads, and it can save.
fn found(directory: &Path, keychain: &Path) -> Option<String> {
    let keychain = FileKeychain(Some(keychain.to_owned()));
    let storage = NativeStorage::new(
        Some(directory.to_owned()),
        std::sync::Arc::new(keychain),
        WithoutKeychain::Refuse,
    );
    let runtime = tokio::runtime::Builder::new_current_thread().build().ok()?;
    runtime.block_on(async {
        let text = storage.get(KEY).await.expect("never anything else");
        assert_eq!(
            leftovers(directory),
            [""; 0],
            "drafts of the dead are removed"
        );
        text
    })
}

#[test]
fn s01_a_process_killed_at_any_system_call_of_a_save_leaves_the_old_text_or_the_new() {
    let start = Instant::now();
    let mut runs = 0;
    for (first, command) in [
        (None, format!("set {KEY} new")),
        (Some("old"), format!("set {KEY} new")),
        (Some("old"), format!("swap {KEY} old new")),
    ] {
        let place = place();
        let (directory, keychain) = (place.path().join("app"), place.path().join("keychain"));
        let prepare = || {
            let mut child = Child::start(&directory, Some(&keychain));
            child.ask(&format!("set {KEY} old"));
            if first.is_none() {
                // The keychain has a key, and nobody is logged in.
                std::fs::remove_dir_all(&directory).expect("it is there");
            }
        };
        prepare();
        let Some(calls) = calls_of(&directory, &keychain, &command) else {
            report("strace is missing or may not attach; only random kills are tried");
            break;
        };
        assert!(calls.len() > 10, "{calls:?}");
        let (mut old, mut new) = (0, 0);
        for call in &calls {
            prepare();
            let mut child = Child::start(&directory, Some(&keychain));
            child.ask(&format!("get {KEY}"));
            let inject = format!("inject={}:signal=KILL:when={}", call.name, call.count);
            let tracer = Tracer::attach(&child, &["-o", "/dev/null", "-e", &inject]);
            let tracer = tracer.expect("it attached before");
            child.tell(&command);
            let answer = child.answer();
            child.kill();
            tracer.wait();
            let text = found(&directory, &keychain);
            match text.as_deref() {
                Some("new") => new += 1,
                text if text == first => old += 1,
                other => panic!("{other:?} after a kill at {call:?}"),
            }
            if answer.as_deref() == Some("done") || answer.as_deref() == Some("true") {
                assert_eq!(text.as_deref(), Some("new"), "what was promised is there");
            }
            runs += 1;
        }
        assert!(old > 0 && new > 0, "{old} old, {new} new");
        report(&format!(
            "{command}: {} calls, {old} old, {new} new",
            calls.len()
        ));
    }
    let traced = runs;
    let random = random_kills(1000 - traced);
    report(&format!(
        "S01: {traced} kills at a system call, {random} at random, {:.1} s",
        start.elapsed().as_secs_f32()
    ));
}

/// Kills processes that save without a pause, after up to some milliseconds.
fn random_kills(runs: usize) -> usize {
    let place = place();
    let (directory, keychain) = (place.path().join("app"), place.path().join("keychain"));
    let mut pause = 1_u64;
    let mut previous = None;
    let mut changes = 0;
    // On a machine that is busy a save takes longer to begin.
    let (mut longest, mut in_vain) = (4000, 0);
    for run in 0..runs {
        let mut child = Child::start(&directory, Some(&keychain));
        child.tell("saves");
        pause = (pause * 48_271) % 2_147_483_647;
        std::thread::sleep(Duration::from_micros(pause % longest));
        child.kill();
        let text = found(&directory, &keychain);
        let is_whole = text
            .as_deref()
            .is_none_or(|text| text == "a".repeat(9000) || text == "b".repeat(9000));
        assert!(is_whole, "run {run}");
        assert!(
            text.is_some() || previous.is_none(),
            "run {run} lost the text"
        );
        changes += usize::from(text != previous);
        in_vain = if text == previous { in_vain + 1 } else { 0 };
        if in_vain == 20 {
            (longest, in_vain) = (longest * 2, 0);
        }
        previous = text;
    }
    assert!(
        changes > runs / 20,
        "only {changes} of {runs} runs saved anything"
    );
    runs
}

#[test]
fn s01_a_draft_that_is_being_written_is_not_taken_for_a_leftover() {
    let place = place();
    let (directory, keychain) = (place.path().join("app"), place.path().join("keychain"));
    let mut child = Child::start(&directory, Some(&keychain));
    child.ask(&format!("set {KEY} old"));
    let inject = "inject=fsync:delay_enter=700000:when=1";
    let Some(_tracer) = Tracer::attach(&child, &["-o", "/dev/null", "-e", inject]) else {
        return report("strace is missing or may not attach; a slow writer is not tried");
    };
    child.tell(&format!("set {KEY} new"));
    let start = Instant::now();
    while leftovers(&directory).is_empty() {
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "no draft was made"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    let mut other = Child::start(&directory, Some(&keychain));
    assert_eq!(other.ask(&format!("get {KEY}")), "some old");
    assert_eq!(leftovers(&directory).len(), 1, "the draft is still there");
    assert_eq!(child.answer().as_deref(), Some("done"));
    assert_eq!(other.ask(&format!("get {KEY}")), "some new");
}

#[test]
fn s02_everything_is_on_the_disk_before_it_gets_its_name() {
    let place = place();
    let (directory, keychain) = (place.path().join("app"), place.path().join("keychain"));
    let mut child = Child::start(&directory, Some(&keychain));
    child.ask(&format!("set {KEY} old"));
    let command = format!("swap {KEY} old new");
    let Some(calls) = calls_of(&directory, &keychain, &command) else {
        return report("strace is missing or may not attach; the order is not checked");
    };
    let at = |name: &str, part: &str| {
        let found = calls
            .iter()
            .position(|call| call.name == name && call.line.contains(part));
        found.unwrap_or_else(|| panic!("no {name} of {part} in {calls:#?}"))
    };
    let last_write = calls
        .iter()
        .rposition(|call| call.name == "write" && call.line.contains("dxauth0"));
    let rename = at("rename", ".draft-");
    let syncs: Vec<usize> = (0..calls.len())
        .filter(|&call| calls[call].name == "fsync")
        .collect();
    assert_eq!(syncs.len(), 2, "{calls:#?}");
    assert!(last_write.expect("it was written") < syncs[0]);
    assert!(syncs[0] < rename && rename < syncs[1]);
}
