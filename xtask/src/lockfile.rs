//! Reads versions out of `Cargo.lock`.

use std::path::Path;

use crate::error::{Error, Result};

/// The version of a package that the workspace is locked to.
pub(crate) fn version(workspace: &Path, package: &'static str) -> Result<String> {
    let path = workspace.join("Cargo.lock");
    let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    find(&text, package).ok_or(Error::NotLocked { package })
}

fn find(lockfile: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lockfile.lines();
    lines.find(|line| line.trim() == name)?;
    let version = lines
        .next()?
        .trim()
        .strip_prefix("version = \"")?
        .strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
[[package]]
name = "wasm-bindgen-futures"
version = "0.4.70"
dependencies = [
 "wasm-bindgen",
]

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
"#;

    #[test]
    fn a_version_is_that_of_the_package_of_exactly_this_name() {
        assert_eq!(find(LOCK, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(
            find(LOCK, "wasm-bindgen-futures").as_deref(),
            Some("0.4.70")
        );
    }

    #[test]
    fn a_package_that_is_only_a_dependency_line_has_no_version() {
        assert_eq!(find("dependencies = [\n \"wasm\",\n]\n", "wasm"), None);
    }
}
