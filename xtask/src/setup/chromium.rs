//! The browser of the tests.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::dirs::{Dirs, on_path};
use crate::error::{Error, Result};
use crate::process::{logged, output};
use crate::setup::{getting, got, there, version_in};

const WHY: &str = "the browser tests log in with a real browser";

/// A browser and the program that drives it.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    /// The browser.
    pub(crate) chromium: PathBuf,
    /// Its WebDriver.
    pub(crate) chromedriver: PathBuf,
}

/// Finds or installs both.
pub(super) fn install(dirs: &Dirs) -> Result<Browser> {
    if let Some((browser, version)) = find() {
        there(
            &format!("chromium {version}"),
            &browser.chromium.display().to_string(),
        );
        return Ok(browser);
    }
    let started = Instant::now();
    let how = || {
        Error::Missing {
        what: "chromium with chromedriver of the same version",
        why: WHY,
        fix: "install both (on Debian, as root: `apt-get install chromium chromium-driver`) or name them in \
              CHROMIUM and CHROMEDRIVER, and run this again"
            .into(),
    }
    };
    let apt = Apt::allowed().ok_or_else(how)?;
    getting("chromium and chromium-driver", WHY, "by apt");
    let log = dirs.log("chromium");
    if logged(apt.install(), "apt-get install", &log).is_err() {
        // The usual reason is an index older than the mirror, or none.
        logged(apt.command(&["update"]), "apt-get update", &log)?;
        logged(apt.install(), "apt-get install", &log)?;
    }
    got("chromium and chromium-driver", started);
    find().map(|(browser, _)| browser).ok_or_else(how)
}

fn find() -> Option<(Browser, String)> {
    let named = |variable: &str| {
        std::env::var_os(variable)
            .map(PathBuf::from)
            .filter(|path| path.is_file())
    };
    let chromium = named("CHROMIUM").or_else(|| {
        ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find_map(on_path)
    })?;
    let chromedriver = named("CHROMEDRIVER").or_else(|| on_path("chromedriver"))?;
    let version = |program: &PathBuf| {
        let text = output(Command::new(program).arg("--version"))?;
        version_in(&text).map(str::to_owned)
    };
    let (browser, driver) = (version(&chromium)?, version(&chromedriver)?);
    (major(&browser) == major(&driver)).then_some((
        Browser {
            chromium,
            chromedriver,
        },
        browser,
    ))
}

/// A driver refuses a browser of another major version.
fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

/// apt, for a user who may use it.
struct Apt {
    sudo: bool,
}

impl Apt {
    fn allowed() -> Option<Self> {
        on_path("apt-get")?;
        if rustix::process::geteuid().is_root() {
            return Some(Self { sudo: false });
        }
        output(Command::new("sudo").args(["-n", "true"])).map(|_| Self { sudo: true })
    }

    fn install(&self) -> Command {
        self.command(&[
            "install",
            "-y",
            "--no-install-recommends",
            "chromium",
            "chromium-driver",
        ])
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = if self.sudo {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            sudo
        } else {
            let mut apt = Command::new("apt-get");
            apt.env("DEBIAN_FRONTEND", "noninteractive");
            apt
        };
        command
            .args(["-o", "DPkg::Lock::Timeout=300"])
            .args(arguments);
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browser_and_driver_are_compared_by_their_major_version() {
        assert_eq!(major("156.0.8078.79"), "156");
        assert_ne!(major("156.0.1"), major("155.0.1"));
    }
}
