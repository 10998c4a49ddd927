//! The key that tokens are bound to, among several processes.

use nix::sys::signal::Signal;

use super::process::Child;
use super::{leftovers, place};
use crate::keys::is_signed;

const COUNT: usize = 6;

fn bytes(hex: &str) -> Vec<u8> {
    let digits = (0..hex.len()).step_by(2);
    let bytes = digits.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex"));
    bytes.collect()
}

/// Asks all of them at once.
fn all(children: &mut [Child], line: &str) -> Vec<String> {
    for child in &mut *children {
        child.tell(line);
    }
    let answers = children.iter_mut().map(Child::answer);
    answers.map(|answer| answer.expect("it lives")).collect()
}

#[test]
fn processes_that_make_a_key_at_once_have_the_same_one_and_each_signs_with_it() {
    let place = place();
    let directory = place.path().join("app");
    let keychain = place.path().join("keychain");
    let mut children: Vec<Child> = (0..COUNT)
        .map(|_| Child::start(&directory, Some(&keychain)))
        .collect();
    let mut seen = Vec::new();
    for round in 0..20 {
        let publics = all(&mut children, "public a");
        let public = publics[0].clone();
        assert_eq!(publics, vec![public.clone(); COUNT], "in round {round}");
        assert!(!seen.contains(&public), "a new one each time");
        for signature in all(&mut children, "sign a text") {
            assert!(is_signed(&bytes(&public), b"text", &bytes(&signature)));
        }
        seen.push(public);
        assert_eq!(children[round % COUNT].ask("lose a"), "done");
        assert!(children[0].ask("sign a text").starts_with("error"));
    }
    assert_eq!(leftovers(&directory), [""; 0]);
}

#[test]
fn a_key_outlives_the_process_that_made_it() {
    let place = place();
    let keychain = place.path().join("keychain");
    let directory = place.path().join("app");
    let mut first = Child::start(&directory, Some(&keychain));
    let public = first.ask("public a");
    first.kill();
    let mut next = Child::start(&directory, Some(&keychain));
    assert_eq!(next.ask("public a"), public);
    let signature = next.ask("sign a text");
    assert!(is_signed(&bytes(&public), b"text", &bytes(&signature)));
}

#[test]
fn a_process_that_stands_still_keeps_nobody_from_making_a_key() {
    let place = place();
    let directory = place.path().join("app");
    let mut stuck = Child::start(&directory, None);
    assert_eq!(stuck.ask("hold dioxus-auth0.key.a"), "held");
    stuck.signal(Signal::SIGSTOP);
    let mut other = Child::start(&directory, None);
    let public = other.ask("public a");
    assert_eq!(bytes(&public).len(), 65);
    stuck.signal(Signal::SIGCONT);
    assert_eq!(stuck.ask("public a"), public);
}
