//! What compiles the app's C for phones where neither an NDK nor Xcode is, and what the tests of its project for Android take.

use crate::compiler;
use crate::dirs::Dirs;
use crate::error::Result;
use crate::setup::packages::{Mark, Part, Purpose};
use crate::setup::there;

const PHONES: Purpose = Purpose {
    name: "the packages for phones",
    what: "a C compiler for phones",
    why: "the app's cryptography has some C in it",
};

const PARTS: &[Part] = &[
    Part {
        package: "clang",
        mark: Mark::Program("clang"),
        why: "compiles C for phones",
        tests_only: true,
    },
    Part {
        package: "llvm",
        mark: Mark::Program("llvm-ar"),
        why: "puts together what was compiled for phones",
        tests_only: true,
    },
];

const PROJECT: Purpose = Purpose {
    name: "the packages for the project for Android",
    what: "what reads and compiles a project for Android",
    why: "the tests look at what dx packages for phones",
};

const PROJECT_PARTS: &[Part] = &[
    Part {
        package: "clang",
        mark: Mark::Program("clang"),
        why: "links the app before dx writes its project",
        tests_only: true,
    },
    Part {
        package: "lld",
        mark: Mark::Program("ld.lld"),
        why: "links for another machine than this one",
        tests_only: true,
    },
    Part {
        package: "llvm",
        mark: Mark::Program("llvm-ar"),
        why: "puts together what was compiled for phones",
        tests_only: true,
    },
    Part {
        package: "default-jdk-headless",
        mark: Mark::Program("javac"),
        why: "compiles the Android that the tests of Kotlin run on",
        tests_only: true,
    },
    Part {
        package: "kotlin",
        mark: Mark::Program("kotlinc"),
        why: "compiles the part of the app that is written in it",
        tests_only: true,
    },
    Part {
        package: "aapt",
        mark: Mark::Program("aapt"),
        why: "reads the app's manifest as Android does",
        tests_only: true,
    },
    Part {
        package: "android-framework-res",
        mark: Mark::Header("/usr/share/android-framework-res/framework-res.apk"),
        why: "has the words of a manifest",
        tests_only: true,
    },
];

/// Finds or installs what the tests of the project for Android take.
pub(super) fn install_project(dirs: &Dirs) -> Result<()> {
    PROJECT.install(dirs, PROJECT_PARTS)
}

/// Finds or installs the packages.
pub(super) fn install(dirs: &Dirs) -> Result<()> {
    if !compiler::wants_clang() {
        there("C compilers for phones", "the NDK's and Xcode's");
        return Ok(());
    }
    PHONES.install(dirs, PARTS)
}
