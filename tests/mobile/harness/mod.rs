//! Where the project is, what is in its files, and the programs that read it.

mod element;
mod merge;

use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) use element::Element;
pub(crate) use merge::{Source, merge};

/// The project that dx has generated.
pub(crate) fn project() -> PathBuf {
    let path = std::env::var_os("DIOXUS_AUTH0_ANDROID").map(PathBuf::from);
    path.unwrap_or_else(|| {
        panic!(
            "DIOXUS_AUTH0_ANDROID must hold the path of the project: run these tests with \
             `cargo xtask test --only android`"
        )
    })
}

/// The project's module of what is written in Kotlin here.
pub(crate) fn module() -> PathBuf {
    project().join("plugins/dioxusauth0")
}

/// This repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Reads a file that must be there.
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns what stands between the quotes after `key = `, or `key=`, at the beginning of a line: of Gradle's files, and of
/// ours.
pub(crate) fn value(text: &str, key: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let rest = line.trim().strip_prefix(key)?.trim_start();
        let value = rest.strip_prefix('=')?.trim();
        Some(value.trim_matches('"').to_owned())
    })
}

/// Runs a program and returns what it said, if it ends well.
pub(crate) fn run(command: &mut Command) -> String {
    let ended = command.output();
    let ended = ended.unwrap_or_else(|error| {
        panic!("{command:?} does not start ({error}); `cargo xtask setup` installs it")
    });
    let [said, complaints] =
        [&ended.stdout, &ended.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(ended.status.success(), "{command:?}: {said}{complaints}");
    said.into_owned()
}
