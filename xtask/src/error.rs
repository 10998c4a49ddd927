//! What can go wrong in a command, and who must act.

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

/// The result of every step here.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command ended before its end.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// Nobody must act: the user pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// The user must install something this command may not install itself.
    #[error("{what} is missing, needed because {why}; {fix}")]
    Missing {
        what: &'static str,
        why: &'static str,
        fix: String,
    },
    /// The user must free a port.
    #[error(
        "port {port} is taken, and {what} must run on it because the demo's addresses are registered with \
         the tenant; find the process with `ss -ltnp sport = :{port}`, stop it, and run this again"
    )]
    PortBusy { port: u16, what: &'static str },
    /// The program itself could not be started.
    #[error("could not start `{program}`")]
    Start {
        program: String,
        source: std::io::Error,
    },
    /// A command said no; its log says why.
    #[error("{what} failed ({status}); the whole output is in {}{}", log.display(), tail_block(tail))]
    Failed {
        what: String,
        status: String,
        log: PathBuf,
        tail: Vec<String>,
    },
    /// A command took longer than it was given.
    #[error("{what} did not finish within {} s; its output is in {}", limit.as_secs(), log.display())]
    TimedOut {
        what: String,
        limit: Duration,
        log: PathBuf,
    },
    /// One of the demo's two servers ended by itself.
    #[error("{what} ended by itself ({status}); its output is in {}{}", log.display(), tail_block(tail))]
    Died {
        what: &'static str,
        status: String,
        log: PathBuf,
        tail: Vec<String>,
    },
    /// The machine refused a file operation.
    #[error("could not {action} {}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    /// No signal handler could be set.
    #[error("could not listen for Ctrl-C")]
    Signals(#[source] std::io::Error),
    /// The lockfile does not hold a package that it must hold.
    #[error("Cargo.lock names no version of `{package}`; run `cargo generate-lockfile`")]
    NotLocked { package: &'static str },
    /// No mirror holds the standard library's source for this compiler.
    #[error(
        "no source of the standard library for rustc {release}: {reason}; install it with \
         `rustup component add rust-src` on a network that reaches rustup's server"
    )]
    NoStdSource { release: String, reason: String },
    /// A standard library was built, and the compiler does not take it.
    #[error(
        "the standard library for {target} that was built does not work with rustc {release}; install it with \
         `rustup target add {target}` on a network that reaches rustup's server"
    )]
    NoStd { release: String, target: String },
    /// The bundle weighs more than the project allows itself.
    #[error(
        "the bundle is {total} bytes as brotli, {} over the budget of {budget}; find what grew, \
         or argue for a new budget in `xtask/src/size.rs`", total - budget
    )]
    OverBudget { total: usize, budget: usize },
    /// dx shipped wasm that wasm-opt has not been over.
    #[error(
        "dx shipped wasm that is not optimised ({reason}); dx only logs this, and the bundle would be \
         larger than it needs to be; its output is in {}", log.display()
    )]
    NotOptimised { reason: String, log: PathBuf },
    /// dx did not get as far as it can without Android's own tools.
    #[error("no project for Android: {reason}; its output is in {}", log.display())]
    NoProject { reason: &'static str, log: PathBuf },
    /// The bundle lacks a file that it must ship.
    #[error("the bundle in {} has no {what}", bundle.display())]
    Incomplete { what: &'static str, bundle: PathBuf },
    /// A step of the test command failed; what it printed stands above.
    #[error(
        "step `{step}` failed ({status}); repeat it alone with `cargo xtask test --only {step}`"
    )]
    Step { step: &'static str, status: String },
    /// A benchmark failed; what it printed stands above.
    #[error("the benchmark `{name}` failed ({status})")]
    Bench { name: &'static str, status: String },
    /// Cargo's description of the workspace could not be read.
    #[error("could not read what `cargo metadata` says; run it to see why")]
    Metadata(#[source] serde_json::Error),
    /// A program that was run to measure something has failed; what it printed stands above.
    #[error("{what} failed ({status})")]
    Measured { what: &'static str, status: String },
    /// The report on coverage could not be read.
    #[error("could not read what cargo-llvm-cov reports")]
    Coverage(#[source] serde_json::Error),
    /// What cargo-mutants says of its mutants could not be read.
    #[error("could not read what cargo-mutants reports")]
    Mutants(#[source] serde_json::Error),
    /// Some input has broken what a parser promises.
    #[error(
        "promises were broken in: {targets}; copy the files named above to `tests/fuzz/crashes/<target>/`, where \
         `cargo test -p fuzz` finds them, and mend what they break"
    )]
    Crashed { targets: String },
    /// The caller named a fuzz target that does not exist.
    #[error("there is no target `{given}`; the targets are {known}")]
    UnknownTarget { given: String, known: String },
    /// The caller named a step that does not exist.
    #[error("there is no step `{given}`; the steps are {known}")]
    UnknownStep { given: String, known: String },
}

impl Error {
    /// Wraps an I/O error with the path it happened on.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// Writes the error and everything below it as one paragraph.
    pub(crate) fn report(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        text
    }
}

fn tail_block(tail: &[String]) -> String {
    if tail.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = tail.iter().map(|line| format!("    {line}")).collect();
    format!("; it says\n{}", lines.join("\n"))
}
