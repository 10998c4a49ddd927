//! `cargo xtask fuzz`: libFuzzer against every parser of untrusted bytes, for a moment or for as long as it is given.
//!
//! The targets are built by cargo-fuzz with the address sanitizer, two are run at a time, and what they find on their way is
//! kept in the target directory, so that each run goes on where the last one stopped. What breaks a promise is kept there
//! too; copied to `tests/fuzz/crashes/`, it is a test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use crate::dirs::Dirs;
use crate::error::{Error, Result};
use crate::interrupt;
use crate::process::{Family, logged, output};
use crate::say::{human, say};
use crate::setup;
use crate::table::{Table, thousands};

/// Where the targets are, and what they are called there.
const DIRECTORY: &str = "tests/fuzz";
/// What builds the programs.
const FEATURES: &[&str] = &["--fuzz-dir", DIRECTORY, "--features", "libfuzzer"];
/// How many inputs a target is given in a short run, and for how long at most: those that open files or sockets are slow.
const SHORT: Limit = Limit {
    runs: Some(50_000),
    time: Duration::from_secs(12),
};
/// How much the targets and all they depend on are optimised.
const OPT_LEVEL: &str = "1";
/// The longest input.
const MAX_LEN: &str = "20000";
/// How long one input may take, in seconds.
const TIMEOUT: &str = "20";
/// How many are run at a time.
const AT_ONCE: usize = 2;

/// The options of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Runs only these targets.
    targets: Vec<String>,
    /// Runs each target for so many minutes instead of a moment.
    #[arg(long, value_name = "N")]
    minutes: Option<u64>,
}

/// When a target has run for long enough.
#[derive(Clone, Copy, Debug)]
struct Limit {
    runs: Option<u64>,
    time: Duration,
}

/// What came of one target.
#[derive(Clone, Debug, Default, PartialEq)]
struct Outcome {
    target: String,
    runs: usize,
    per_second: usize,
    edges: usize,
    /// Files with what has broken a promise.
    crashes: Vec<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let dirs = Dirs::find()?;
    let targets = chosen(&dirs, &options.targets)?;
    setup::install_fuzz(&dirs)?;
    let limit = match options.minutes {
        Some(minutes) => Limit {
            runs: None,
            time: Duration::from_secs(60 * minutes),
        },
        None => SHORT,
    };
    fuzz(&dirs, &targets, limit)
}

/// Runs every target for a moment.
pub(crate) fn short(dirs: &Dirs) -> Result<()> {
    fuzz(dirs, &chosen(dirs, &[])?, SHORT)
}

fn fuzz(dirs: &Dirs, targets: &[String], limit: Limit) -> Result<()> {
    let programs = build(dirs, targets)?;
    say(&format!(
        "running {} targets, each for at most {}; their logs are in {}",
        targets.len(),
        human(limit.time),
        dirs.cache.join("logs").display()
    ));
    let waiting = Mutex::new(targets.iter().rev().collect::<Vec<_>>());
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.pop());
    let work = || -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::new();
        while let Some(target) = next() {
            interrupt::check()?;
            outcomes.push(exercise(dirs, &programs, target, limit)?);
        }
        Ok(outcomes)
    };
    let mut outcomes = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect::<Result<Vec<_>>>()
    })?
    .concat();
    outcomes.sort_by(|one, other| one.target.cmp(&other.target));
    say(&format!("\n{}\n", table(&outcomes)));
    verdict(&outcomes)
}

/// The targets that are asked for, all of them if none is.
fn chosen(dirs: &Dirs, asked: &[String]) -> Result<Vec<String>> {
    let programs = dirs.workspace.join(DIRECTORY).join("programs");
    let known = stems(&programs)?;
    if let Some(given) = asked.iter().find(|asked| !known.contains(*asked)) {
        return Err(Error::UnknownTarget {
            given: given.clone(),
            known: known.into_iter().collect::<Vec<_>>().join(", "),
        });
    }
    Ok(match asked.is_empty() {
        true => known.into_iter().collect(),
        false => asked.to_vec(),
    })
}

/// Builds the programs and returns where they are.
fn build(dirs: &Dirs, targets: &[String]) -> Result<PathBuf> {
    let triple = host()?;
    let mut cargo = dirs.command("cargo");
    cargo
        .args(["fuzz", "build"])
        .args(FEATURES)
        .args(["--target", &triple])
        // The stable compiler can do all that is needed, and says so only when it is asked like this.
        .env("RUSTC_BOOTSTRAP", "1")
        // What cargo-fuzz would turn on for every crate, `Cargo.toml` has the last word on.
        .arg("--release")
        .env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true")
        .env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true")
        // Programs that run for seconds are not worth many minutes of compilation.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", OPT_LEVEL);
    if let [only] = targets {
        cargo.arg(only);
    }
    let took = logged(cargo, "building the fuzz targets", &dirs.log("fuzz-build"))?;
    say(&format!("built in {}", human(took)));
    Ok(dirs.target.join(triple).join("release"))
}

fn host() -> Result<String> {
    let text = output(Command::new("rustc").arg("-vV")).unwrap_or_default();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or(Error::Missing {
        what: "rustc",
        why: "the fuzz targets are built with it",
        fix: "install Rust".into(),
    })
}

/// Runs one target.
fn exercise(dirs: &Dirs, programs: &Path, target: &str, limit: Limit) -> Result<Outcome> {
    let place = dirs.target.join("fuzz").join(target);
    let (corpus, artifacts) = (place.join("corpus"), place.join("artifacts"));
    for dir in [&corpus, &artifacts] {
        std::fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    }
    let before = files(&artifacts)?;
    let log = dirs.log(&format!("fuzz-{target}"));
    let command = command(dirs, programs, target, limit, (&corpus, &artifacts));
    // How it ends tells nothing that the artifacts do not: a program that cannot even start leaves no count behind.
    let status = Family::start_logged(command, &log)?.wait(|| Ok(()))?;
    let text = std::fs::read_to_string(&log).unwrap_or_default();
    let outcome = Outcome {
        crashes: files(&artifacts)?.difference(&before).cloned().collect(),
        ..read(target, &text)
    };
    if !status.success() && outcome.crashes.is_empty() {
        return Err(Error::Failed {
            what: format!("the fuzz target {target}"),
            status: status.to_string(),
            tail: crate::process::tail(&log),
            log,
        });
    }
    Ok(outcome)
}

fn command(
    dirs: &Dirs,
    programs: &Path,
    target: &str,
    limit: Limit,
    (corpus, artifacts): (&Path, &Path),
) -> Command {
    let home = dirs.workspace.join(DIRECTORY);
    let mut command = dirs.command(programs.join(target));
    // The first directory is where new inputs go.
    command.arg(corpus).arg(home.join("seeds").join(target));
    let crashes = home.join("crashes").join(target);
    if crashes.is_dir() {
        command.arg(crashes);
    }
    let dictionary = home
        .join("dictionaries")
        .join(target)
        .with_extension("dict");
    if dictionary.is_file() {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    if let Some(runs) = limit.runs {
        command.arg(format!("-runs={runs}"));
    }
    command
        .arg(format!("-max_total_time={}", limit.time.as_secs()))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args([
            &format!("-max_len={MAX_LEN}"),
            &format!("-timeout={TIMEOUT}"),
        ])
        .args(["-print_final_stats=1", "-reload=0"])
        .env("ASAN_OPTIONS", "detect_odr_violation=0");
    command
}

/// Reads libFuzzer's log.
fn read(target: &str, log: &str) -> Outcome {
    let number = |text: &str| {
        let digits = text.split_whitespace().next();
        digits.and_then(|digits| digits.parse().ok())
    };
    let stat = |name: &str| {
        let value = log.lines().find_map(|line| line.strip_prefix(name));
        value.and_then(number).unwrap_or_default()
    };
    let edges = log.lines().filter_map(|line| line.split(" cov: ").nth(1));
    Outcome {
        target: target.to_owned(),
        runs: stat("stat::number_of_executed_units:"),
        per_second: stat("stat::average_exec_per_sec:"),
        edges: edges.filter_map(number).next_back().unwrap_or_default(),
        crashes: Vec::new(),
    }
}

fn table(outcomes: &[Outcome]) -> String {
    let mut table = Table::new(&["target", "runs", "runs/s", "edges", "new crashes"]);
    for outcome in outcomes {
        let numbers = [
            outcome.runs,
            outcome.per_second,
            outcome.edges,
            outcome.crashes.len(),
        ];
        let mut row = vec![outcome.target.clone()];
        row.extend(numbers.map(thousands));
        table.row(&row);
    }
    table.render()
}

fn verdict(outcomes: &[Outcome]) -> Result<()> {
    let broken: Vec<&Outcome> = outcomes
        .iter()
        .filter(|outcome| !outcome.crashes.is_empty())
        .collect();
    if broken.is_empty() {
        return Ok(());
    }
    for file in broken.iter().flat_map(|outcome| &outcome.crashes) {
        say(&format!("broken by {}", file.display()));
    }
    let targets = broken.iter().map(|outcome| outcome.target.as_str());
    Err(Error::Crashed {
        targets: targets.collect::<Vec<_>>().join(", "),
    })
}

fn files(dir: &Path) -> Result<BTreeSet<PathBuf>> {
    let entries = std::fs::read_dir(dir).map_err(Error::io("list", dir))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}

fn stems(dir: &Path) -> Result<BTreeSet<String>> {
    let stem = |file: &PathBuf| Some(file.file_stem()?.to_string_lossy().into_owned());
    Ok(files(dir)?.iter().filter_map(stem).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
#2\tINITED cov: 37 ft: 38 corp: 1/1b exec/s: 0 rss: 45Mb
#4096\tNEW    cov: 1044 ft: 2210 corp: 80/9Kb lim: 43 exec/s: 2048 rss: 61Mb L: 9/40 MS: 1 EraseBytes-
Done 50000 runs in 5 second(s)
stat::number_of_executed_units: 50000
stat::average_exec_per_sec:     8333
stat::new_units_added:          77
";

    #[test]
    fn the_last_words_of_libfuzzer_are_read() {
        let outcome = read("json", LOG);
        let numbers = (outcome.runs, outcome.per_second, outcome.edges);
        assert_eq!(numbers, (50_000, 8_333, 1_044));
    }

    #[test]
    fn a_log_without_an_end_counts_nothing() {
        let outcome = read("json", "INFO: Seed: 1\n");
        assert_eq!((outcome.runs, outcome.edges), (0, 0));
    }

    #[test]
    fn a_target_that_was_broken_fails_the_command_and_is_named() {
        let whole = read("json", LOG);
        let broken = Outcome {
            crashes: vec!["crash-1".into()],
            ..read("jwks", LOG)
        };
        assert!(verdict(&[whole]).is_ok());
        let error = verdict(&[broken]).expect_err("it was broken");
        assert!(error.report().contains("jwks"), "{}", error.report());
    }

    #[test]
    fn a_target_that_does_not_exist_is_refused_with_the_list() {
        let dirs = Dirs::find().expect("the test runs in the workspace");
        let error = chosen(&dirs, &["yaml".into()]).expect_err("there is no such target");
        let text = error.report();
        assert!(
            text.contains("`yaml`") && text.contains("callback, config"),
            "{text}"
        );
    }
}
