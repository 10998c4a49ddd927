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

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    /// What is compiled for anything but a phone may not, by clippy's own flag; this is for what only phones have.
    #[test]
    fn nothing_but_what_speaks_to_a_phone_is_let_off_the_ban_on_unsafe_code() {
        let dirs = Dirs::find().expect("the home directory is known");
        let phones = ["platform/mobile/ios", "platform/mobile/android"].map(Path::new);
        let let_off: Vec<PathBuf> = ["src", "platform", "tests"]
            .iter()
            .flat_map(|root| sources(&dirs.workspace.join(root)))
            .filter(|file| {
                std::fs::read_to_string(file).is_ok_and(|text| text.contains("unsafe_code"))
            })
            .filter_map(|file| Some(file.strip_prefix(&dirs.workspace).ok()?.to_owned()))
            .collect();
        assert!(!let_off.is_empty(), "iOS is not spoken to without");
        let strangers: Vec<&PathBuf> = let_off
            .iter()
            .filter(|file| !phones.iter().any(|phone| file.starts_with(phone)))
            .collect();
        assert!(strangers.is_empty(), "{strangers:?}");
    }

    #[test]
    fn what_is_said_of_ios_in_two_files_is_the_same_in_both() {
        let workspace = Dirs::find().expect("the home directory is known").workspace;
        let said = |file: &str, key: &str| {
            let text = std::fs::read_to_string(workspace.join(file)).expect("the file is there");
            let mut lines = text.lines().filter_map(|line| line.split_once(" = "));
            let (_, value) = lines
                .find(|(name, _)| *name == key)
                .unwrap_or_else(|| panic!("{file} has no {key}"));
            value.to_owned()
        };
        let identifier = said("Dioxus.toml", "identifier");
        assert_eq!(
            said("Dioxus.toml", "url_schemes"),
            format!("[{identifier}]")
        );
        assert_eq!(identifier, identifier.to_lowercase());
        assert_eq!(
            said("Dioxus.toml", "MinimumOSVersion"),
            said(".cargo/config.toml", "IPHONEOS_DEPLOYMENT_TARGET")
        );
    }

    fn sources(directory: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(directory).expect("the directory is there");
        let paths = entries.flatten().map(|entry| entry.path());
        paths
            .flat_map(|path| match path.is_dir() {
                true => sources(&path),
                false => vec![path],
            })
            .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
            .collect()
    }
}
