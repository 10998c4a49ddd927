//! `cargo xtask coverage`: which lines the tests run, by folder, and where they run the least.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::dirs::Dirs;
use crate::error::{Error, Result};
use crate::process::{output, shown};
use crate::say::say;
use crate::setup::{self, Llvm};
use crate::table::{Table, thousands};

/// The tests that run on the host without a browser or a window.
const TESTS: &[&str] = &[
    "protocol", "flows", "views", "platform", "desktop", "replay",
];
/// What the core is without: what is seen, and what joins the ends.
const NOT_CORE: &[&str] = &[
    "src/app.rs",
    "src/components/",
    "src/main.rs",
    "src/route.rs",
    "src/views/",
];
/// How many of the worst files are shown.
const WORST: usize = 15;

/// The options of `cargo xtask coverage`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Runs only these test targets, besides the unit tests.
    #[arg(long, value_delimiter = ',', value_name = "TARGETS")]
    tests: Vec<String>,
}

/// How many lines there are, and how many of them a test has run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Lines {
    count: usize,
    covered: usize,
}

/// Runs the command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let dirs = Dirs::find()?;
    let llvm = setup::install_coverage(&dirs)?;
    let report = dirs.target.join("coverage.json");
    measure(&dirs, &llvm, options, &report)?;
    let text = std::fs::read(&report).map_err(Error::io("read", &report))?;
    let report: Value = serde_json::from_slice(&text).map_err(Error::Coverage)?;
    let files = read(&report, &dirs.workspace);
    say(&format!("\n{}\n\n{}\n", folders(&files), worst(&files)));
    Ok(())
}

fn measure(dirs: &Dirs, llvm: &Llvm, options: &Options, report: &Path) -> Result<()> {
    let mut cargo = dirs.command("cargo");
    cargo.arg("llvm-cov");
    if output(dirs.command("cargo").args(["nextest", "--version"])).is_some() {
        cargo.arg("nextest");
    }
    // The seeds of the fuzz targets are tests like others.
    cargo.args(["--package", "dioxus-auth0", "--package", "fuzz", "--lib"]);
    let all: Vec<String> = TESTS.iter().map(|test| (*test).to_owned()).collect();
    let tests = match options.tests.is_empty() {
        true => &all,
        false => &options.tests,
    };
    for test in tests {
        cargo.args(["--test", test]);
    }
    cargo
        .args(["--json", "--summary-only", "--output-path"])
        .arg(report)
        .env("LLVM_COV", &llvm.cov)
        .env("LLVM_PROFDATA", &llvm.profdata);
    let status = shown(cargo)?;
    match status.success() {
        true => Ok(()),
        false => Err(Error::Measured {
            what: "the tests, run for their coverage,",
            status: status.to_string(),
        }),
    }
}

/// Reads the lines of each of the crate's own files, by its path in the workspace.
fn read(report: &Value, workspace: &Path) -> BTreeMap<PathBuf, Lines> {
    let files = report["data"][0]["files"].as_array();
    let number = |value: &Value| usize::try_from(value.as_u64().unwrap_or(0)).unwrap_or(0);
    files
        .into_iter()
        .flatten()
        .filter_map(|file| {
            let path = Path::new(file["filename"].as_str()?);
            let path = plain(path.strip_prefix(workspace).ok()?);
            let lines = &file["summary"]["lines"];
            let lines = Lines {
                count: number(&lines["count"]),
                covered: number(&lines["covered"]),
            };
            let is_ours = path.starts_with("src") || path.starts_with("platform");
            is_ours.then_some((path, lines))
        })
        .collect()
}

/// The path without its ways up: the compiler knows `platform/` as `src/../platform/`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

fn folders(files: &BTreeMap<PathBuf, Lines>) -> String {
    let mut table = Table::new(&["folder", "lines", "run", "share"]);
    let mut by_folder: BTreeMap<&Path, Lines> = BTreeMap::new();
    for (path, lines) in files {
        let folder = path.parent().unwrap_or(path);
        by_folder.entry(folder).or_default().add(*lines);
    }
    for (folder, lines) in by_folder {
        table.row(&lines.row(&folder.display().to_string()));
    }
    let sum = |is_part: &dyn Fn(&Path) -> bool| {
        let mut sum = Lines::default();
        let parts = files.iter().filter(|(path, _)| is_part(path));
        parts.for_each(|(_, lines)| sum.add(*lines));
        sum
    };
    table.row(&sum(&is_core).row("the core"));
    table.row(&sum(&|path| path.starts_with("platform")).row("all of platform"));
    table.row(&sum(&|_| true).row("everything"));
    table.render()
}

fn worst(files: &BTreeMap<PathBuf, Lines>) -> String {
    let mut table = Table::new(&["least run", "lines", "run", "share"]);
    let mut files: Vec<(&PathBuf, &Lines)> = files.iter().collect();
    files.sort_by_key(|(_, lines)| std::cmp::Reverse(lines.count - lines.covered));
    for (path, lines) in files.into_iter().take(WORST) {
        table.row(&lines.row(&path.display().to_string()));
    }
    table.render()
}

fn is_core(path: &Path) -> bool {
    let text = path.to_string_lossy();
    path.starts_with("src") && !NOT_CORE.iter().any(|part| text.starts_with(part))
}

impl Lines {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.covered += other.covered;
    }

    fn row(self, name: &str) -> Vec<String> {
        let share = 100.0 * self.covered as f64 / self.count.max(1) as f64;
        vec![
            name.to_owned(),
            thousands(self.count),
            thousands(self.covered),
            format!("{share:.1} %"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn file(path: &str, count: usize, covered: usize) -> Value {
        let lines = json!({ "count": count, "covered": covered });
        json!({ "filename": path, "summary": { "lines": lines } })
    }

    #[test]
    fn lines_are_added_up_by_folder_and_for_the_core() {
        let report = json!({ "data": [{ "files": [
            file("/w/src/json.rs", 100, 90),
            file("/w/src/oidc/jwks.rs", 100, 100),
            file("/w/src/views/home.rs", 50, 0),
            file("/w/src/../platform/mod.rs", 10, 5),
            file("/w/tests/flows/main.rs", 10, 10),
        ]}]});
        let files = read(&report, Path::new("/w"));
        assert_eq!(files.len(), 4);
        let text = folders(&files);
        let line = |name: &str| {
            let line = text.lines().find(|line| line.starts_with(name));
            let words = line.expect("the line is there").split_whitespace();
            words.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(line("the core"), "the core 200 190 95.0 %");
        assert_eq!(line("all of platform"), "all of platform 10 5 50.0 %");
        assert_eq!(line("everything"), "everything 260 195 75.0 %");
        assert_eq!(line("src/oidc"), "src/oidc 100 100 100.0 %");
        assert!(
            worst(&files)
                .lines()
                .nth(2)
                .is_some_and(|line| line.starts_with("src/views/home.rs"))
        );
    }
}
