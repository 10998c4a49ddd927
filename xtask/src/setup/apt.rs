//! apt, for a user who may use it.

use std::process::Command;
use std::time::Instant;

use crate::dirs::{Dirs, on_path};
use crate::error::Result;
use crate::process::{logged, output};
use crate::setup::{getting, got};

/// apt as it works on this machine.
pub(super) struct Apt {
    sudo: bool,
}

impl Apt {
    /// Finds out whether packages can be installed without asking anybody.
    pub(super) fn allowed() -> Option<Self> {
        on_path("apt-get")?;
        if rustix::process::geteuid().is_root() {
            return Some(Self { sudo: false });
        }
        output(Command::new("sudo").args(["-n", "true"])).map(|_| Self { sudo: true })
    }

    /// Installs packages, and says for what.
    pub(super) fn install(&self, dirs: &Dirs, packages: &[&str], why: &str) -> Result<()> {
        let started = Instant::now();
        let what = packages.join(" ");
        getting(&what, why, "by apt");
        let log = dirs.log(packages.first().unwrap_or(&"apt"));
        let install = || {
            let mut command = self.command(&["install", "-y", "--no-install-recommends"]);
            command.args(packages);
            logged(command, "apt-get install", &log)
        };
        if install().is_err() {
            // The usual reason is an index older than the mirror, or none.
            logged(self.command(&["update"]), "apt-get update", &log)?;
            install()?;
        }
        got(&what, started);
        Ok(())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = if self.sudo {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            sudo
        } else {
            let mut apt = Command::new("apt-get");
            apt.env("DEBIAN_FRONTEND", "noninteractive");
            apt
        };
        command
            .args(["-o", "DPkg::Lock::Timeout=300"])
            .args(arguments);
        command
    }
}
