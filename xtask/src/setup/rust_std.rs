//! The standard libraries for browsers and phones.
//!
//! rustup has them ready-made. Where rustup's server is out of reach, Debian ships the source of each compiler release,
//! and cargo builds the libraries from that in about a minute.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::compiler::{ANDROID, IOS};
use crate::dirs::{Dirs, on_path};
use crate::error::{Error, Result};
use crate::process::{logged, logged_within};
use crate::say::say;
use crate::setup::toolchain::Toolchain;
use crate::setup::{getting, got, remove, there};

const WASM: &str = "wasm32-unknown-unknown";

/// What the app for browsers is compiled for.
pub(super) const BROWSERS: &[&str] = &[WASM];
/// What the app for phones is checked for.
pub(super) const PHONES: &[&str] = &[ANDROID, IOS];
/// All of them.
pub(super) const ALL: &[&str] = &[WASM, ANDROID, IOS];

const WHY: &str = "the app is compiled for it";
/// rustup retries for minutes where it reaches nothing; with a network it needs seconds.
const RUSTUP_LIMIT: Duration = Duration::from_secs(60);

/// Finds or installs the libraries for `targets`.
pub(super) fn install(dirs: &Dirs, targets: &[&'static str]) -> Result<()> {
    let toolchain = Toolchain::find(dirs)?;
    let missing = missing(dirs, &toolchain, targets);
    for target in targets.iter().filter(|target| !missing.contains(target)) {
        let compiler = format!("for rustc {}", toolchain.release);
        there(&format!("{target} std"), &compiler);
    }
    if missing.is_empty() {
        return Ok(());
    }
    let missing = from_rustup(dirs, &toolchain, missing)?;
    match missing.is_empty() {
        true => Ok(()),
        false => from_debian(dirs, &toolchain, &missing),
    }
}

/// Builds the libraries for `targets` from Debian's source, in place of those that may be there.
pub(super) fn install_from_debian(dirs: &Dirs, targets: &[&'static str]) -> Result<()> {
    from_debian(dirs, &Toolchain::find(dirs)?, targets)
}

/// Finds or installs the library's source, which the release bundle is built from: a std without the code that
/// describes a panic is a tenth smaller.
pub(super) fn install_source(dirs: &Dirs) -> Result<()> {
    let toolchain = Toolchain::find(dirs)?;
    let what = format!("source of the std for rustc {}", toolchain.release);
    if toolchain.has_source() {
        there(&what, "rust-src");
        return Ok(());
    }
    let started = Instant::now();
    getting(
        &what,
        "the release bundle is built with a std of its own",
        "by rustup, or from Debian's package",
    );
    let is_there = on_path("rustup").is_some()
        && ask_rustup(dirs, &["component", "add", "rust-src"])?
        && toolchain.has_source();
    if !is_there {
        toolchain.source_from_debian(dirs)?;
        remove(&dirs.scratch("rust-src"))?;
    }
    got(&what, started);
    Ok(())
}

fn missing(dirs: &Dirs, toolchain: &Toolchain, targets: &[&'static str]) -> Vec<&'static str> {
    let is_missing = |target: &&str| !toolchain.compiles_for(dirs, target);
    targets.iter().copied().filter(is_missing).collect()
}

/// Asks rustup for the libraries that are `missing`, and returns those that still are.
fn from_rustup(
    dirs: &Dirs,
    toolchain: &Toolchain,
    missing: Vec<&'static str>,
) -> Result<Vec<&'static str>> {
    if on_path("rustup").is_none() {
        return Ok(missing);
    }
    let started = Instant::now();
    let what = named(toolchain, &missing);
    getting(&what, WHY, "by rustup");
    for target in &missing {
        toolchain.clear_leftovers(target)?;
    }
    let arguments = [&["target", "add"], missing.as_slice()].concat();
    ask_rustup(dirs, &arguments)?;
    let rest = self::missing(dirs, toolchain, &missing);
    forget_old_builds(dirs, missing.iter().filter(|target| !rest.contains(target)))?;
    if rest.is_empty() {
        got(&what, started);
    }
    Ok(rest)
}

fn named(toolchain: &Toolchain, targets: &[&str]) -> String {
    format!(
        "std for {} and rustc {}",
        targets.join(", "),
        toolchain.release
    )
}

fn ask_rustup(dirs: &Dirs, arguments: &[&str]) -> Result<bool> {
    let mut rustup = dirs.command("rustup");
    rustup.args(arguments);
    let log = dirs.log("rustup");
    match logged_within(rustup, "asking rustup", &log, Some(RUSTUP_LIMIT)) {
        Ok(_) => Ok(true),
        Err(Error::Interrupted) => Err(Error::Interrupted),
        Err(_) => {
            say(&format!(
                "      rustup did not bring it; {} says why",
                log.display()
            ));
            Ok(false)
        }
    }
}

fn from_debian(dirs: &Dirs, toolchain: &Toolchain, targets: &[&'static str]) -> Result<()> {
    let started = Instant::now();
    let what = named(toolchain, targets);
    getting(
        &what,
        WHY,
        "built from the source that Debian packages as `rust-src`",
    );
    if !toolchain.has_source() {
        toolchain.source_from_debian(dirs)?;
    }
    let built = build(dirs, targets)?;
    for target in targets {
        toolchain.put_std(target, &built.join(target).join("release/deps"))?;
        if !toolchain.compiles_for(dirs, target) {
            return Err(Error::NoStd {
                release: toolchain.release.clone(),
                target: (*target).to_owned(),
            });
        }
    }
    forget_old_builds(dirs, targets)?;
    remove(&dirs.scratch("rust-src"))?;
    remove(&dirs.scratch("std"))?;
    got(&what, started);
    Ok(())
}

/// Lets cargo build the libraries for an empty crate, and returns the directory with one for each target.
fn build(dirs: &Dirs, targets: &[&str]) -> Result<PathBuf> {
    let root = dirs.scratch("std");
    remove(&root)?;
    let src = root.join("src");
    std::fs::create_dir_all(&src).map_err(Error::io("create", &src))?;
    let files = [
        (
            "Cargo.toml",
            "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n",
        ),
        ("src/lib.rs", "#![no_std]\n"),
    ];
    for (name, text) in files {
        let path = root.join(name);
        std::fs::write(&path, text).map_err(Error::io("write", &path))?;
    }
    let mut cargo = dirs.command("cargo");
    cargo
        .current_dir(&root)
        .args([
            "build",
            "--release",
            "-Zbuild-std=std,panic_abort,panic_unwind,test,proc_macro",
        ])
        .args(targets.iter().flat_map(|target| ["--target", target]))
        .env("CARGO_TARGET_DIR", root.join("target"))
        // `-Zbuild-std` is the only way to build a std, and stable allows it only so.
        .env("RUSTC_BOOTSTRAP", "1")
        // Without the bitcode the app cannot be optimised across crates.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    logged(cargo, "compiling the std", &dirs.log("std"))?;
    Ok(root.join("target"))
}

/// Removes what was built against another std: cargo does not notice the change and links nothing afterwards.
fn forget_old_builds<'a>(
    dirs: &Dirs,
    targets: impl IntoIterator<Item = &'a &'static str>,
) -> Result<()> {
    for target in targets {
        remove(&dirs.target.join(target))?;
        remove(&dirs.mobile_target().join(target))?;
    }
    Ok(())
}
