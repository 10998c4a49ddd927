//! The compiler in use, and the standard libraries beside it.

use std::path::{Path, PathBuf};

use crate::dirs::Dirs;
use crate::error::{Error, Result};
use crate::process::output;
use crate::setup::{debian, remove};

/// Beside a source that Debian's package brought: the release it is of.
const MARK: &str = "release";

/// The compiler in use.
pub(super) struct Toolchain {
    pub(super) release: String,
    rustlib: PathBuf,
}

impl Toolchain {
    /// Asks the compiler for its release and its directory.
    pub(super) fn find(dirs: &Dirs) -> Result<Self> {
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
    pub(super) fn compiles_for(&self, dirs: &Dirs, target: &str) -> bool {
        let probe = dirs.scratch(&format!("probe-{target}"));
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
                target,
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
    pub(super) fn clear_leftovers(&self, target: &str) -> Result<()> {
        if self.has(&format!("rust-std-{target}")) {
            Ok(())
        } else {
            remove(&self.rustlib.join(target))
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
    pub(super) fn has_source(&self) -> bool {
        let mark = std::fs::read_to_string(self.source().join(MARK)).unwrap_or_default();
        let is_current = self.has("rust-src") || mark == self.release;
        is_current && self.source().join("library/Cargo.lock").is_file()
    }

    /// Puts the source that Debian packages where cargo looks for it.
    pub(super) fn source_from_debian(&self, dirs: &Dirs) -> Result<()> {
        let none = |reason: &str| Error::NoStdSource {
            release: self.release.clone(),
            reason: reason.to_owned(),
        };
        let archive = debian::archive()
            .ok_or_else(|| none("rustup did not bring it and apt knows no Debian mirror"))?;
        let unpacked =
            debian::unpack(dirs, &archive, "rust-src", &self.release)?.ok_or_else(|| {
                none(
                    "rustup did not bring it and Debian's mirror has no `rust-src` of this version",
                )
            })?;
        self.put_source(&unpacked.join(format!("usr/src/rustc-{}/library", self.release)))
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
    pub(super) fn put_std(&self, target: &str, built: &Path) -> Result<()> {
        let partial = self
            .rustlib
            .join(format!("{target}.partial-{}", std::process::id()));
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
        let at = self.rustlib.join(target);
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
