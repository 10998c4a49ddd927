//! Every seed, and every input that has broken a promise once, without libFuzzer and on any compiler.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use fuzz::TARGETS;

/// The inputs of a target: what it starts from, and what once broke it.
const KINDS: [&str; 2] = ["seeds", "crashes"];

#[test]
fn every_seed_and_every_former_crash_keeps_the_promises() {
    let mut broken = Vec::new();
    for (name, target) in TARGETS {
        for file in KINDS
            .iter()
            .flat_map(|kind| files(&Path::new(kind).join(name)))
        {
            let bytes = std::fs::read(&file).expect("the file can be read");
            if catch_unwind(|| target(&bytes)).is_err() {
                broken.push(file);
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_target_has_seeds_and_a_program_and_nothing_else_has() {
    let targets: Vec<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("seeds"), targets);
    assert_eq!(names("programs"), targets);
    for name in names("crashes").iter().chain(&names("dictionaries")) {
        assert!(targets.contains(name), "{name} is no target");
    }
    for target in targets {
        assert!(!files(&Path::new("seeds").join(&target)).is_empty());
    }
}

#[test]
fn a_program_runs_the_target_of_its_name() {
    for (name, _) in TARGETS {
        let program = root().join("programs").join(name).with_extension("rs");
        let text = std::fs::read_to_string(program).expect("it is there");
        assert!(
            text.contains(&format!("fuzz::targets::{name}::run(bytes)")),
            "{name}"
        );
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a directory; none, if there is no directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(directory)).into_iter();
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}

/// What is in a directory, without the endings of names.
fn names(directory: &str) -> Vec<String> {
    let stem = |file: &PathBuf| {
        let stem = file.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    };
    files(Path::new(directory)).iter().map(stem).collect()
}
