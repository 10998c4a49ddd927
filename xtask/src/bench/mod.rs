//! `cargo xtask bench`: what the app sends, how long a token takes, and its window beside a bare one.

mod screen;
mod window;

use crate::dirs::Dirs;
use crate::error::{Error, Result};
use crate::process::shown;
use crate::say::say;

/// The options of `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// What to measure; everything by default.
    #[arg(value_enum)]
    parts: Vec<Part>,
    #[command(flatten)]
    window: window::Options,
}

/// Something that is measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
enum Part {
    /// Counts the requests of each scenario.
    Requests,
    /// Times a token that is held.
    Tokens,
    /// Compares the app's window with a bare one.
    Window,
}

/// Runs the command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let is_wanted = |part| options.parts.is_empty() || options.parts.contains(&part);
    for (part, name) in [(Part::Requests, "requests"), (Part::Tokens, "cached_token")] {
        if is_wanted(part) {
            cargo_bench(name)?;
        }
    }
    match is_wanted(Part::Window) {
        true => window::run(&options.window),
        false => Ok(()),
    }
}

fn cargo_bench(name: &'static str) -> Result<()> {
    let dirs = Dirs::find()?;
    say(&format!("bench: {name}"));
    let mut cargo = dirs.command("cargo");
    cargo.args(["bench", "--package", "dioxus-auth0", "--bench", name]);
    let status = shown(cargo)?;
    match status.success() {
        true => Ok(()),
        false => Err(Error::Bench {
            name,
            status: status.to_string(),
        }),
    }
}
