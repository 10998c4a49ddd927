//! The tools that come as npm packages: esbuild, binaryen's wasm-opt, axe-core, and a provider for the tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::dirs::Dirs;
use crate::error::{Error, Result};
use crate::process::{logged, output};
use crate::setup::{Need, getting, got, place, remove, there, version_in};

const ESBUILD: &str = "0.27.3";
const BINARYEN: &str = "132.0.0";
/// The name of the directory in which dx 0.7.10 looks for wasm-opt, whatever version is in it.
const BINARYEN_DIR: &str = "binaryen-129";
const AXE: &str = "4.14.1";
const PROVIDER: &str = "9.13.3";
/// Where the lockfile of what the provider depends on is.
const PROVIDER_LOCK: &str = "tests/independent";

/// Installs what a command needs of them.
pub(crate) fn install(dirs: &Dirs, need: Need) -> Result<()> {
    let esbuild = esbuild_package();
    let program = Tool {
        what: "esbuild",
        why: "bundles the app's JavaScript; dx wants it for every build",
        package: &esbuild,
        version: ESBUILD,
        file: "bin/esbuild",
        managed: Some(
            dirs.dx_tools
                .join(format!("esbuild-{ESBUILD}"))
                .join("esbuild"),
        ),
    };
    program.install(dirs)?;
    if need.is_optimised() {
        let program = Tool {
            what: "wasm-opt",
            why: "shrinks the release build",
            package: "binaryen",
            version: BINARYEN,
            file: "bin/wasm-opt",
            managed: Some(dirs.dx_tools.join(BINARYEN_DIR).join("bin/wasm-opt")),
        };
        program.install(dirs)?;
    }
    if need == Need::Test {
        let script = Tool {
            what: "axe-core",
            why: "finds accessibility faults in the browser tests",
            package: "axe-core",
            version: AXE,
            file: "axe.min.js",
            managed: None,
        };
        script.install(dirs)?;
        install_provider(dirs)?;
    }
    Ok(())
}

/// Where the provider's module is once installed.
pub(crate) fn provider(dirs: &Dirs) -> PathBuf {
    prefix(dirs, "oidc-provider", PROVIDER).join("node_modules/oidc-provider/lib/index.js")
}

/// Installs the provider with all it depends on, as its lockfile says.
fn install_provider(dirs: &Dirs) -> Result<()> {
    let name = format!("oidc-provider {PROVIDER}");
    let module = provider(dirs);
    if module.is_file() {
        there(&name, &module.display().to_string());
        return Ok(());
    }
    let started = Instant::now();
    is_there()?;
    getting(
        &name,
        "logs the tests in by code that is not ours",
        "from npm",
    );
    let prefix = prefix(dirs, "oidc-provider", PROVIDER);
    let partial = prefix.with_extension(format!("partial-{}", std::process::id()));
    std::fs::create_dir_all(&partial).map_err(Error::io("create", &partial))?;
    for file in ["package.json", "package-lock.json"] {
        let from = dirs.workspace.join(PROVIDER_LOCK).join(file);
        std::fs::copy(&from, partial.join(file)).map_err(Error::io("copy", &from))?;
    }
    let mut npm = dirs.command("npm");
    npm.current_dir(&partial)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    logged(npm, "downloading oidc-provider", &dirs.log("oidc-provider"))?;
    remove(&prefix)?;
    std::fs::rename(&partial, &prefix).map_err(Error::io("move", &partial))?;
    got(&name, started);
    Ok(())
}

/// Says so if npm is not.
fn is_there() -> Result<()> {
    if output(Command::new("npm").arg("--version")).is_some() {
        return Ok(());
    }
    Err(Error::Missing {
        what: "npm",
        why: "esbuild, binaryen, axe-core and oidc-provider come as npm packages",
        fix:
            "install Node.js with npm (on Debian: `apt-get install nodejs npm`) and run this again"
                .into(),
    })
}

/// Where the accessibility checker is once installed.
pub(crate) fn axe(dirs: &Dirs) -> PathBuf {
    prefix(dirs, "axe-core", AXE).join("node_modules/axe-core/axe.min.js")
}

/// One npm package of which one file is wanted.
struct Tool<'a> {
    what: &'a str,
    why: &'a str,
    package: &'a str,
    version: &'a str,
    file: &'a str,
    /// Where dx looks for the file, if it is a program that dx starts.
    managed: Option<PathBuf>,
}

impl Tool<'_> {
    fn install(&self, dirs: &Dirs) -> Result<()> {
        let name = format!("{} {}", self.what, self.version);
        let prefix = prefix(dirs, self.what, self.version);
        let file = prefix
            .join("node_modules")
            .join(self.package)
            .join(self.file);
        if file.is_file() {
            there(&name, &file.display().to_string());
        } else {
            self.fetch(dirs, &name, &prefix)?;
        }
        let Some(managed) = &self.managed else {
            return Ok(());
        };
        let on_path = dirs.bin().join(self.what);
        for at in [managed, &on_path] {
            if !runs(at) {
                place(&file, at)?;
            }
        }
        Ok(())
    }

    fn fetch(&self, dirs: &Dirs, name: &str, prefix: &Path) -> Result<()> {
        let started = Instant::now();
        is_there()?;
        getting(name, self.why, "from npm");
        let partial = prefix.with_extension(format!("partial-{}", std::process::id()));
        std::fs::create_dir_all(&partial).map_err(Error::io("create", &partial))?;
        let mut npm = dirs.command("npm");
        npm.current_dir(&partial)
            .args([
                "install",
                "--no-save",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--prefix",
            ])
            .arg(&partial)
            .arg(format!("{}@{}", self.package, self.version));
        logged(
            npm,
            &format!("downloading {}", self.what),
            &dirs.log(self.what),
        )?;
        remove(prefix)?;
        std::fs::rename(&partial, prefix).map_err(Error::io("move", &partial))?;
        got(name, started);
        Ok(())
    }
}

fn prefix(dirs: &Dirs, what: &str, version: &str) -> PathBuf {
    dirs.tools().join(format!("{what}-{version}"))
}

fn runs(program: &Path) -> bool {
    program.is_file()
        && output(Command::new(program).arg("--version"))
            .as_deref()
            .and_then(version_word)
            .is_some()
}

/// wasm-opt's version is one number: `wasm-opt version 132 (version_132)`.
fn version_word(text: &str) -> Option<&str> {
    version_in(text).or_else(|| {
        text.split_whitespace()
            .find(|word| word.parse::<u32>().is_ok())
    })
}

/// The package that holds esbuild's program for this machine; the package `esbuild` only picks one in a script.
fn esbuild_package() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("@esbuild/{system}-{processor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaryens_one_number_is_a_version() {
        assert_eq!(
            version_word("wasm-opt version 132 (version_132)"),
            Some("132")
        );
        assert_eq!(version_word("0.27.3"), Some("0.27.3"));
        assert_eq!(version_word("error: not a wasm file"), None);
    }

    #[test]
    fn the_lockfile_of_the_provider_names_its_version() {
        let lock = include_str!("../../../tests/independent/package-lock.json");
        assert!(lock.contains(&format!("\"oidc-provider\": \"{PROVIDER}\"")));
    }

    #[test]
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    fn esbuild_is_named_as_npm_names_this_machine() {
        assert_eq!(esbuild_package(), "@esbuild/linux-x64");
    }
}
