//! Where the browser and the package are.

use std::path::PathBuf;

/// The browser.
pub(crate) fn chromium() -> PathBuf {
    required("CHROMIUM", "the path of Chromium")
}

/// The program that drives it.
pub(crate) fn chromedriver() -> PathBuf {
    required("CHROMEDRIVER", "the path of chromedriver")
}

/// The package for Debian.
pub(crate) fn package() -> PathBuf {
    required("DIOXUS_AUTH0_PACKAGE", "the path of the .deb")
}

fn required(name: &str, what: &str) -> PathBuf {
    let path = std::env::var_os(name).map(PathBuf::from);
    path.unwrap_or_else(|| {
        panic!(
            "{name} must hold {what}: run these tests with `cargo xtask test --only package,window`"
        )
    })
}
