//! `cargo xtask bundle`: the app as a package that a desktop installs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::dirs::Dirs;
use crate::error::{Error, Result};
use crate::process::{logged, output};
use crate::say::{human, say};
use crate::setup::{self, Need, Tools};
use crate::table::thousands;

/// Runs the command.
pub(crate) fn run() -> Result<()> {
    let dirs = Dirs::find()?;
    let tools = setup::install(&dirs, Need::Package)?;
    let took = build(&dirs, &tools)?;
    say(&format!("built the package in {}", human(took)));
    let package = find(&dirs)?;
    say(&describe(&package)?);
    Ok(())
}

/// Builds the package from the release build of the program.
pub(crate) fn build(dirs: &Dirs, tools: &Tools) -> Result<Duration> {
    // dx leaves the packages of earlier versions beside the new one.
    setup::remove(&out(dirs))?;
    let mut dx = dirs.command(&tools.dx);
    dx.args(["bundle", "--platform", "desktop", "--release"]);
    // The other kinds of package want tools that dx would download.
    dx.args(["--package-types", "deb", "--debug-symbols", "false"]);
    dx.arg("--out-dir").arg(out(dirs));
    logged(dx, "building the package", &dirs.log("dx-bundle"))
}

/// The package that was built last.
pub(crate) fn find(dirs: &Dirs) -> Result<PathBuf> {
    let bundle = out(dirs);
    let entries = std::fs::read_dir(&bundle).map_err(Error::io("list", &bundle))?;
    let mut files = entries.flatten().map(|entry| entry.path());
    files
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .ok_or(Error::Incomplete {
            what: ".deb",
            bundle,
        })
}

fn out(dirs: &Dirs) -> PathBuf {
    dirs.target.join("package")
}

fn describe(package: &Path) -> Result<String> {
    let file = std::fs::metadata(package).map_err(Error::io("read", package))?;
    let size = usize::try_from(file.len()).unwrap_or(usize::MAX);
    let mut dpkg = Command::new("dpkg-deb");
    dpkg.arg("--field").arg(package).arg("Depends");
    let depends = output(&mut dpkg).unwrap_or_else(|| "unknown, for want of dpkg-deb".to_owned());
    Ok(format!(
        "{}\n  {} bytes; depends on {depends}\n  install it:  sudo apt install {}",
        package.display(),
        thousands(size),
        package.display()
    ))
}
