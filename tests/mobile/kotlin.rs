//! What is written in Kotlin, compiled as dx has packaged it, against an Android in memory, and run there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

use crate::harness::{module, read, repository, run};

/// Of Debian's Kotlin, which is older than the one that dx asks for.
const KOTLIN: &str = "/usr/share/java/kotlin-stdlib.jar";

/// The classes, compiled once.
static CLASSES: LazyLock<TempDir> = LazyLock::new(|| {
    let scratch = TempDir::new().expect("the test may write");
    let [stubs, classes] = ["stubs", "classes"].map(|name| scratch.path().join(name));
    let mut javac = Command::new("javac");
    javac.arg("-Werror").arg("-d").arg(&stubs);
    run(javac.args(java(&ours().join("stubs"))));
    let mut kotlinc = Command::new("kotlinc");
    kotlinc
        .arg(module().join("src/main/kotlin"))
        .arg(ours().join("checks"));
    kotlinc
        .args(["-Werror", "-jvm-target", "1.8", "-cp"])
        .arg(&stubs);
    run(kotlinc.arg("-d").arg(&classes));
    scratch
});

fn ours() -> PathBuf {
    repository().join("tests/mobile/android")
}

fn java(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).expect("the stubs are there");
    let files = entries.flatten().map(|entry| entry.path());
    files
        .flat_map(|path| match path.is_dir() {
            true => java(&path),
            false => vec![path],
        })
        .collect()
}

fn with_classes(command: &mut Command) -> &mut Command {
    let [stubs, classes] = ["stubs", "classes"].map(|name| CLASSES.path().join(name));
    let path = std::env::join_paths([stubs, classes, KOTLIN.into()]);
    command.arg("-cp").arg(path.expect("no path has a colon"))
}

#[test]
fn kotlin_does_what_each_of_its_checks_claims() {
    let mut java = Command::new("java");
    let said = run(with_classes(&mut java).arg("dev.dioxus.auth0.android.ChecksKt"));
    let checks = read(ours().join("checks/Checks.kt"));
    let claims = checks.lines().filter(|line| line.ends_with("to {"));
    let claims: Vec<&str> = claims.filter_map(|line| line.split('"').nth(1)).collect();
    assert!(claims.len() > 20, "{claims:?}");
    for claim in claims {
        assert!(
            said.lines().any(|line| line == format!("ok: {claim}")),
            "{claim} in {said}"
        );
    }
}

#[test]
fn rust_calls_nothing_that_kotlin_does_not_have() {
    let mut javap = Command::new("javap");
    let class = "dev.dioxus.auth0.android.DioxusAuth0";
    let said = run(with_classes(javap.arg("-public")).arg(class));
    for (function, signature) in called() {
        let declared = format!(
            "public static final {} {function}({});",
            signature.0, signature.1
        );
        assert!(said.contains(&declared), "{declared} in {said}");
    }
}

/// The functions that Rust calls, as it writes them down, with what they return and take.
fn called() -> Vec<(String, (&'static str, &'static str))> {
    let text = "java.lang.String";
    let mut found = Vec::new();
    for file in ["mod.rs", "home.rs"] {
        let rust = read(repository().join("platform/mobile/android").join(file));
        for (call, signature) in [
            ("ask(\"", (text, "")),
            ("tell(\"", ("void", "")),
            ("tell_text(\"", ("void", text)),
        ] {
            let names = rust
                .split(call)
                .skip(1)
                .filter_map(|rest| rest.split('"').next());
            found.extend(names.map(|name| (name.to_owned(), signature)));
        }
    }
    assert_eq!(found.len(), 7, "{found:?}");
    found
}
