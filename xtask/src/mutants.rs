//! `cargo xtask mutants`: changes the code bit by bit, and looks whether a test notices.
//!
//! All of it takes hours: it is done in pieces, by file or by shard. What each piece found is kept in the target directory,
//! and every run writes what is known by then of the code as it is now to `tests/mutants.md`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::dirs::Dirs;
use crate::error::{Error, Result};
use crate::process::{output, shown};
use crate::say::say;
use crate::setup;

/// Where the figures are written.
const RECORD: &str = "tests/mutants.md";
/// Where mutants are made, and the tests that look there besides the unit tests: all others need minutes for each mutant and
/// see nothing more.
const HALVES: [Half; 2] = [
    Half {
        folder: "src",
        pattern: r"^src/\w",
        tests: &["protocol", "flows"],
    },
    Half {
        folder: "platform",
        pattern: r"^src/\.\./platform/",
        tests: &["platform"],
    },
];
/// Stands for a survivor that nobody has looked at.
const NO_REASON: &str = "to be looked at";

/// The options of `cargo xtask mutants`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Changes only these files, e.g. `src/oidc/callback.rs`; everything in `.cargo/mutants.toml` by default.
    files: Vec<String>,
    /// Makes one piece of so many, e.g. `1/8` (the first is 0).
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// Makes no change, and only writes the record anew.
    #[arg(long)]
    record: bool,
}

/// A part of the code, and what has to notice its mutants.
struct Half {
    folder: &'static str,
    /// What the names of its mutants begin with. `platform/` is a source root that the compiler reaches from `src/`.
    pattern: &'static str,
    tests: &'static [&'static str],
}

impl Half {
    /// What the names of those mutants match that are asked for: all of them, if no file is.
    fn patterns(&self, files: &[String]) -> Vec<String> {
        if files.is_empty() {
            return vec![self.pattern.to_owned()];
        }
        let ours = files.iter().filter(|file| file.starts_with(self.folder));
        ours.map(|file| format!("(^|/){}:", file.replace('.', r"\.")))
            .collect()
    }
}

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// A test failed.
    Caught,
    /// The tests did not come to an end.
    Timeout,
    /// It did not compile.
    Unviable,
    /// No test noticed.
    Missed,
}

/// One change that can be made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Mutant {
    file: String,
    /// With its line and column.
    name: String,
}

/// Runs the command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let dirs = Dirs::find()?;
    setup::install_mutants(&dirs)?;
    let made = match options.record {
        true => Ok(()),
        false => make(&dirs, options),
    };
    let known = known(&dirs.target.join("mutants"))?;
    let all = all(&dirs)?;
    let path = dirs.workspace.join(RECORD);
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let text = record(&all, &known, &reasons(&before), &stand(&dirs));
    std::fs::write(&path, &text).map_err(Error::io("write", &path))?;
    say(&format!("\n{text}\nwritten to {RECORD}"));
    made
}

/// Makes the mutants of each half that the asked ones are in: what has to notice them is not the same.
fn make(dirs: &Dirs, options: &Options) -> Result<()> {
    for half in HALVES {
        let patterns = half.patterns(&options.files);
        if !patterns.is_empty() {
            make_half(dirs, &half, &patterns, options)?;
        }
    }
    Ok(())
}

fn make_half(dirs: &Dirs, half: &Half, patterns: &[String], options: &Options) -> Result<()> {
    let mut piece = [&[half.folder.to_owned()], &options.files[..]].concat();
    let mut cargo = dirs.command("cargo");
    cargo.args(["mutants", "--package", "dioxus-auth0", "--jobs", "1"]);
    for pattern in patterns {
        cargo.args(["--re", pattern]);
    }
    for test in half.tests {
        cargo.arg("--cargo-test-arg=--test");
        cargo.arg(format!("--cargo-test-arg={test}"));
    }
    if let Some(shard) = &options.shard {
        cargo.args(["--shard", shard]);
        piece.push(shard.clone());
    }
    let place = dirs
        .target
        .join("mutants")
        .join(piece.join("+").replace('/', "-"));
    std::fs::create_dir_all(&place).map_err(Error::io("create", &place))?;
    cargo
        .arg("--cargo-test-arg=--lib")
        .arg("--output")
        .arg(&place)
        // The copy that is changed shares what is built with the original: what the crate depends on is built once.
        .env("CARGO_TARGET_DIR", &dirs.target);
    let status = shown(cargo)?;
    // 2: some survived, 3: some did not come to an end. Both are told by the record.
    match status.code() {
        Some(0 | 2 | 3) => Ok(()),
        _ => Err(Error::Measured {
            what: "cargo-mutants",
            status: status.to_string(),
        }),
    }
}

/// Every change that can be made to the code as it is now.
fn all(dirs: &Dirs) -> Result<Vec<Mutant>> {
    let mut cargo = dirs.command("cargo");
    cargo.args(["mutants", "--list", "--json", "--package", "dioxus-auth0"]);
    let text = output(&mut cargo).unwrap_or_default();
    let list: Value = serde_json::from_str(&text).map_err(Error::Mutants)?;
    Ok(list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(mutant)
        .collect())
}

fn mutant(value: &Value) -> Option<Mutant> {
    Some(Mutant {
        file: value["file"].as_str()?.to_owned(),
        name: value["name"].as_str()?.to_owned(),
    })
}

/// What has become of each mutant in any piece; the newest word counts.
fn known(place: &Path) -> Result<BTreeMap<String, Fate>> {
    let mut reports: Vec<(std::time::SystemTime, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
        let report = entry.path().join("mutants.out/outcomes.json");
        if let Ok(written) = report.metadata().and_then(|file| file.modified()) {
            reports.push((written, report));
        }
    }
    reports.sort();
    let mut known = BTreeMap::new();
    for (_, report) in reports {
        let text = std::fs::read(&report).map_err(Error::io("read", &report))?;
        known.extend(fates(
            &serde_json::from_slice(&text).map_err(Error::Mutants)?,
        ));
    }
    Ok(known)
}

fn fates(report: &Value) -> Vec<(String, Fate)> {
    let outcomes = report["outcomes"].as_array().into_iter().flatten();
    outcomes
        .filter_map(|outcome| {
            let name = outcome["scenario"]["Mutant"]["name"].as_str()?;
            let fate = match outcome["summary"].as_str()? {
                "CaughtMutant" => Fate::Caught,
                "MissedMutant" => Fate::Missed,
                "Timeout" => Fate::Timeout,
                "Unviable" => Fate::Unviable,
                _ => return None,
            };
            Some((name.to_owned(), fate))
        })
        .collect()
}

/// When it is, and of which commit the code is.
fn stand(dirs: &Dirs) -> String {
    let date = output(Command::new("date").arg("+%Y-%m-%d")).unwrap_or_default();
    let mut git = dirs.command("git");
    git.args(["describe", "--always", "--dirty", "--exclude", "*"]);
    let commit = output(&mut git).unwrap_or_default();
    format!("{date}, commit {commit}")
}

/// The name of a mutant without its line and column, so that it is known again after other changes.
fn stable(name: &str) -> String {
    let mut parts = name.splitn(4, ':');
    match (parts.next(), parts.nth(2)) {
        (Some(file), Some(change)) => [file, ":", change].concat(),
        _ => name.to_owned(),
    }
}

/// The reasons that people have written beside survivors.
fn reasons(record: &str) -> BTreeMap<String, String> {
    let cells = |line: &str| {
        let mut cells = line.strip_prefix("| `")?.strip_suffix(" |")?.split("` | ");
        Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
    };
    record.lines().filter_map(cells).collect()
}

fn record(
    all: &[Mutant],
    known: &BTreeMap<String, Fate>,
    reasons: &BTreeMap<String, String>,
    stand: &str,
) -> String {
    let mut files: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    let mut survivors = Vec::new();
    for mutant in all {
        let counts = files.entry(&mutant.file).or_default();
        counts[0] += 1;
        let Some(fate) = known.get(&mutant.name) else {
            continue;
        };
        counts[1 + *fate as usize] += 1;
        if *fate == Fate::Missed {
            let name = stable(&mutant.name);
            let reason = reasons.get(&name).map_or(NO_REASON, String::as_str);
            survivors.push(format!("| `{name}` | {reason} |"));
        }
    }
    let mut total = [0; 5];
    let mut lines = vec![
        "# Mutants".to_owned(),
        String::new(),
        format!(
            "Written by `cargo xtask mutants` on {stand}. One that does not compile is no mutant; one whose tests do not end is caught."
        ),
        String::new(),
        "| File | Mutants | Made | Caught | Without end | No mutant | Survived | Share caught |"
            .to_owned(),
        "|---|--:|--:|--:|--:|--:|--:|--:|".to_owned(),
    ];
    for (file, counts) in &files {
        for (sum, count) in total.iter_mut().zip(counts) {
            *sum += count;
        }
        lines.push(row(&format!("`{file}`"), *counts));
    }
    lines.push(row("all", total));
    if !survivors.is_empty() {
        survivors.sort();
        survivors.dedup();
        lines.push("\n| Survivor | Why it may live |\n|---|---|".to_owned());
        lines.extend(survivors);
    }
    lines.join("\n") + "\n"
}

fn row(name: &str, [all, caught, endless, unviable, missed]: [usize; 5]) -> String {
    let noticed = caught + endless;
    let share = match noticed + missed {
        0 => "-".to_owned(),
        viable => format!("{:.1} %", 100.0 * noticed as f64 / viable as f64),
    };
    let made = noticed + unviable + missed;
    format!("| {name} | {all} | {made} | {caught} | {endless} | {unviable} | {missed} | {share} |")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listed(name: &str) -> Mutant {
        Mutant {
            file: "src/json.rs".into(),
            name: name.into(),
        }
    }

    fn outcome(name: &str, summary: &str) -> Value {
        json!({ "scenario": { "Mutant": { "name": name } }, "summary": summary })
    }

    #[test]
    fn a_file_is_made_in_its_own_half_and_without_one_both_are() {
        let [src, platform] = HALVES;
        let files = ["src/json.rs".to_owned()];
        assert_eq!(src.patterns(&files), [r"(^|/)src/json\.rs:"]);
        assert!(platform.patterns(&files).is_empty());
        assert_eq!(platform.patterns(&[]), [platform.pattern]);
    }

    #[test]
    fn what_is_known_of_the_code_as_it_is_now_is_counted() {
        let report = json!({ "outcomes": [
            { "scenario": "Baseline", "summary": "Success" },
            outcome("src/json.rs:1:2: replace a", "CaughtMutant"),
            outcome("src/json.rs:2:2: replace b", "MissedMutant"),
            outcome("src/json.rs:3:2: replace c", "Timeout"),
            outcome("src/json.rs:9:9: replace what is gone", "MissedMutant"),
        ]});
        let known = fates(&report).into_iter().collect();
        let all = [
            "1:2: replace a",
            "2:2: replace b",
            "3:2: replace c",
            "4:2: replace d",
        ];
        let all = all.map(|name| listed(&format!("src/json.rs:{name}")));
        let text = record(&all, &known, &BTreeMap::new(), "today");
        assert!(
            text.contains("| `src/json.rs` | 4 | 3 | 1 | 1 | 0 | 1 | 66.7 % |"),
            "{text}"
        );
        assert!(
            text.contains("| `src/json.rs: replace b` | to be looked at |"),
            "{text}"
        );
        assert!(!text.contains("what is gone"), "{text}");
    }

    #[test]
    fn a_reason_stays_with_its_survivor_when_lines_move() {
        let report =
            json!({ "outcomes": [outcome("src/json.rs:2:2: replace b with c", "MissedMutant")] });
        let known = fates(&report).into_iter().collect();
        let before = "| `src/json.rs: replace b with c` | both are equal here |\n";
        let all = [listed("src/json.rs:2:2: replace b with c")];
        let text = record(&all, &known, &reasons(before), "today");
        assert!(text.contains(before), "{text}");
    }
}
