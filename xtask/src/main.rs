//! The project's commands: `cargo xtask setup | demo | test | check-mobile | size | bundle | bench | fuzz | coverage |
//! mutants`.
//!
//! Every command says what it does and why while it does it, keeps the full output of what it runs in a log
//! file, and ends with an error that names who must act.

mod android;
mod bench;
mod check_mobile;
mod compiler;
mod coverage;
mod demo;
mod dirs;
mod display;
mod error;
mod fuzz;
mod interrupt;
mod lockfile;
mod mutants;
mod package;
mod proc;
mod process;
mod say;
mod setup;
mod size;
mod table;
mod test;

use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::say::say;

/// The project's commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Installs what building and testing need, and says each thing it does. Safe to repeat.
    Setup(setup::Options),
    /// Starts the local tenant and the app, and prints where to log in. Installs what is missing first.
    Demo(demo::Options),
    /// Runs every check and every test. Installs what is missing first.
    Test(test::Options),
    /// Runs clippy over all that a phone with Android or iOS runs.
    CheckMobile,
    /// Builds the release bundle for the web and weighs it against the budget.
    Size(size::Options),
    /// Builds the app as a package for Debian and its kin.
    Bundle,
    /// Measures the window beside a bare one: start, memory, and what it does while nobody touches it.
    Bench(bench::Options),
    /// Looks for inputs that break what the parsers of untrusted bytes promise.
    Fuzz(fuzz::Options),
    /// Prints which lines the tests run, by folder, and where they run the least.
    Coverage(coverage::Options),
    /// Changes the code bit by bit and looks whether a test notices; writes down what it finds.
    Mutants(mutants::Options),
}

fn main() -> ExitCode {
    let started = Instant::now();
    let cli = Cli::parse();
    let outcome = interrupt::listen().and_then(|()| match cli.command {
        Command::Setup(options) => setup::run(&options),
        Command::Demo(options) => demo::run(&options, started),
        Command::Test(options) => test::run(&options, started),
        Command::CheckMobile => check_mobile::run(),
        Command::Size(options) => size::run(&options),
        Command::Bundle => package::run(),
        Command::Bench(options) => bench::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Coverage(options) => coverage::run(&options),
        Command::Mutants(options) => mutants::run(&options),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // What a shell reports for a process that SIGINT ended.
        Err(Error::Interrupted) => {
            say("stopped");
            ExitCode::from(130)
        }
        Err(error) => {
            say(&format!("\nerror: {}", error.report()));
            ExitCode::FAILURE
        }
    }
}
