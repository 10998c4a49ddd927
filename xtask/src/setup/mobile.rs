//! What compiles the app's C for phones where neither an NDK nor Xcode is.

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

/// Finds or installs the packages.
pub(super) fn install(dirs: &Dirs) -> Result<()> {
    if !compiler::wants_clang() {
        there("C compilers for phones", "the NDK's and Xcode's");
        return Ok(());
    }
    PHONES.install(dirs, PARTS)
}
