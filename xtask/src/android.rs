//! The app's project for Android, as dx generates it, on a machine without Android's tools.
//!
//! dx wants an SDK and an NDK, links the program, writes a project for Gradle, and runs Gradle. What it is given here has the
//! shape of both and compiles by the machine's own clang, against libraries that hold nothing: the program that comes of it
//! runs nowhere, and all the rest is what a phone would get. Where Gradle would start, there is a Java that says so and stops.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::compiler::{self, ANDROID, ANDROID_API};
use crate::dirs::{Dirs, on_path};
use crate::error::{Error, Result};
use crate::process::{logged, output};
use crate::setup::{self, Tools};

/// What the Java says that stands for Gradle's.
const NO_GRADLE: &str = "this Java is none, and Gradle was not run";

/// The libraries that the program and the standard library are linked with.
const LIBRARIES: [&str; 10] = [
    "android", "log", "OpenSLES", "c++abi", "c", "m", "dl", "unwind", "gcc", "z",
];

/// Lets dx generate the project anew, and returns how long that took.
pub(crate) fn generate(dirs: &Dirs, tools: &Tools) -> Result<Duration> {
    setup::remove(&project(dirs))?;
    let sdk = Sdk::write(dirs)?;
    let log = dirs.log("dx-android");
    let mut dx = dirs.command(&tools.dx);
    dx.args(["build", "--platform", "android", "--target", ANDROID]);
    sdk.name(&mut dx);
    let started = std::time::Instant::now();
    let reason = match logged(dx, "generating the project for Android", &log) {
        Ok(_) => "dx did not run Gradle at all",
        Err(Error::Failed { .. }) => match ended_at_gradle(&log)? {
            true => return Ok(started.elapsed()),
            false => "dx failed before it came to Gradle",
        },
        Err(other) => return Err(other),
    };
    Err(Error::NoProject { reason, log })
}

/// Where dx leaves the project.
pub(crate) fn project(dirs: &Dirs) -> PathBuf {
    dirs.target.join("dx/dioxus-auth0/debug/android/app")
}

/// Whether dx has done all that it does before Gradle. Nothing but our own Java says these words.
fn ended_at_gradle(log: &Path) -> Result<bool> {
    let said = std::fs::read_to_string(log).map_err(Error::io("read", log))?;
    Ok(said.contains(&format!("Failed to assemble apk: {NO_GRADLE}")))
}

/// What dx takes for the SDK.
struct Sdk {
    root: PathBuf,
}

impl Sdk {
    fn write(dirs: &Dirs) -> Result<Self> {
        let sdk = Self {
            root: dirs.tools().join("android-shaped"),
        };
        let programs = sdk.toolchain().join("bin");
        let clang = quoted(&compiler::freestanding(dirs)?);
        for name in ["clang", "clang++"] {
            script(&programs.join(name), &format!("exec {clang} \"$@\""))?;
        }
        let libraries = quoted(&sdk.libraries());
        let linker = format!(
            "exec clang --target={ANDROID}{ANDROID_API} -fuse-ld=lld -nostdlib -Wl,--unresolved-symbols=ignore-all \
             -L{libraries} \"$@\""
        );
        script(
            &programs.join(format!("{ANDROID}{ANDROID_API}-clang")),
            &linker,
        )?;
        for name in ["llvm-ar", "llvm-ranlib"] {
            link(&programs.join(name), name)?;
        }
        let java = sdk.java().join("bin/java");
        script(&java, &format!("echo '{NO_GRADLE}' >&2\nexit 1"))?;
        for name in LIBRARIES {
            sdk.empty_library(name)?;
        }
        Ok(sdk)
    }

    /// Makes a library without anything in it.
    fn empty_library(&self, name: &str) -> Result<()> {
        let file = self.libraries().join(format!("lib{name}.so"));
        make_room(&file)?;
        let mut clang = Command::new("clang");
        clang.arg(format!("--target={ANDROID}{ANDROID_API}"));
        clang.args([
            "-fuse-ld=lld",
            "-nostdlib",
            "-shared",
            "-x",
            "c",
            "/dev/null",
            "-o",
        ]);
        match output(clang.arg(&file)) {
            Some(_) => Ok(()),
            None => Err(Error::Missing {
                what: "a clang that links for Android",
                why: "dx links the app before it writes its project",
                fix: "run `cargo xtask setup` for clang and lld".into(),
            }),
        }
    }

    /// Tells dx where it is, whatever else the machine has.
    fn name(&self, dx: &mut Command) {
        for name in ["ANDROID_SDK_ROOT", "ANDROID_SDK", "ANDROID_HOME"] {
            dx.env(name, &self.root);
        }
        for name in ["NDK_HOME", "ANDROID_NDK_HOME"] {
            dx.env(name, self.root.join("ndk/0"));
        }
        dx.env("JAVA_HOME", self.java());
    }

    fn toolchain(&self) -> PathBuf {
        self.root
            .join("ndk/0/toolchains/llvm/prebuilt/linux-x86_64")
    }

    fn libraries(&self) -> PathBuf {
        self.toolchain().join("sysroot/usr/lib").join(ANDROID)
    }

    fn java(&self) -> PathBuf {
        self.root.join("java")
    }
}

fn script(path: &Path, text: &str) -> Result<()> {
    make_room(path)?;
    std::fs::write(path, format!("#!/bin/sh\n{text}\n")).map_err(Error::io("write", path))?;
    let permissions = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(path, permissions).map_err(Error::io("make executable", path))
}

fn link(path: &Path, program: &'static str) -> Result<()> {
    let found = on_path(program).ok_or(Error::Missing {
        what: program,
        why: "dx puts libraries together with it",
        fix: "run `cargo xtask setup`".into(),
    })?;
    setup::remove(path)?;
    symlink(found, path).map_err(Error::io("link", path))
}

fn make_room(path: &Path) -> Result<()> {
    let directory = path.parent().unwrap_or(path);
    std::fs::create_dir_all(directory).map_err(Error::io("create", directory))
}

/// A path as a shell reads it.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_other_failure_is_taken_for_the_end_at_gradle() {
        let log = std::env::temp_dir().join(format!("xtask-android-{}.log", std::process::id()));
        for (said, is_the_end) in [
            (
                format!("Caused by:\n    Failed to assemble apk: {NO_GRADLE}\n"),
                true,
            ),
            (
                "Failed to assemble apk: Could not resolve all files\n".into(),
                false,
            ),
            (format!("{NO_GRADLE}\n"), false),
            ("error: could not compile `dioxus-auth0`\n".into(), false),
        ] {
            std::fs::write(&log, &said).expect("the test may write");
            assert_eq!(
                ended_at_gradle(&log).expect("it is there"),
                is_the_end,
                "{said}"
            );
        }
        std::fs::remove_file(&log).expect("the log is removable");
    }
}
