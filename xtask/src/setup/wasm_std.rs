//! The standard library for `wasm32-unknown-unknown`.
//!
//! rustup has it ready-made. Where rustup's server is out of reach, Debian ships the source of each compiler release,
//! and cargo builds the library from that in under a minute.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::dirs::{Dirs, on_path};
use crate::error::{Error, Result};
use crate::process::{logged, logged_within, output};
use crate::say::say;
use crate::setup::{debian, getting, got, remove, there};

const TARGET: &str = "wasm32-unknown-unknown";
/// Beside a source that Debian's package brought: the release it is of.
const MARK: &str = "release";
const WHY: &str = "the app is compiled for the browser";
/// rustup retries for minutes where it reaches nothing; with a network it needs seconds.
const RUSTUP_LIMIT: Duration = Duration::from_secs(60);

/// Finds or installs the library.
pub(super) fn install(dirs: &Dirs) -> Result<()> {
    let toolchain = Toolchain::find(dirs)?;
    if toolchain.compiles_wasm(dirs) {
        there(
            &format!("{TARGET} std"),
            &format!("for rustc {}", toolchain.release),
        );
        return Ok(());
    }
    if from_rustup(dirs, &toolchain)? {
        return Ok(());
    }
    from_debian(dirs, &toolchain)
}

/// Builds the library from Debian's source, in place of one that may be there.
pub(super) fn install_from_debian(dirs: &Dirs) -> Result<()> {
    from_debian(dirs, &Toolchain::find(dirs)?)
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

fn from_rustup(dirs: &Dirs, toolchain: &Toolchain) -> Result<bool> {
    if on_path("rustup").is_none() {
        return Ok(false);
    }
    let started = Instant::now();
    let what = format!("{TARGET} std for rustc {}", toolchain.release);
    getting(&what, WHY, "by rustup");
    toolchain.clear_leftovers()?;
    if !ask_rustup(dirs, &["target", "add", TARGET])? || !toolchain.compiles_wasm(dirs) {
        return Ok(false);
    }
    forget_old_builds(dirs)?;
    got(&what, started);
    Ok(true)
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

fn from_debian(dirs: &Dirs, toolchain: &Toolchain) -> Result<()> {
    let started = Instant::now();
    let what = format!("{TARGET} std for rustc {}", toolchain.release);
    getting(
        &what,
        WHY,
        "built from the source that Debian packages as `rust-src`",
    );
    if !toolchain.has_source() {
        toolchain.source_from_debian(dirs)?;
    }
    let built = build(dirs)?;
    toolchain.put_std(&built)?;
    if !toolchain.compiles_wasm(dirs) {
        return Err(toolchain.none("the library that was built does not work with this compiler"));
    }
    forget_old_builds(dirs)?;
    remove(&dirs.scratch("rust-src"))?;
    remove(&dirs.scratch("wasm-std"))?;
    got(&what, started);
    Ok(())
}

/// Lets cargo build the library for an empty crate, and returns the directory of what it built.
fn build(dirs: &Dirs) -> Result<PathBuf> {
    let root = dirs.scratch("wasm-std");
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
            "--target",
            TARGET,
        ])
        .env("CARGO_TARGET_DIR", root.join("target"))
        // `-Zbuild-std` is the only way to build a std, and stable allows it only so.
        .env("RUSTC_BOOTSTRAP", "1")
        // Without the bitcode the app cannot be optimised across crates.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    logged(cargo, "compiling the std", &dirs.log("wasm-std"))?;
    Ok(root.join("target").join(TARGET).join("release/deps"))
}

/// Removes what was built against another std: cargo does not notice the change and links nothing afterwards.
fn forget_old_builds(dirs: &Dirs) -> Result<()> {
    remove(&dirs.target.join(TARGET))
}

/// The compiler in use.
struct Toolchain {
    release: String,
    rustlib: PathBuf,
}

impl Toolchain {
    fn find(dirs: &Dirs) -> Result<Self> {
        let ask = |arguments: &[&str]| {
            output(dirs.command("rustc").args(arguments)).ok_or_else(|| Error::Missing {
                what: "rustc",
                why: "everything is compiled with it",
                fix: "install Rust and run this again".into(),
            })
        };
        let release = release_in(&ask(&["-vV"])?).unwrap_or_default().to_owned();
        let sysroot = PathBuf::from(ask(&["--print", "sysroot"])?);
        Ok(Self {
            release,
            rustlib: sysroot.join("lib/rustlib"),
        })
    }

    /// Whether a library that uses std compiles: a std of another compiler, or half a one, does not count.
    fn compiles_wasm(&self, dirs: &Dirs) -> bool {
        let probe = dirs.scratch("wasm-probe");
        let source = probe.join("probe.rs");
        if std::fs::create_dir_all(&probe)
            .and_then(|()| std::fs::write(&source, "pub fn f() -> String { String::new() }\n"))
            .is_err()
        {
            return false;
        }
        let mut rustc = dirs.command("rustc");
        rustc
            .args([
                "--target",
                TARGET,
                "--edition",
                "2024",
                "--crate-type",
                "lib",
                "--out-dir",
            ])
            .arg(&probe)
            .arg(&source);
        output(&mut rustc).is_some()
    }

    /// Removes a std that rustup does not know of: rustup refuses to write over it.
    fn clear_leftovers(&self) -> Result<()> {
        if self.has(&format!("rust-std-{TARGET}")) {
            Ok(())
        } else {
            remove(&self.rustlib.join(TARGET))
        }
    }

    /// Whether rustup put a component there, and will look after it.
    fn has(&self, component: &str) -> bool {
        let known = std::fs::read_to_string(self.rustlib.join("components")).unwrap_or_default();
        known.lines().any(|line| line == component)
    }

    /// Whether the library's source is there, of this compiler's version.
    ///
    /// What Debian's package left carries a mark with the version; what rustup brought, rustup looks after.
    fn has_source(&self) -> bool {
        let mark = std::fs::read_to_string(self.source().join(MARK)).unwrap_or_default();
        let is_current = self.has("rust-src") || mark == self.release;
        is_current && self.source().join("library/Cargo.lock").is_file()
    }

    /// Puts the source that Debian packages where cargo looks for it.
    fn source_from_debian(&self, dirs: &Dirs) -> Result<()> {
        let archive = debian::archive()
            .ok_or_else(|| self.none("rustup did not bring it and apt knows no Debian mirror"))?;
        let unpacked =
            debian::unpack(dirs, &archive, "rust-src", &self.release)?.ok_or_else(|| {
                self.none(
                    "rustup did not bring it and Debian's mirror has no `rust-src` of this version",
                )
            })?;
        self.put_source(&unpacked.join(format!("usr/src/rustc-{}/library", self.release)))
    }

    fn none(&self, reason: &str) -> Error {
        Error::NoWasmStd {
            release: self.release.clone(),
            reason: reason.to_owned(),
        }
    }

    /// Where cargo looks for the library's source.
    fn source(&self) -> PathBuf {
        self.rustlib.join("src/rust")
    }

    /// Puts the library's source where cargo looks for it.
    fn put_source(&self, library: &Path) -> Result<()> {
        let src = self.rustlib.join("src");
        let partial = src.join(format!("rust.partial-{}", std::process::id()));
        remove(&partial)?;
        copy_tree(library, &partial.join("library"))?;
        let mark = partial.join(MARK);
        std::fs::write(&mark, &self.release).map_err(Error::io("write", &mark))?;
        let at = self.source();
        remove(&at)?;
        std::fs::rename(&partial, &at).map_err(Error::io("replace", &at))
    }

    /// Puts the compiled library where the compiler looks for it, whole or not at all.
    fn put_std(&self, built: &Path) -> Result<()> {
        let partial = self
            .rustlib
            .join(format!("{TARGET}.partial-{}", std::process::id()));
        remove(&partial)?;
        let lib = partial.join("lib");
        std::fs::create_dir_all(&lib).map_err(Error::io("create", &lib))?;
        for entry in std::fs::read_dir(built)
            .map_err(Error::io("list", built))?
            .flatten()
        {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.ends_with(".rlib") && !name.starts_with("libempty-") {
                std::fs::copy(entry.path(), lib.join(&*name))
                    .map_err(Error::io("copy", entry.path()))?;
            }
        }
        let at = self.rustlib.join(TARGET);
        remove(&at)?;
        std::fs::rename(&partial, &at).map_err(Error::io("replace", &at))
    }
}

fn release_in(verbose_version: &str) -> Option<&str> {
    verbose_version
        .lines()
        .find_map(|line| line.strip_prefix("release: "))
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).map_err(Error::io("create", to))?;
    for entry in std::fs::read_dir(from)
        .map_err(Error::io("list", from))?
        .flatten()
    {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target).map_err(Error::io("copy", entry.path()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_is_read_without_its_commit() {
        let text = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nhost: x86_64\nrelease: 1.95.0\nLLVM version: 22.1.2";
        assert_eq!(release_in(text), Some("1.95.0"));
        assert_eq!(release_in("rustc 1.95.0"), None);
    }
}
