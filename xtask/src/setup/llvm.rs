//! LLVM's programs that read what a program built for coverage writes down.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dirs::{Dirs, on_path};
use crate::error::{Error, Result};
use crate::process::output;
use crate::setup::apt::Apt;
use crate::setup::there;

/// The package of Debian that has them. Its version need not be the compiler's own: the format changes rarely, and an
/// older reader says so.
const PACKAGE: &str = "llvm-19";
/// How Debian ends the names of its programs, newest first.
const VERSIONS: &[&str] = &["", "-22", "-21", "-20", "-19"];

/// Where they are.
#[derive(Debug)]
pub(crate) struct Llvm {
    pub(crate) cov: PathBuf,
    pub(crate) profdata: PathBuf,
}

/// Finds them, beside the compiler or on the `PATH`, or installs them.
pub(super) fn install(dirs: &Dirs) -> Result<Llvm> {
    if let Some(llvm) = find() {
        there(
            "llvm-cov and llvm-profdata",
            &llvm.cov.display().to_string(),
        );
        return Ok(llvm);
    }
    let why = "they read which lines were run";
    let lacking = || Error::Missing {
        what: "llvm-cov and llvm-profdata",
        why,
        fix: format!(
            "install them (`rustup component add llvm-tools`, or on Debian, as root: `apt-get install {PACKAGE}`), and \
             run this again"
        ),
    };
    let apt = Apt::allowed().ok_or_else(lacking)?;
    apt.install(dirs, &[PACKAGE], why)?;
    find().ok_or_else(lacking)
}

fn find() -> Option<Llvm> {
    let beside = beside_the_compiler();
    let beside = beside.as_deref().and_then(pair_in);
    beside.or_else(|| VERSIONS.iter().find_map(|version| pair_on_path(version)))
}

fn beside_the_compiler() -> Option<PathBuf> {
    let sysroot = output(Command::new("rustc").args(["--print", "target-libdir"]))?;
    Some(Path::new(&sysroot).with_file_name("bin"))
}

fn pair_in(dir: &Path) -> Option<Llvm> {
    let llvm = Llvm {
        cov: dir.join("llvm-cov"),
        profdata: dir.join("llvm-profdata"),
    };
    (llvm.cov.is_file() && llvm.profdata.is_file()).then_some(llvm)
}

fn pair_on_path(version: &str) -> Option<Llvm> {
    Some(Llvm {
        cov: on_path(&format!("llvm-cov{version}"))?,
        profdata: on_path(&format!("llvm-profdata{version}"))?,
    })
}
