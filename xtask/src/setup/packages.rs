//! Packages of the system: which are there, and how those that are not come.

use std::path::Path;
use std::process::Command;

use crate::dirs::{Dirs, on_path};
use crate::error::{Error, Result};
use crate::process::output;
use crate::setup::apt::Apt;
use crate::setup::there;

/// What several packages are for.
pub(super) struct Purpose {
    /// How they are called together.
    pub(super) name: &'static str,
    /// What is missing where one of them is.
    pub(super) what: &'static str,
    /// Why that matters.
    pub(super) why: &'static str,
}

/// How a part shows that it is there.
pub(super) enum Mark {
    /// A library that programs are linked with, by its name for pkg-config.
    Library(&'static str),
    /// A header, for a library that pkg-config does not know.
    Header(&'static str),
    /// A program on the `PATH`.
    Program(&'static str),
    /// A program that only the session bus starts.
    Service(&'static str),
}

/// One package of Debian, and what it is for.
pub(super) struct Part {
    pub(super) package: &'static str,
    pub(super) mark: Mark,
    pub(super) why: &'static str,
    /// Whether the tests alone want it.
    pub(super) tests_only: bool,
}

impl Purpose {
    /// Finds or installs what it takes.
    pub(super) fn install<'a>(
        &self,
        dirs: &Dirs,
        wanted: impl IntoIterator<Item = &'a Part>,
    ) -> Result<()> {
        let wanted: Vec<&Part> = wanted.into_iter().collect();
        let missing = missing(&wanted);
        if missing.is_empty() {
            there(self.name, &names(&wanted).join(", "));
            return Ok(());
        }
        let apt = Apt::allowed().ok_or_else(|| self.lacks(&missing))?;
        let reasons: Vec<&str> = missing.iter().map(|part| part.why).collect();
        apt.install(dirs, &names(&missing), &reasons.join(", "))?;
        match self::missing(&wanted) {
            missing if missing.is_empty() => Ok(()),
            missing => Err(self.lacks(&missing)),
        }
    }

    fn lacks(&self, missing: &[&Part]) -> Error {
        Error::Missing {
            what: self.what,
            why: self.why,
            fix: format!(
                "install it (on Debian, as root: `apt-get install {}`), and run this again",
                names(missing).join(" ")
            ),
        }
    }
}

fn missing<'a>(wanted: &[&'a Part]) -> Vec<&'a Part> {
    let is_missing = |part: &&Part| !part.mark.is_there();
    wanted.iter().copied().filter(is_missing).collect()
}

fn names(parts: &[&Part]) -> Vec<&'static str> {
    parts.iter().map(|part| part.package).collect()
}

impl Mark {
    fn is_there(&self) -> bool {
        match self {
            Self::Library(name) => {
                output(Command::new("pkg-config").args(["--exists", name])).is_some()
            }
            Self::Header(path) => Path::new(path).exists(),
            Self::Program(name) => on_path(name).is_some(),
            Self::Service(name) => ["/usr/libexec", "/usr/lib/at-spi2-core"]
                .iter()
                .any(|dir| Path::new(dir).join(name).exists()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_named_as_apt_knows_it() {
        let part = |package| Part {
            package,
            mark: Mark::Program("no-such-program"),
            why: "a test",
            tests_only: false,
        };
        let (one, other) = (part("libwebkit2gtk-4.1-dev"), part("libxdo-dev"));
        let purpose = Purpose {
            name: "packages",
            what: "something",
            why: "a test wants it",
        };
        let text = purpose.lacks(&missing(&[&one, &other])).report();
        assert!(
            text.contains("apt-get install libwebkit2gtk-4.1-dev libxdo-dev`"),
            "{text}"
        );
    }

    #[test]
    fn a_library_that_nobody_has_is_not_there() {
        assert!(!Mark::Library("no-such-library").is_there());
        assert!(!Mark::Program("no-such-program").is_there());
    }
}
