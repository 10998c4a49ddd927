//! C compilers for phones.
//!
//! All the C in the app is `ring`'s, which asks the system for three headers. Where there is an NDK or Xcode, its clang
//! compiles them. Elsewhere any clang does, with headers of ours that declare no more than what `ring` uses: enough for
//! the object files, and so for whatever is checked without being linked against the system's libraries.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dirs::{Dirs, on_path};
use crate::error::{Error, Result};
use crate::process::output;

/// The target of most phones with Android.
pub(crate) const ANDROID: &str = "aarch64-linux-android";
/// The target of every phone with iOS.
pub(crate) const IOS: &str = "aarch64-apple-ios";
/// The targets that the app is checked for.
pub(crate) const PHONES: [&str; 2] = [ANDROID, IOS];

/// The oldest Android that the app is compiled for; `Dioxus.toml` says the same.
pub(crate) const ANDROID_API: u32 = 28;

/// What C is compiled with where neither an NDK nor Xcode is: it takes every argument that clang does.
pub(crate) const FREESTANDING: &str = "clang-without-headers";

/// The headers, with what `ring` uses of them.
const HEADERS: [(&str, &str); 3] = [
    (
        "string.h",
        "#pragma once\n#include <stddef.h>\n\
         void *memcpy(void *, const void *, size_t);\n\
         void *memmove(void *, const void *, size_t);\n\
         void *memset(void *, int, size_t);\n\
         int memcmp(const void *, const void *, size_t);\n\
         size_t strlen(const char *);\n",
    ),
    (
        "assert.h",
        "#pragma once\n#define assert(condition) ((void)0)\n",
    ),
    (
        "TargetConditionals.h",
        "#pragma once\n#define TARGET_OS_MAC 1\n#define TARGET_OS_OSX 0\n\
         #define TARGET_OS_IPHONE 1\n#define TARGET_OS_IOS 1\n",
    ),
];

/// Tells `cargo`, through its environment, what to compile C with for each of the phones.
pub(crate) fn name_compilers(dirs: &Dirs, cargo: &mut Command) -> Result<()> {
    match ndk() {
        Some(ndk) => {
            let program = ndk.join(format!("{ANDROID}{ANDROID_API}-clang"));
            name(cargo, ANDROID, &program, &ndk.join("llvm-ar"));
        }
        None => name(cargo, ANDROID, &freestanding(dirs)?, Path::new("llvm-ar")),
    }
    // Xcode's clang is found without being named.
    if !has_xcode() {
        name(cargo, IOS, &freestanding(dirs)?, Path::new("llvm-ar"));
        // Instead of asking Xcode where its headers are. By this name, nobody takes it for those of the host.
        let sdk = dirs.scratch("iPhoneOS.platform");
        std::fs::create_dir_all(&sdk).map_err(Error::io("create", &sdk))?;
        cargo.env("SDKROOT", sdk);
    }
    Ok(())
}

/// Says whether a clang of the machine itself is needed.
pub(crate) fn wants_clang() -> bool {
    ndk().is_none() || !has_xcode()
}

/// Writes the program that compiles C without the system's headers, and returns where it is.
pub(crate) fn freestanding(dirs: &Dirs) -> Result<PathBuf> {
    let root = dirs.tools().join(FREESTANDING);
    let include = root.join("include");
    std::fs::create_dir_all(&include).map_err(Error::io("create", &include))?;
    for (name, text) in HEADERS {
        write(&include.join(name), text)?;
    }
    let program = root.join("cc");
    let text = format!(
        "#!/bin/sh\nexec clang -ffreestanding -nostdlibinc -I'{}' \"$@\"\n",
        include.display()
    );
    write(&program, &text)?;
    executable(&program)?;
    Ok(program)
}

fn name(cargo: &mut Command, target: &str, compiler: &Path, archiver: &Path) {
    let target = target.replace('-', "_");
    cargo.env(format!("CC_{target}"), compiler);
    cargo.env(format!("AR_{target}"), archiver);
}

/// The programs of the NDK that dx would take, if there is one.
fn ndk() -> Option<PathBuf> {
    let set = |names: &[&str]| {
        let mut found = names.iter().filter_map(std::env::var_os);
        found.find(|path| !path.is_empty()).map(PathBuf::from)
    };
    let newest = || {
        let sdk = set(&["ANDROID_SDK_ROOT", "ANDROID_SDK", "ANDROID_HOME"])?;
        let versions = std::fs::read_dir(sdk.join("ndk")).ok()?;
        versions.flatten().map(|version| version.path()).max()
    };
    let ndk = set(&["NDK_HOME", "ANDROID_NDK_HOME"]).or_else(newest)?;
    let hosts = std::fs::read_dir(ndk.join("toolchains/llvm/prebuilt")).ok()?;
    let clang = format!("{ANDROID}{ANDROID_API}-clang");
    hosts
        .flatten()
        .map(|host| host.path().join("bin"))
        .find(|programs| programs.join(&clang).is_file())
}

fn has_xcode() -> bool {
    let sdk = ["--sdk", "iphoneos", "--show-sdk-path"];
    on_path("xcrun").is_some_and(|xcrun| output(Command::new(xcrun).args(sdk)).is_some())
}

/// Writes a file, unless it holds the text already: what is compiled with it is compiled anew when it changes.
fn write(path: &Path, text: &str) -> Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    std::fs::write(path, text).map_err(Error::io("write", path))
}

fn executable(program: &Path) -> Result<()> {
    let permissions = Permissions::from_mode(0o755);
    std::fs::set_permissions(program, permissions).map_err(Error::io("make executable", program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_is_named_as_build_scripts_look_for_it() {
        let mut cargo = Command::new("cargo");
        name(&mut cargo, IOS, Path::new("/a/cc"), Path::new("llvm-ar"));
        let set: Vec<_> = cargo.get_envs().collect();
        assert_eq!(
            set,
            [
                ("AR_aarch64_apple_ios".as_ref(), Some("llvm-ar".as_ref())),
                ("CC_aarch64_apple_ios".as_ref(), Some("/a/cc".as_ref())),
            ]
        );
    }

    #[test]
    fn what_is_there_already_is_not_written_again() {
        let file = std::env::temp_dir().join(format!("xtask-header-{}.h", std::process::id()));
        write(&file, "one").expect("the temporary directory is writable");
        let written = || std::fs::metadata(&file).and_then(|file| file.modified());
        let first = written().expect("the file is there");
        write(&file, "one").expect("the temporary directory is writable");
        assert_eq!(written().expect("the file is there"), first);
        write(&file, "two").expect("the temporary directory is writable");
        let text = std::fs::read_to_string(&file).expect("the file is there");
        assert_eq!(text, "two");
        std::fs::remove_file(&file).expect("the file is removable");
    }
}
