//! `cargo xtask test`: every check and every test, in an order that fails early.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::android;
use crate::check_mobile;
use crate::dirs::{Dirs, cargo_bin};
use crate::error::{Error, Result};
use crate::fuzz;
use crate::interrupt;
use crate::package;
use crate::process::{logged_within, output, shown};
use crate::say::{human, say};
use crate::setup::{self, Need, Tools};
use crate::size;
use crate::table::Table;

/// The test target that drives a browser.
const WEB: &str = "web";
/// The test target that drives a window.
const WINDOW: &str = "window";
/// The test target that reads what dx generates for phones.
const MOBILE: &str = "mobile";
/// What clippy is told everywhere but for phones: there some modules speak a system's own language, which is unsafe, and say
/// so. No other module may, whatever it says.
const STRICT: [&str; 4] = ["-D", "warnings", "-F", "unsafe-code"];
/// How often the model of sessions is run in each of its three tests, and where that is told: as `tests/flows/model/`
/// reads it.
const MODEL_CASES: (&str, &str) = ("DIOXUS_AUTH0_MODEL_CASES", "3334");
/// How long the advisories may take to arrive.
const ADVISORIES_LIMIT: Duration = Duration::from_secs(120);

/// The options of `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Runs only these steps, e.g. `--only fmt,clippy`.
    #[arg(long, value_delimiter = ',', value_name = "STEPS")]
    only: Vec<String>,
    /// Runs all but these steps.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "STEPS",
        conflicts_with = "only"
    )]
    skip: Vec<String>,
}

/// One step: its name on the command line, what it shows, and what it does.
struct Step {
    name: &'static str,
    claim: &'static str,
    run: fn(&Bench) -> Result<()>,
}

/// In this order: what takes seconds first, then the many tests, then what needs the release bundle.
const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        claim: "the code is formatted",
        run: fmt,
    },
    Step {
        name: "clippy",
        claim: "clippy has nothing to say on the host",
        run: clippy,
    },
    Step {
        name: "clippy-wasm",
        claim: "nor for the browser",
        run: clippy_wasm,
    },
    Step {
        name: "clippy-window",
        claim: "nor for a window",
        run: clippy_window,
    },
    Step {
        name: "check-mobile",
        claim: "nor for phones",
        run: check_mobile,
    },
    Step {
        name: "unit",
        claim: "unit, flow and headless component tests",
        run: unit,
    },
    Step {
        name: "independent",
        claim: "a login at a provider that others have written",
        run: independent,
    },
    Step {
        name: "doctest",
        claim: "every example in the documentation",
        run: doctest,
    },
    Step {
        name: "doc",
        claim: "the documentation builds without a warning",
        run: doc,
    },
    Step {
        name: "deny",
        claim: "licences, sources and known vulnerabilities",
        run: deny,
    },
    Step {
        name: "fuzz",
        claim: "nothing that libFuzzer makes up breaks a parser",
        run: |bench| fuzz::short(&bench.dirs),
    },
    Step {
        name: "bundle",
        claim: "the release bundle builds and is optimised",
        run: bundle,
    },
    Step {
        name: "size",
        claim: "the bundle is within its budget",
        run: weigh,
    },
    Step {
        name: "web",
        claim: "a real browser against the release bundle",
        run: web,
    },
    Step {
        name: "android",
        claim: "the project for Android, as far as dx gets without Android's tools",
        run: android,
    },
    Step {
        name: "package",
        claim: "the package for desktops builds",
        run: package,
    },
    Step {
        name: "window",
        claim: "a real window, driven as by a screen reader",
        run: window,
    },
];

/// What the steps work with.
struct Bench {
    dirs: Dirs,
    tools: Tools,
}

/// Runs the command.
pub(crate) fn run(options: &Options, started: Instant) -> Result<()> {
    let steps = chosen(options)?;
    let dirs = Dirs::find()?;
    let before = Instant::now();
    let tools = setup::install(&dirs, Need::Test)?;
    let bench = Bench { dirs, tools };

    let mut table = Table::new(&["step", "result", "time"]);
    table.row(&["setup".into(), "ok".into(), human(before.elapsed())]);
    let mut outcome = Ok(());
    for step in STEPS {
        if !steps.contains(&step.name) {
            table.row(&[step.name.into(), "not asked for".into(), String::new()]);
            continue;
        }
        if outcome.is_err() {
            table.row(&[step.name.into(), "not run".into(), String::new()]);
            continue;
        }
        let (result, took) = timed(step, &bench);
        let word = if result.is_ok() { "ok" } else { "FAILED" };
        table.row(&[step.name.into(), word.into(), human(took)]);
        outcome = result;
    }
    if matches!(outcome, Err(Error::Interrupted)) {
        return outcome;
    }
    say(&format!("\n{}\n", table.render()));
    outcome?;
    say(&format!(
        "{} passed in {}",
        if steps.len() == STEPS.len() {
            "everything"
        } else {
            "what was asked for"
        },
        human(started.elapsed())
    ));
    Ok(())
}

fn timed(step: &Step, bench: &Bench) -> (Result<()>, Duration) {
    let started = Instant::now();
    say(&format!("\n== {}: {}", step.name, step.claim));
    let result = interrupt::check()
        .and_then(|()| (step.run)(bench))
        .map_err(|error| match error {
            Error::Interrupted => error,
            Error::Step { status, .. } => Error::Step {
                step: step.name,
                status,
            },
            // Errors that tell more than a status stand on their own, and the table says which step they ended.
            other => other,
        });
    (result, started.elapsed())
}

/// The names of the steps to run.
fn chosen(options: &Options) -> Result<Vec<&'static str>> {
    for given in options.only.iter().chain(&options.skip) {
        if !STEPS.iter().any(|step| step.name == given) {
            let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
            return Err(Error::UnknownStep {
                given: given.clone(),
                known: known.join(", "),
            });
        }
    }
    let asked = |name: &str| match options.only.is_empty() {
        false => options.only.iter().any(|only| only == name),
        true => !options.skip.iter().any(|skip| skip == name),
    };
    Ok(STEPS
        .iter()
        .map(|step| step.name)
        .filter(|name| asked(name))
        .collect())
}

fn fmt(bench: &Bench) -> Result<()> {
    passes(bench.cargo(&["fmt", "--all", "--check"]))
}

fn clippy(bench: &Bench) -> Result<()> {
    let mut cargo = bench.cargo(&["clippy", "--workspace", "--all-targets", "--"]);
    cargo.args(STRICT);
    passes(cargo)
}

fn clippy_wasm(bench: &Bench) -> Result<()> {
    let target = ["--target", "wasm32-unknown-unknown"];
    let mut cargo = bench.cargo(&[
        "clippy",
        "--package",
        "dioxus-auth0",
        "--features",
        "web",
        "--lib",
        "--bins",
    ]);
    cargo.args(target).arg("--").args(STRICT);
    passes(cargo)
}

fn clippy_window(bench: &Bench) -> Result<()> {
    let mut cargo = bench.cargo(&["clippy", "--package", "dioxus-auth0", "--package", "bare"]);
    cargo.args(["--features", "dioxus-auth0/desktop,bare/desktop"]);
    cargo.args(["--lib", "--bins", "--test", WINDOW, "--"]);
    cargo.args(STRICT);
    passes(cargo)
}

fn check_mobile(bench: &Bench) -> Result<()> {
    check_mobile::check(&bench.dirs)
}

fn unit(bench: &Bench) -> Result<()> {
    // The tests in a browser, in a window and of a phone's project have steps of their own, after what they start is built.
    let targets = test_targets(&bench.metadata()?, &[WEB, WINDOW, MOBILE]);
    let mut cargo = match output(&mut bench.cargo(&["nextest", "--version"])) {
        Some(_) => bench.cargo(&["nextest", "run"]),
        None => bench.cargo(&["test"]),
    };
    cargo.args(["--workspace", "--lib", "--bins"]);
    for target in &targets {
        cargo.args(["--test", target]);
    }
    // Whoever wants more says so.
    let (name, cases) = MODEL_CASES;
    if std::env::var_os(name).is_none() {
        cargo.env(name, cases);
    }
    passes(cargo)
}

fn independent(bench: &Bench) -> Result<()> {
    let target = ["test", "--package", "dioxus-auth0", "--test", "conformance"];
    let mut cargo = bench.cargo(&target);
    cargo
        .args(["--", "--ignored", "independent"])
        .env("DIOXUS_AUTH0_OIDC_PROVIDER", setup::provider(&bench.dirs));
    passes(cargo)
}

fn doctest(bench: &Bench) -> Result<()> {
    passes(bench.cargo(&["test", "--workspace", "--doc"]))
}

fn doc(bench: &Bench) -> Result<()> {
    let mut cargo = bench.cargo(&["doc", "--no-deps", "--workspace"]);
    cargo.env("RUSTDOCFLAGS", "-Dwarnings");
    passes(cargo)
}

fn deny(bench: &Bench) -> Result<()> {
    passes(bench.cargo(&["deny", "check", "bans", "licenses", "sources"]))?;
    // The advisories are a repository that not every network reaches. An old copy is better than none, and none is
    // said aloud instead of failing: it says nothing about the code.
    let log = bench.dirs.log("advisories");
    match logged_within(
        bench.cargo(&["deny", "fetch", "db"]),
        "fetching the advisories",
        &log,
        Some(ADVISORIES_LIMIT),
    ) {
        Ok(_) => {}
        Err(Error::Interrupted) => return Err(Error::Interrupted),
        Err(_) if advisories_are_there() => {
            say("advisories: not reachable, checking against the copy of an earlier run")
        }
        Err(_) => {
            say(&format!(
                "advisories not checked: their repository is not reachable (see {})",
                log.display()
            ));
            return Ok(());
        }
    }
    passes(bench.cargo(&["deny", "check", "--disable-fetch", "advisories"]))
}

fn bundle(bench: &Bench) -> Result<()> {
    let took = size::build(&bench.dirs, &bench.tools)?;
    say(&format!("built in {}", human(took)));
    Ok(())
}

fn weigh(bench: &Bench) -> Result<()> {
    size::check(&bench.dirs)
}

/// Builds a page for the browser tests, and returns its directory.
fn page(bench: &Bench, name: &str, profile: &str) -> Result<PathBuf> {
    let target = "wasm32-unknown-unknown";
    let mut cargo = bench.cargo(&["build", "--package", "dioxus-auth0", "--features", "web"]);
    cargo.args(["--example", name, "--target", target]);
    cargo.args(["--profile", profile]);
    passes(cargo)?;
    let page = bench.dirs.target.join(name);
    let built = bench.dirs.target.join(target).join(match profile {
        "dev" => "debug",
        profile => profile,
    });
    let mut bindgen = bench.dirs.command(bench.dirs.bin().join("wasm-bindgen"));
    bindgen
        .args(["--target", "web", "--no-typescript", "--out-dir"])
        .arg(&page)
        .arg(built.join("examples").join(name).with_extension("wasm"));
    passes(bindgen)?;
    Ok(page)
}

fn web(bench: &Bench) -> Result<()> {
    // The one holds the browser's adapters to the contracts of their ports; what is counted on the other is what ships.
    let contracts = page(bench, "contracts", "dev")?;
    let buttons = page(bench, "buttons", "wasm-release")?;
    let mut cargo = bench.cargo(&["test", "--package", "dioxus-auth0", "--test", WEB]);
    cargo
        .env("DIOXUS_AUTH0_BUNDLE", size::bundle(&bench.dirs))
        .env("DIOXUS_AUTH0_CONTRACTS", contracts)
        .env("DIOXUS_AUTH0_BUTTONS", buttons)
        .env("AXE_CORE", setup::axe(&bench.dirs));
    bench.name_browser(&mut cargo);
    passes(cargo)
}

fn android(bench: &Bench) -> Result<()> {
    let took = android::generate(&bench.dirs, &bench.tools)?;
    let project = android::project(&bench.dirs);
    say(&format!(
        "generated {} in {}",
        project.display(),
        human(took)
    ));
    let mut cargo = bench.cargo(&["test", "--package", "dioxus-auth0", "--test", MOBILE]);
    cargo.env("DIOXUS_AUTH0_ANDROID", project);
    passes(cargo)
}

fn package(bench: &Bench) -> Result<()> {
    let took = package::build(&bench.dirs, &bench.tools)?;
    let file = package::find(&bench.dirs)?;
    say(&format!("built {} in {}", file.display(), human(took)));
    Ok(())
}

fn window(bench: &Bench) -> Result<()> {
    // The program is built as its users build it, with the feature and without optimisation: that shows the same
    // window minutes earlier. The package that the tests unpack is the release build.
    let mut cargo = bench.cargo(&["test", "--package", "dioxus-auth0", "--test", WINDOW]);
    cargo
        .args(["--features", "desktop", "--", "--nocapture"])
        .env("DIOXUS_AUTH0_PACKAGE", package::find(&bench.dirs)?)
        .env("RUST_BACKTRACE", "0");
    bench.name_browser(&mut cargo);
    passes(cargo)
}

impl Bench {
    fn cargo(&self, arguments: &[&str]) -> Command {
        with(self.dirs.command("cargo"), arguments)
    }

    /// Tells tests which browser to drive.
    fn name_browser(&self, command: &mut Command) {
        if let Some(browser) = &self.tools.browser {
            command
                .env("CHROMIUM", &browser.chromium)
                .env("CHROMEDRIVER", &browser.chromedriver);
        }
    }

    /// What cargo knows of the workspace's own packages.
    fn metadata(&self) -> Result<Value> {
        let mut cargo = self.cargo(&["metadata", "--no-deps", "--format-version", "1"]);
        let text = output(&mut cargo).unwrap_or_default();
        serde_json::from_str(&text).map_err(Error::Metadata)
    }
}

/// The workspace's test targets, but for those that are named.
fn test_targets(metadata: &Value, but: &[&str]) -> Vec<String> {
    let items = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let mut names: Vec<String> = items(metadata, "packages")
        .iter()
        .flat_map(|package| items(package, "targets"))
        .filter(|target| items(target, "kind").iter().any(|kind| kind == "test"))
        .filter_map(|target| target["name"].as_str().map(str::to_owned))
        .filter(|name| !but.contains(&name.as_str()))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn advisories_are_there() -> bool {
    let home = cargo_bin().with_file_name("advisory-dbs");
    std::fs::read_dir(home)
        .is_ok_and(|entries| entries.flatten().any(|entry| entry.path().is_dir()))
}

fn with(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments);
    command
}

/// Runs a command whose output belongs on the terminal, and fails when it does.
fn passes(command: Command) -> Result<()> {
    let status = shown(command)?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Step {
            step: "",
            status: status.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(only: &[&str], skip: &[&str]) -> Options {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Options {
            only: owned(only),
            skip: owned(skip),
        }
    }

    #[test]
    fn without_a_choice_every_step_runs_in_order() {
        let steps = chosen(&options(&[], &[])).expect("no step was named");
        assert_eq!(steps.len(), STEPS.len());
        assert_eq!(
            (steps.first(), steps.last()),
            (Some(&"fmt"), Some(&"window"))
        );
    }

    #[test]
    fn chosen_steps_run_in_the_order_that_fails_early() {
        assert_eq!(
            chosen(&options(&["web", "fmt"], &[])).expect("both exist"),
            ["fmt", "web"]
        );
        let rest = chosen(&options(&[], &["fmt", "web"])).expect("both exist");
        assert!(
            !rest.contains(&"fmt") && !rest.contains(&"web") && rest.contains(&"clippy"),
            "{rest:?}"
        );
    }

    #[test]
    fn a_step_that_does_not_exist_is_refused_with_the_list() {
        for options in [options(&["fmt", "lint"], &[]), options(&[], &["lint"])] {
            let error = chosen(&options).expect_err("there is no step `lint`");
            assert!(
                error.report().contains("`lint`; the steps are fmt, clippy"),
                "{}",
                error.report()
            );
        }
    }

    #[test]
    fn the_bundle_is_built_before_it_is_weighed_and_loaded() {
        let at = |name| {
            STEPS
                .iter()
                .position(|step| step.name == name)
                .expect("the step exists")
        };
        assert!(at("bundle") < at("size") && at("size") < at("web"));
        assert!(at("package") < at("window"));
    }

    #[test]
    fn test_targets_are_those_of_every_package_but_the_named_ones() {
        let metadata = serde_json::json!({ "packages": [
            { "targets": [{ "kind": ["lib"], "name": "dioxus_auth0" }, { "kind": ["test"], "name": "web" }] },
            { "targets": [{ "kind": ["test"], "name": "views" }, { "kind": ["test"], "name": "faults" }] },
        ]});
        let targets = test_targets(&metadata, &["web", "window"]);
        assert_eq!(targets, ["faults", "views"]);
    }
}
