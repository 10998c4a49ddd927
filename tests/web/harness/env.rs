//! Where the bundle, the browser and axe-core are.

use std::path::PathBuf;

/// The directory of the release bundle.
pub(crate) fn bundle() -> PathBuf {
    required("DIOXUS_AUTH0_BUNDLE", "the directory of the release bundle")
}

/// The directory of the page that checks the contracts of the ports.
pub(crate) fn contracts() -> PathBuf {
    required(
        "DIOXUS_AUTH0_CONTRACTS",
        "the directory of the contracts' page",
    )
}

/// The directory of the page with buttons for what the app has none for.
pub(crate) fn buttons() -> PathBuf {
    required("DIOXUS_AUTH0_BUTTONS", "the directory of the buttons' page")
}

/// The script of axe-core.
pub(crate) fn axe_core() -> PathBuf {
    required("AXE_CORE", "the path of axe.min.js")
}

/// The browser.
pub(crate) fn chromium() -> PathBuf {
    required("CHROMIUM", "the path of Chromium")
}

/// The program that drives it.
pub(crate) fn chromedriver() -> PathBuf {
    required("CHROMEDRIVER", "the path of chromedriver")
}

/// Where to keep a picture of the signed-in app, for the README.
pub(crate) fn screenshot() -> Option<PathBuf> {
    std::env::var_os("DIOXUS_AUTH0_SCREENSHOT").map(PathBuf::from)
}

fn required(name: &str, what: &str) -> PathBuf {
    let path = std::env::var_os(name).map(PathBuf::from).unwrap_or_else(|| {
        panic!("{name} must hold {what}: run the browser tests with `cargo xtask test --only bundle,web`")
    });
    assert!(
        path.exists(),
        "{name} names {}, which does not exist: run `cargo xtask test --only bundle,web`",
        path.display()
    );
    path
}
