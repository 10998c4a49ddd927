//! The tools that cargo compiles: dx, wasm-bindgen, and subcommands of its own.
//!
//! They run for seconds and compile for minutes, so they are built as cheaply as they can be.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::dirs::{Dirs, cargo_bin, on_path};
use crate::error::{Error, Result};
use crate::lockfile;
use crate::process::{logged, output};
use crate::say::say;
use crate::setup::{getting, got, place, remove, there, version_in};

const DX: &str = "0.7.10";
const DENY: &str = "0.20.2";
const FUZZ: &str = "0.13.2";
const LLVM_COV: &str = "0.9.1";
const MUTANTS: &str = "27.1.0";

/// Finds or installs dx.
///
/// A machine without any dx gets it where cargo puts programs, so that plain `dx serve` works too. A machine with
/// another version keeps it, and this project's copy lives among its own tools.
pub(crate) fn dx(dirs: &Dirs) -> Result<PathBuf> {
    let own = dirs.bin().join("dx");
    let candidates = [
        Some(own.clone()),
        Some(cargo_bin().join("dx")),
        on_path("dx"),
    ];
    let mut other = None;
    for program in candidates.into_iter().flatten() {
        match version_of(&program) {
            Some(version) if version == DX => {
                there(&format!("dx {DX}"), &program.display().to_string());
                return Ok(program);
            }
            Some(version) => other = Some(version),
            None => {}
        }
    }
    let root = match other {
        Some(version) => {
            say(&format!(
                "      dx {version} is installed and stays; plain `dx serve` should be {DX} for this project"
            ));
            Some(dirs.tools())
        }
        None => None,
    };
    Install {
        what: "dx",
        package: "dioxus-cli",
        version: DX,
        why: "builds and serves the app",
        flags: &["--no-default-features", "--features", "disable-telemetry"],
        opt_level: "0",
        root: root.as_deref(),
    }
    .run(dirs)?;
    Ok(if root.is_some() {
        own
    } else {
        cargo_bin().join("dx")
    })
}

/// Installs the wasm-bindgen program of exactly the library's version, and puts it where dx looks for it.
pub(crate) fn wasm_bindgen(dirs: &Dirs) -> Result<()> {
    let version = lockfile::version(&dirs.workspace, "wasm-bindgen")?;
    let what = format!("wasm-bindgen {version}");
    let own = dirs.bin().join("wasm-bindgen");
    let managed = dirs
        .dx_tools
        .join(format!("wasm-bindgen-{version}"))
        .join("wasm-bindgen");
    let fits = |program: &Path| version_of(program).is_some_and(|found| found == version);

    let source = [
        Some(managed.clone()),
        Some(own.clone()),
        on_path("wasm-bindgen"),
    ]
    .into_iter()
    .flatten()
    .find(|p| fits(p));
    if source.is_some() {
        there(&what, &managed.display().to_string());
    } else {
        Install {
            what: "wasm-bindgen",
            package: "wasm-bindgen-cli",
            version: &version,
            why: "writes the JavaScript between wasm and browser, and must be of the library's version",
            flags: &["--bin", "wasm-bindgen"],
            // It chews through megabytes of debug wasm on each rebuild: unoptimised it costs more than it saves.
            opt_level: "1",
            root: Some(&dirs.tools()),
        }
        .run(dirs)?;
    }
    let source = source.unwrap_or_else(|| own.clone());
    for at in [own, managed] {
        if !fits(&at) {
            place(&source, &at)?;
        }
    }
    Ok(())
}

/// A subcommand of cargo that any version of will do, once it is there.
struct Subcommand {
    name: &'static str,
    version: &'static str,
    why: &'static str,
    flags: &'static [&'static str],
    opt_level: &'static str,
}

/// Finds or installs cargo-deny.
pub(crate) fn deny(dirs: &Dirs) -> Result<()> {
    let deny = Subcommand {
        name: "cargo-deny",
        version: DENY,
        why: "checks licences, sources and known vulnerabilities",
        flags: &["--no-default-features"],
        opt_level: "0",
    };
    deny.install(dirs)
}

/// Finds or installs cargo-fuzz.
pub(crate) fn fuzz(dirs: &Dirs) -> Result<()> {
    let fuzz = Subcommand {
        name: "cargo-fuzz",
        version: FUZZ,
        why: "builds programs that libFuzzer can look into",
        flags: &[],
        opt_level: "0",
    };
    fuzz.install(dirs)
}

/// Finds or installs cargo-llvm-cov.
pub(crate) fn llvm_cov(dirs: &Dirs) -> Result<()> {
    let llvm_cov = Subcommand {
        name: "cargo-llvm-cov",
        version: LLVM_COV,
        why: "builds and runs tests so that they tell which lines they run",
        flags: &[],
        opt_level: "0",
    };
    llvm_cov.install(dirs)
}

/// Finds or installs cargo-mutants.
pub(crate) fn mutants(dirs: &Dirs) -> Result<()> {
    let mutants = Subcommand {
        name: "cargo-mutants",
        version: MUTANTS,
        why: "changes the code bit by bit and looks whether a test notices",
        flags: &[],
        opt_level: "0",
    };
    mutants.install(dirs)
}

impl Subcommand {
    fn install(&self, dirs: &Dirs) -> Result<()> {
        let places = [
            Some(dirs.bin().join(self.name)),
            Some(cargo_bin().join(self.name)),
            on_path(self.name),
        ];
        for program in places.into_iter().flatten() {
            if let Some(version) = self.version_of(&program) {
                let what = format!("{} {version}", self.name);
                there(&what, &program.display().to_string());
                return Ok(());
            }
        }
        Install {
            what: self.name,
            package: self.name,
            version: self.version,
            why: self.why,
            flags: self.flags,
            opt_level: self.opt_level,
            root: Some(&dirs.tools()),
        }
        .run(dirs)
    }

    /// Some of them want to be called as cargo calls them.
    fn version_of(&self, program: &Path) -> Option<String> {
        let subcommand = self.name.trim_start_matches("cargo-");
        let as_cargo = || output(Command::new(program).args([subcommand, "--version"]));
        version_of(program).or_else(|| version_in(&as_cargo()?).map(str::to_owned))
    }
}

/// One `cargo install`.
struct Install<'a> {
    what: &'a str,
    package: &'a str,
    version: &'a str,
    why: &'a str,
    flags: &'a [&'a str],
    opt_level: &'a str,
    /// Where to, if not to where cargo puts programs.
    root: Option<&'a Path>,
}

impl Install<'_> {
    fn run(&self, dirs: &Dirs) -> Result<()> {
        let started = Instant::now();
        getting(
            &format!("{} {}", self.what, self.version),
            self.why,
            "compiled by cargo",
        );
        let what = format!("compiling {}", self.what);
        let log = dirs.log(self.what);
        let scratch = dirs.scratch(self.what);
        // The author's own lockfile first. A mirror whose index lags may lack one of its versions; then any that fit.
        match logged(self.command(dirs, &scratch, true), &what, &log) {
            Err(Error::Failed { ref tail, .. }) if lockfile_does_not_resolve(tail) => {
                say(
                    "      its lockfile asks for a release this registry does not list yet; trying without it",
                );
                logged(self.command(dirs, &scratch, false), &what, &log)?;
            }
            outcome => {
                outcome?;
            }
        }
        got(&format!("{} {}", self.what, self.version), started);
        remove(&scratch)
    }

    fn command(&self, dirs: &Dirs, scratch: &Path, locked: bool) -> Command {
        let mut command = dirs.command("cargo");
        command
            .args(["install", self.package, "--version", self.version])
            .args(self.flags)
            .args(locked.then_some("--locked"))
            // Outside of the workspace, so that its cargo configuration does not apply.
            .current_dir(&dirs.cache)
            .env("CARGO_TARGET_DIR", scratch)
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.opt_level)
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        if let Some(root) = self.root {
            // `--force` replaces what an older version of the project's lockfile asked for.
            command.arg("--force").arg("--root").arg(root);
        }
        command
    }
}

fn lockfile_does_not_resolve(tail: &[String]) -> bool {
    tail.iter()
        .any(|line| line.contains("failed to select a version"))
}

fn version_of(program: &Path) -> Option<String> {
    let text = output(Command::new(program).arg("--version"))?;
    version_in(&text).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lagging_index_makes_an_install_go_without_its_lockfile() {
        let lagging = [
            "error: failed to select a version for the requirement `webpki-roots = \"^1.0.10\"`"
                .to_owned(),
        ];
        let broken = ["error[E0425]: cannot find value `x` in this scope".to_owned()];
        assert!(lockfile_does_not_resolve(&lagging));
        assert!(!lockfile_does_not_resolve(&broken));
    }
}
