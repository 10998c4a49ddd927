//! Where the browser is.

use std::path::PathBuf;

/// The browser.
pub(crate) fn chromium() -> PathBuf {
    required("CHROMIUM", "the path of Chromium")
}

/// The program that drives it.
pub(crate) fn chromedriver() -> PathBuf {
    required("CHROMEDRIVER", "the path of chromedriver")
}

fn required(name: &str, what: &str) -> PathBuf {
    let path = std::env::var_os(name).map(PathBuf::from);
    path.unwrap_or_else(|| {
        panic!("{name} must hold {what}: run these tests with `cargo xtask test --only window`")
    })
}
