//! The browser of the tests.

use std::path::PathBuf;
use std::process::Command;

use crate::dirs::{Dirs, on_path};
use crate::error::{Error, Result};
use crate::process::output;
use crate::setup::apt::Apt;
use crate::setup::{there, version_in};

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
    apt.install(dirs, &["chromium", "chromium-driver"], WHY)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browser_and_driver_are_compared_by_their_major_version() {
        assert_eq!(major("156.0.8078.79"), "156");
        assert_ne!(major("156.0.1"), major("155.0.1"));
    }
}
