//! What a window needs: the system's web view to build with, and on machines without a screen one that nobody sees.

use crate::dirs::Dirs;
use crate::error::Result;
use crate::setup::packages::{Mark, Part, Purpose};

const WINDOW: Purpose = Purpose {
    name: "the desktop's packages",
    what: "what a window is built with and shown on",
    why: "the app runs in a native window too",
};

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
    let wanted = PARTS.iter().filter(|part| for_tests || !part.tests_only);
    WINDOW.install(dirs, wanted)
}
