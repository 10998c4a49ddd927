//! What a window needs: the system's web view to build with, and on machines without a screen one that nobody sees.

use std::path::Path;
use std::process::Command;

use crate::dirs::{Dirs, on_path};
use crate::error::{Error, Result};
use crate::process::output;
use crate::setup::apt::Apt;
use crate::setup::there;

/// How a part shows that it is there.
enum Mark {
    /// A library that programs are linked with, by its name for pkg-config.
    Library(&'static str),
    /// A header, for a library that pkg-config does not know.
    Header(&'static str),
    /// A program on the `PATH`.
    Program(&'static str),
    /// A program that only the session bus starts.
    Service(&'static str),
}

/// One package of Debian, and what it is for.
struct Part {
    package: &'static str,
    mark: Mark,
    why: &'static str,
    /// Whether the tests alone want it.
    tests_only: bool,
}

const PARTS: &[Part] = &[
    Part {
        package: "libwebkit2gtk-4.1-dev",
        mark: Mark::Library("webkit2gtk-4.1"),
        why: "the window's web view",
        tests_only: false,
    },
    Part {
        package: "libxdo-dev",
        mark: Mark::Header("/usr/include/xdo.h"),
        why: "the window's menus are linked with it",
        tests_only: false,
    },
    Part {
        package: "libssl-dev",
        mark: Mark::Library("openssl"),
        why: "Dioxus's desktop renderer is linked with it",
        tests_only: false,
    },
    Part {
        package: "xvfb",
        mark: Mark::Program("Xvfb"),
        why: "a display where there is none",
        tests_only: false,
    },
    Part {
        package: "imagemagick",
        mark: Mark::Program("import"),
        why: "pictures of that display",
        tests_only: false,
    },
    Part {
        package: "dbus-daemon",
        mark: Mark::Program("dbus-daemon"),
        why: "the tests read the window through it",
        tests_only: true,
    },
    Part {
        package: "at-spi2-core",
        mark: Mark::Service("at-spi-bus-launcher"),
        why: "the tests read the window as a screen reader does",
        tests_only: true,
    },
    Part {
        package: "xdotool",
        mark: Mark::Program("xdotool"),
        why: "the tests write into the window",
        tests_only: true,
    },
    Part {
        package: "gnome-keyring",
        mark: Mark::Program("gnome-keyring-daemon"),
        why: "a keychain for the test of stored sessions",
        tests_only: true,
    },
    Part {
        package: "strace",
        mark: Mark::Program("strace"),
        why: "the tests of stored sessions make the system's calls fail, and kill between them",
        tests_only: true,
    },
    Part {
        package: "g++",
        mark: Mark::Program("c++"),
        why: "libFuzzer is C++",
        tests_only: true,
    },
    Part {
        package: "desktop-file-utils",
        mark: Mark::Program("desktop-file-validate"),
        why: "checks the package's entry in the menus",
        tests_only: true,
    },
];

/// Finds or installs the packages.
pub(super) fn install(dirs: &Dirs, for_tests: bool) -> Result<()> {
    let wanted = || {
        PARTS
            .iter()
            .filter(move |part| for_tests || !part.tests_only)
    };
    let missing: Vec<&Part> = wanted().filter(|part| !part.mark.is_there()).collect();
    if missing.is_empty() {
        let packages: Vec<&str> = wanted().map(|part| part.package).collect();
        there("the desktop's packages", &packages.join(", "));
        return Ok(());
    }
    let apt = Apt::allowed().ok_or_else(|| lacking(&missing))?;
    let packages: Vec<&str> = missing.iter().map(|part| part.package).collect();
    let reasons: Vec<&str> = missing.iter().map(|part| part.why).collect();
    apt.install(dirs, &packages, &reasons.join(", "))?;
    let missing: Vec<&Part> = wanted().filter(|part| !part.mark.is_there()).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(lacking(&missing)),
    }
}

fn lacking(missing: &[&Part]) -> Error {
    let packages: Vec<&str> = missing.iter().map(|part| part.package).collect();
    Error::Missing {
        what: "what a window is built with and shown on",
        why: "the app runs in a native window too",
        fix: format!(
            "install it (on Debian, as root: `apt-get install {}`), and run this again",
            packages.join(" ")
        ),
    }
}

impl Mark {
    fn is_there(&self) -> bool {
        match self {
            Self::Library(name) => {
                output(Command::new("pkg-config").args(["--exists", name])).is_some()
            }
            Self::Header(path) => Path::new(path).exists(),
            Self::Program(name) => on_path(name).is_some(),
            Self::Service(name) => ["/usr/libexec", "/usr/lib/at-spi2-core"]
                .iter()
                .any(|dir| Path::new(dir).join(name).exists()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_named_as_apt_knows_it() {
        let missing: Vec<&Part> = PARTS.iter().take(2).collect();
        let text = lacking(&missing).report();
        assert!(
            text.contains("apt-get install libwebkit2gtk-4.1-dev libxdo-dev`"),
            "{text}"
        );
    }

    #[test]
    fn a_library_that_nobody_has_is_not_there() {
        assert!(!Mark::Library("no-such-library").is_there());
        assert!(!Mark::Program("no-such-program").is_there());
    }
}
