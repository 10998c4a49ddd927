//! `cargo xtask setup`: everything that building, running and testing need on this machine.
//!
//! Each part looks first and installs only what is not there, so that a second run is quick. Nothing names a
//! server: cargo, npm, apt and rustup are used the way this machine has set them up.

mod apt;
mod cargo;
mod chromium;
mod debian;
mod desktop;
mod llvm;
mod mobile;
mod npm;
mod packages;
mod rust_std;
mod toolchain;

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::dirs::Dirs;
use crate::error::{Error, Result};
use crate::say::{human, say};

pub(crate) use chromium::Browser;
pub(crate) use llvm::Llvm;
pub(crate) use npm::{axe, provider};

/// The options of `cargo xtask setup`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Builds the standard libraries for browsers and phones from Debian's source package without asking rustup first.
    #[arg(long)]
    std_from_debian: bool,
}

/// What a command needs installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A development build in a browser that is already there.
    Demo,
    /// An optimised release build for the browser.
    Release,
    /// A package of the app for a desktop.
    Package,
    /// All of that, and what the tests and the licence check run besides.
    Test,
}

impl Need {
    fn is_web(self) -> bool {
        matches!(self, Self::Demo | Self::Release | Self::Test)
    }

    fn is_optimised(self) -> bool {
        matches!(self, Self::Release | Self::Test)
    }

    fn is_desktop(self) -> bool {
        matches!(self, Self::Package | Self::Test)
    }
}

/// What is on the machine once setup is through.
#[derive(Debug)]
pub(crate) struct Tools {
    /// dx at the version the app's Dioxus needs.
    pub(crate) dx: PathBuf,
    /// The browser of the tests. Only looked for when they will run.
    pub(crate) browser: Option<Browser>,
}

/// Runs the command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let dirs = Dirs::find()?;
    let started = Instant::now();
    if options.std_from_debian {
        rust_std::install_from_debian(&dirs, rust_std::ALL)?;
    }
    install(&dirs, Need::Test)?;
    say(&format!(
        "all there after {}; next: `cargo xtask demo` or `cargo xtask test`",
        human(started.elapsed())
    ));
    Ok(())
}

/// Installs what is missing for a command.
pub(crate) fn install(dirs: &Dirs, need: Need) -> Result<Tools> {
    say(&format!(
        "setup: looking for what is needed; logs and tools are in {}",
        dirs.cache.display()
    ));
    std::thread::scope(|scope| {
        // Downloads wait for the network and compilers for the processor: the two do not get in each other's way.
        let downloads = scope.spawn(move || {
            if need.is_web() {
                npm::install(dirs, need)?;
            }
            // One after the other: apt works for one at a time.
            if need.is_desktop() {
                desktop::install(dirs, need == Need::Test)?;
            }
            match need {
                Need::Test => mobile::install(dirs)
                    .and_then(|()| mobile::install_project(dirs))
                    .and_then(|()| chromium::install(dirs))
                    .map(Some),
                _ => Ok(None),
            }
        });
        let compiled = compile(dirs, need);
        let browser = downloads
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok(Tools {
            dx: compiled?,
            browser,
        })
    })
}

/// Installs what is missing for a window that cargo alone builds.
pub(crate) fn install_window(dirs: &Dirs) -> Result<()> {
    say(&format!(
        "setup: looking for what a window needs; logs are in {}",
        dirs.cache.display()
    ));
    desktop::install(dirs, false)
}

/// Installs what is missing to check the app for phones.
pub(crate) fn install_mobile(dirs: &Dirs) -> Result<()> {
    say(&format!(
        "setup: looking for what checking for phones needs; logs are in {}",
        dirs.cache.display()
    ));
    mobile::install(dirs)?;
    rust_std::install(dirs, rust_std::PHONES)
}

/// Installs what is missing for the fuzz targets.
pub(crate) fn install_fuzz(dirs: &Dirs) -> Result<()> {
    say(&format!(
        "setup: looking for what fuzzing needs; logs are in {}",
        dirs.cache.display()
    ));
    cargo::fuzz(dirs)
}

/// Installs what is missing to measure coverage, and says where it is.
pub(crate) fn install_coverage(dirs: &Dirs) -> Result<Llvm> {
    say(&format!(
        "setup: looking for what measures coverage; logs are in {}",
        dirs.cache.display()
    ));
    cargo::llvm_cov(dirs)?;
    llvm::install(dirs)
}

/// Installs what is missing to make mutants.
pub(crate) fn install_mutants(dirs: &Dirs) -> Result<()> {
    say(&format!(
        "setup: looking for what makes mutants; logs are in {}",
        dirs.cache.display()
    ));
    cargo::mutants(dirs)
}

/// Finds or compiles the tools.
fn compile(dirs: &Dirs, need: Need) -> Result<PathBuf> {
    if need.is_web() {
        let targets = match need {
            Need::Test => rust_std::ALL,
            _ => rust_std::BROWSERS,
        };
        rust_std::install(dirs, targets)?;
        if need.is_optimised() {
            rust_std::install_source(dirs)?;
        }
        cargo::wasm_bindgen(dirs)?;
    }
    let dx = cargo::dx(dirs)?;
    if need == Need::Test {
        cargo::deny(dirs)?;
        cargo::fuzz(dirs)?;
    }
    Ok(dx)
}

/// Says that something is there already.
fn there(what: &str, detail: &str) {
    say(&format!("  ok  {what} ({detail})"));
}

/// Says that something is missing, what it is for and how it comes.
fn getting(what: &str, why: &str, how: &str) {
    say(&format!("  get {what}: {why}; {how}"));
}

/// Says that something has arrived.
fn got(what: &str, started: Instant) {
    say(&format!("  new {what}, in {}", human(started.elapsed())));
}

/// Puts a program where it will be looked for, whole or not at all.
fn place(program: &Path, at: &Path) -> Result<()> {
    let dir = at.parent().unwrap_or(at);
    std::fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
    let partial = at.with_extension(format!("partial-{}", std::process::id()));
    std::fs::copy(program, &partial).map_err(Error::io("copy", program))?;
    std::fs::rename(&partial, at).map_err(Error::io("replace", at))
}

/// Removes a file or a directory, if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let gone = if path.is_dir() && !path.is_symlink() {
        std::fs::remove_dir_all(path)
    } else {
        std::fs::remove_file(path)
    };
    match gone {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        outcome => outcome.map_err(Error::io("remove", path)),
    }
}

/// The version at the end of what `--version` prints: `wasm-bindgen 0.2.130`, `dioxus 0.7.10 (57d6794)`.
fn version_in(output: &str) -> Option<&str> {
    output
        .split_whitespace()
        .map(|word| word.trim_start_matches('v'))
        .find(|word| {
            let mut parts = word.split('.');
            parts.clone().count() >= 2
                && parts.next().is_some_and(|part| part.parse::<u32>().is_ok())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_however_a_tool_prints_it() {
        assert_eq!(version_in("dioxus 0.7.10 (57d6794)"), Some("0.7.10"));
        assert_eq!(version_in("wasm-bindgen 0.2.130"), Some("0.2.130"));
        assert_eq!(version_in("0.27.3\n"), Some("0.27.3"));
        assert_eq!(version_in("v20.20.2"), Some("20.20.2"));
        assert_eq!(
            version_in("ChromeDriver 156.0.8078.79 (a21ce95c)"),
            Some("156.0.8078.79")
        );
        assert_eq!(version_in("no version here. none"), None);
    }

    #[test]
    fn the_tests_need_all_that_anything_else_needs() {
        let all = Need::Test;
        assert!(all.is_web() && all.is_optimised() && all.is_desktop());
        assert!(!Need::Package.is_web() && !Need::Demo.is_desktop());
    }
}
