//! Where things are: the workspace, the cache, the tools.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};

/// The directories every command shares.
#[derive(Debug, Clone)]
pub(crate) struct Dirs {
    /// The root of the workspace.
    pub(crate) workspace: PathBuf,
    /// Where cargo puts what it builds for the workspace.
    pub(crate) target: PathBuf,
    /// `~/.cache/dioxus-auth0`: tools, logs and the demo tenant's store.
    pub(crate) cache: PathBuf,
    /// Where dx looks for the tools it manages.
    pub(crate) dx_tools: PathBuf,
}

impl Dirs {
    /// Finds the directories and creates those of the cache.
    pub(crate) fn find() -> Result<Self> {
        let workspace = workspace();
        let home = home()?;
        let cache = env_path("XDG_CACHE_HOME")
            .unwrap_or_else(|| home.join(".cache"))
            .join("dioxus-auth0");
        let dx_home = env_path("DX_HOME").unwrap_or_else(|| home.join(".local/share/.dx"));
        let target = env_path("CARGO_TARGET_DIR")
            .map_or_else(|| workspace.join("target"), |dir| workspace.join(dir));
        let dirs = Self {
            workspace,
            target,
            cache,
            dx_tools: dx_home.join("tools"),
        };
        for dir in [dirs.logs(), dirs.bin()] {
            std::fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
        }
        Ok(dirs)
    }

    /// The log file of a step.
    pub(crate) fn log(&self, step: &str) -> PathBuf {
        self.logs().join(format!("{step}.log"))
    }

    /// Everything cargo and npm install for this project.
    pub(crate) fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// The programs among the tools; first on the `PATH` of what these commands start.
    pub(crate) fn bin(&self) -> PathBuf {
        self.tools().join("bin")
    }

    /// A place to build a tool in, outside of the project's target directory.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.cache.join("build").join(name)
    }

    /// Where cargo puts what it checks for phones.
    pub(crate) fn mobile_target(&self) -> PathBuf {
        self.target.join("mobile")
    }

    /// A command in the workspace that finds the project's tools first.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.workspace)
            .env("PATH", self.path());
        command
    }

    fn logs(&self) -> PathBuf {
        self.cache.join("logs")
    }

    fn path(&self) -> OsString {
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&rest);
        std::env::join_paths([self.bin()].into_iter().chain(found).chain([cargo_bin()]))
            .unwrap_or(rest)
    }
}

/// Where `cargo install` puts programs when it is not told otherwise.
pub(crate) fn cargo_bin() -> PathBuf {
    env_path("CARGO_INSTALL_ROOT")
        .or_else(|| env_path("CARGO_HOME"))
        .or_else(|| env_path("HOME").map(|home| home.join(".cargo")))
        .unwrap_or_default()
        .join("bin")
}

/// Finds a program on the caller's own `PATH`.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}

fn workspace() -> PathBuf {
    // Cargo sets the variable for `cargo run`; the compile-time value is for a binary started by hand.
    let manifest =
        env_path("CARGO_MANIFEST_DIR").unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    manifest.parent().map(Path::to_path_buf).unwrap_or(manifest)
}

fn home() -> Result<PathBuf> {
    env_path("HOME").ok_or(Error::Missing {
        what: "the environment variable HOME",
        why: "tools and logs are kept in its `.cache`",
        fix: "set it".into(),
    })
}

fn env_path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
