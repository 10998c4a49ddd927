//! The app's window beside a bare Dioxus window, both from the release build.
//!
//! The two are started in turn on a virtual display, so that a machine that is busy for a while disturbs both. What is
//! read is what the system says: the pixels of the display, and `/proc`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::screen::{Screen, Sight};
use crate::demo::{TENANT_PORT, build_tenant, free, start_tenant};
use crate::dirs::Dirs;
use crate::error::{Error, Result};
use crate::interrupt;
use crate::proc;
use crate::process::{Family, logged, output, tail};
use crate::say::{human, say};
use crate::setup;
use crate::table::{Table, thousands};

/// The profile that dx builds a package with.
const PROFILE: &str = "desktop-release";
/// How long a window may take to show its heading.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a window gets to come to rest before its memory is read.
const REST: Duration = Duration::from_secs(4);
/// How often the display is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// How the windows are measured.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How often each window is started.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// For how many seconds nobody touches the window.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    idle: u64,
}

/// A program that shows a window, and what was measured of it.
struct Subject {
    name: &'static str,
    program: PathBuf,
    painted: Vec<Duration>,
    ready: Vec<Duration>,
    memory: Vec<usize>,
    idle: Option<Idle>,
}

/// What a window does while nobody touches it, a second long.
#[derive(Debug, Clone, Default, PartialEq)]
struct Idle {
    /// The part of a second that its processes together spend on a processor, in thousandths.
    cpu: f64,
    /// How often a thread of the program itself wakes up.
    program: f64,
    /// How often its busiest thread does.
    busiest: f64,
    /// How often a thread of all its processes wakes up, those of the web view included.
    all: f64,
}

/// Measures both.
pub(crate) fn run(options: &Options) -> Result<()> {
    free(TENANT_PORT, "the tenant")?;
    let dirs = Dirs::find()?;
    setup::install_window(&dirs)?;
    let tenant = build_tenant(&dirs)?;
    let release = build(&dirs)?;
    let mut subjects = [
        Subject::new("bare", release.join("bare")),
        Subject::new("app", release.join("dioxus-auth0")),
    ];

    let _tenant = start_tenant(&dirs, &tenant)?;
    let screen = Screen::start(&dirs)?;
    for round in 0..=options.rounds {
        for subject in &mut subjects {
            let mut window = subject.start(&dirs, &screen)?;
            rest(&mut window)?;
            // The first start of all fills the caches.
            if round == 0 {
                continue;
            }
            subject.painted.push(window.painted);
            subject.ready.push(window.ready);
            let members = proc::group(window.family.group());
            subject
                .memory
                .push(members.iter().map(proc::Process::memory).sum());
            if round == options.rounds {
                subject.idle = Some(watch(&mut window, Duration::from_secs(options.idle))?);
            }
        }
        if round > 0 {
            say(&format!("  round {round} of {}", options.rounds));
        }
    }
    say(&report(&subjects, options));
    Ok(())
}

/// Builds both as dx builds the package, so that it is what ships that is measured, and neither is built twice.
fn build(dirs: &Dirs) -> Result<PathBuf> {
    let host = host(dirs)?;
    let mut cargo = dirs.command("cargo");
    cargo.args(["build", "--profile", PROFILE, "--target", &host]);
    cargo.args(["--config", &format!("profile.{PROFILE}.strip=false")]);
    cargo.args(["--package", "dioxus-auth0", "--package", "bare", "--bins"]);
    cargo.args(["--no-default-features", "--features"]);
    cargo.arg("dioxus-auth0/desktop,bare/desktop");
    let took = logged(cargo, "compiling both windows", &dirs.log("bench-build"))?;
    say(&format!("  new release builds, in {}", human(took)));
    Ok(dirs.target.join(host).join(PROFILE))
}

/// What this machine is called by the compiler.
fn host(dirs: &Dirs) -> Result<String> {
    output(dirs.command("rustc").args(["--print", "host-tuple"])).ok_or_else(|| Error::Missing {
        what: "rustc",
        why: "everything is compiled with it",
        fix: "install Rust and run this again".into(),
    })
}

/// A window that shows its heading.
struct Window {
    family: Family,
    /// From the start of the program until something was written on the display.
    painted: Duration,
    /// Until its heading was.
    ready: Duration,
    log: PathBuf,
}

impl Subject {
    fn new(name: &'static str, program: PathBuf) -> Self {
        Self {
            name,
            program,
            painted: Vec::new(),
            ready: Vec::new(),
            memory: Vec::new(),
            idle: None,
        }
    }

    fn start(&self, dirs: &Dirs, screen: &Screen) -> Result<Window> {
        screen.clear()?;
        let log = dirs.log(&format!("bench-{}", self.name));
        let mut command = dirs.command(&self.program);
        screen.display.show(&mut command);
        home(&mut command, &dirs.scratch(&format!("bench-{}", self.name)))?;
        let started = Instant::now();
        let mut family = Family::start_logged(command, &log)?;
        let mut painted = None;
        loop {
            match screen.sight()? {
                Sight::Nothing => {}
                Sight::Text => painted = painted.or(Some(started.elapsed())),
                Sight::Heading => break,
            }
            interrupt::check()?;
            check(&mut family, &log)?;
            if started.elapsed() > PATIENCE {
                return Err(Error::TimedOut {
                    what: format!("showing the window `{}`", self.name),
                    limit: PATIENCE,
                    log,
                });
            }
            std::thread::sleep(LOOK);
        }
        let ready = started.elapsed();
        Ok(Window {
            family,
            painted: painted.unwrap_or(ready),
            ready,
            log,
        })
    }
}

/// A home directory of its own: nobody is signed in, and nothing of the user's is touched.
fn home(command: &mut Command, home: &Path) -> Result<()> {
    std::fs::create_dir_all(home).map_err(Error::io("create", home))?;
    command.env("HOME", home);
    for (name, dir) in [
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "cache"),
    ] {
        command.env(name, home.join(dir));
    }
    Ok(())
}

fn check(family: &mut Family, log: &Path) -> Result<()> {
    match family.ended() {
        None => Ok(()),
        Some(status) => Err(Error::Died {
            what: "the window",
            status: status.to_string(),
            log: log.to_owned(),
            tail: tail(log),
        }),
    }
}

fn rest(window: &mut Window) -> Result<()> {
    wait(window, REST)
}

fn wait(window: &mut Window, time: Duration) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < time {
        interrupt::check()?;
        check(&mut window.family, &window.log)?;
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Counts what the processes of a window do for a while.
fn watch(window: &mut Window, time: Duration) -> Result<Idle> {
    // What was still going on after the heading was painted is no part of it.
    wait(window, REST)?;
    let group = window.family.group();
    let before = proc::group(group);
    let sleeps: Vec<_> = before.iter().map(proc::Process::sleeps).collect();
    let started = Instant::now();
    wait(window, time)?;
    let seconds = started.elapsed().as_secs_f64();
    let cpu = |processes: &[proc::Process]| -> Duration {
        processes.iter().map(|process| process.cpu).sum()
    };
    let spent = cpu(&proc::group(group)).saturating_sub(cpu(&before));
    let mut idle = Idle {
        cpu: spent.as_secs_f64() * 1000.0 / seconds,
        ..Idle::default()
    };
    for (process, earlier) in before.iter().zip(sleeps) {
        let is_program = !process.name().starts_with("WebKit");
        for (thread, count) in process.sleeps() {
            let then = earlier.iter().find(|(id, _)| *id == thread);
            let woken = count.saturating_sub(then.map_or(0, |(_, count)| *count));
            #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
            let rate = woken as f64 / seconds;
            idle.all += rate;
            if is_program {
                idle.program += rate;
                idle.busiest = idle.busiest.max(rate);
            }
        }
    }
    Ok(idle)
}

fn report(subjects: &[Subject; 2], options: &Options) -> String {
    let [bare, app] = subjects;
    let mut table = Table::new(&["median", bare.name, app.name, "ratio"]);
    let milliseconds = |starts: &[Duration]| {
        let start = median(starts).unwrap_or_default();
        usize::try_from(start.as_millis()).unwrap_or(usize::MAX)
    };
    let painted = |subject: &Subject| milliseconds(&subject.painted);
    let ready = |subject: &Subject| milliseconds(&subject.ready);
    let memory = |subject: &Subject| median(&subject.memory).unwrap_or_default();
    for (what, unit, of) in [
        (
            "start to first text",
            "ms",
            &painted as &dyn Fn(&Subject) -> usize,
        ),
        ("start to the heading", "ms", &ready),
        ("memory of all processes", "KiB", &memory),
    ] {
        let (bare, app) = (of(bare), of(app));
        let cell = |value| format!("{} {unit}", thousands(value));
        table.row(&[what.into(), cell(bare), cell(app), ratio(app, bare)]);
    }
    let idle = |subject: &Subject| subject.idle.clone().unwrap_or_default();
    for (what, unit, of) in [
        (
            "idle: processor, all processes",
            " ms/s",
            (|idle| idle.cpu) as fn(&Idle) -> f64,
        ),
        ("idle: wake-ups of the program", "/s", |idle| idle.program),
        ("idle: of its busiest thread", "/s", |idle| idle.busiest),
        ("idle: of all processes", "/s", |idle| idle.all),
    ] {
        let cell = |subject| format!("{:.2}{unit}", of(&idle(subject)));
        table.row(&[what.into(), cell(bare), cell(app), String::new()]);
    }
    format!(
        "\n{}\n\n\
         {} starts of each, in turn, after one that does not count, on a virtual display that draws in software.\n\
         The display is white before; it is looked at every {} ms. First text: 40 pixels of the color of any text;\n\
         the heading: 40 pixels of the color that only headings have.\n\
         Memory: PSS {} s later. Idle: {} s with nobody touching the window; a wake-up is a voluntary context switch.",
        table.render(),
        options.rounds,
        LOOK.as_millis(),
        REST.as_secs(),
        options.idle,
    )
}

/// The value in the middle.
fn median<T: Ord + Copy>(values: &[T]) -> Option<T> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

fn ratio(of: usize, to: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let ratio = of as f64 / to.max(1) as f64;
    format!("{ratio:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_value_in_the_middle() {
        assert_eq!(median(&[9, 1, 5]), Some(5));
        assert_eq!(median::<u8>(&[]), None);
    }

    #[test]
    fn a_ratio_has_two_digits() {
        assert_eq!(ratio(6, 5), "1.20");
    }
}
