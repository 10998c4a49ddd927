//! `cargo xtask check-mobile`: what a phone runs, through clippy, on a machine that can build for none.

use std::process::Command;
use std::time::Instant;

use crate::compiler::{PHONES, name_compilers};
use crate::dirs::Dirs;
use crate::error::{Error, Result};
use crate::process::shown;
use crate::say::{human, say};
use crate::setup;

/// Runs the command.
pub(crate) fn run() -> Result<()> {
    let dirs = Dirs::find()?;
    setup::install_mobile(&dirs)?;
    check(&dirs)
}

/// Checks the whole mobile configuration for each of the phones.
pub(crate) fn check(dirs: &Dirs) -> Result<()> {
    for target in PHONES {
        let started = Instant::now();
        let status = shown(clippy(dirs, target)?)?;
        if !status.success() {
            return Err(Error::Step {
                step: "check-mobile",
                status: status.to_string(),
            });
        }
        say(&format!(
            "nothing to say for {target}, after {}",
            human(started.elapsed())
        ));
    }
    Ok(())
}

fn clippy(dirs: &Dirs, target: &str) -> Result<Command> {
    let mut cargo = dirs.command("cargo");
    cargo.args(["clippy", "--package", "dioxus-auth0"]);
    cargo.args(["--features", "mobile", "--lib", "--bins"]);
    cargo.args(["--target", target, "--", "-D", "warnings"]);
    // Other variables and other features than the host's: in one directory, each would undo what the other has built.
    cargo.env("CARGO_TARGET_DIR", dirs.mobile_target());
    name_compilers(dirs, &mut cargo)?;
    Ok(cargo)
}
