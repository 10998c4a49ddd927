//! The tests that the table names: each must be there.

use std::collections::HashMap;
use std::path::Path;

/// Returns those of `names` that are the test of no source, written as `tests/flows/login.rs::a_claim`.
pub(crate) fn missing<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut sources = HashMap::new();
    let is_missing = |name: &&str| {
        let Some((file, test)) = name.split_once("::") else {
            return true;
        };
        let tests = sources
            .entry(file.to_owned())
            .or_insert_with(|| tests_of(file));
        !tests.iter().any(|known| known == test)
    };
    names.filter(is_missing).collect()
}

fn tests_of(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    tests_in(&std::fs::read_to_string(path).unwrap_or_default())
}

/// Finds the functions that an attribute makes a test which runs by itself, or by a step of `cargo xtask test`.
fn tests_in(source: &str) -> Vec<String> {
    let (mut tests, mut is_test) = (Vec::new(), false);
    for line in source.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if line.starts_with("#[ignore") && !line.contains("cargo xtask test") {
            is_test = false;
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|(before, _)| {
            matches!(*before, "" | "async " | "pub(crate) " | "pub(crate) async ")
        }) {
            if is_test {
                let name = rest.split(['(', '<']).next().unwrap_or_default();
                tests.push(name.to_owned());
            }
            is_test = false;
        }
    }
    tests
}

#[test]
fn a_name_that_is_no_test_is_missing() {
    let source = "
        #[test]
        fn one() {}
        fn helper() {}
        #[tokio::test(flavor = \"multi_thread\")]
        async fn two() {}
        #[tokio::test]
        #[ignore = \"needs its twin\"]
        async fn three() {}
        #[test]
        #[ignore = \"needs a tool: cargo xtask test --only four\"]
        fn four() {}
    ";
    assert_eq!(tests_in(source), ["one", "two", "four"]);
    let here = "tests/conformance/named.rs::a_name_that_is_no_test_is_missing";
    let gone = "tests/conformance/named.rs::a_test_of_yesterday";
    let names = [here, gone, "tests/nowhere.rs::one", "one"];
    let found = missing(names.into_iter());
    assert_eq!(found, [gone, "tests/nowhere.rs::one", "one"]);
}
