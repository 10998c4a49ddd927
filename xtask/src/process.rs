//! Starts programs, watches them and stops them with everything they started.
//!
//! Each child leads a process group of its own, so that one signal reaches its whole family: `dx` starts cargo,
//! cargo starts rustc.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use crate::error::{Error, Result};
use crate::interrupt;
use crate::proc;
use crate::say::{WATCHED, human, progress, say};

/// How often a wait looks whether it is over.
const TICK: Duration = Duration::from_millis(100);
/// How often a long step speaks where nobody sees a progress line.
const REMINDER: Duration = Duration::from_secs(30);
/// How long a family has to end by itself after it was asked to.
const GRACE: Duration = Duration::from_secs(8);

/// A running program and all it starts. Stops them when dropped.
#[derive(Debug)]
pub(crate) struct Family {
    child: Child,
    group: Option<Pid>,
}

impl Family {
    /// Starts a program as the head of a process group, without the terminal's input.
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|source| Error::Start { program, source })?;
        Ok(Self {
            group: Some(Pid::from_child(&child)),
            child,
        })
    }

    /// Starts a program that writes all it says into a log file.
    pub(crate) fn start_logged(mut command: Command, log: &Path) -> Result<Self> {
        let out = File::create(log).map_err(Error::io("create", log))?;
        let err = out.try_clone().map_err(Error::io("share", log))?;
        // A backtrace of somebody else's program buries what it said.
        command.stdout(out).stderr(err).env("RUST_BACKTRACE", "0");
        Self::start(command)
    }

    /// The number of its process group.
    pub(crate) fn group(&self) -> i32 {
        self.group.map_or(0, Pid::as_raw_pid)
    }

    /// Whether the program has ended, and how.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits for the end, or for the user to ask for it.
    pub(crate) fn wait(&mut self, mut each_tick: impl FnMut() -> Result<()>) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended() {
                return Ok(status);
            }
            interrupt::check()?;
            each_tick()?;
            std::thread::sleep(TICK);
        }
    }

    /// Ends the whole family, politely first.
    pub(crate) fn stop(&mut self) {
        let Some(group) = self.group.take() else {
            return;
        };
        for (signal, patience) in [(Signal::TERM, GRACE), (Signal::KILL, GRACE)] {
            // An error means that nobody of the family is left.
            let _ = kill_process_group(group, signal);
            let asked = Instant::now();
            while asked.elapsed() < patience {
                // Reaps the head; an unreaped child keeps the group alive.
                let _ = self.child.try_wait();
                // A grandchild's new parent may take long to notice its end.
                let is_over = test_kill_process_group(group).is_err();
                if is_over || proc::has_ended(group.as_raw_pid()) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs a long step into a log file, showing how far it is. Fails when the program fails.
pub(crate) fn logged(command: Command, what: &str, log: &Path) -> Result<Duration> {
    logged_within(command, what, log, None)
}

/// Like [`logged`], for a step that may hang.
pub(crate) fn logged_within(
    command: Command,
    what: &str,
    log: &Path,
    limit: Option<Duration>,
) -> Result<Duration> {
    let started = Instant::now();
    let mut family = Family::start_logged(command, log)?;
    let mut follower = Follower::reporting(log, what);
    let status = family.wait(|| {
        if let Some(limit) = limit.filter(|limit| started.elapsed() > *limit) {
            return Err(Error::TimedOut {
                what: what.to_owned(),
                limit,
                log: log.to_owned(),
            });
        }
        follower.lines();
        Ok(())
    })?;
    if status.success() {
        return Ok(started.elapsed());
    }
    Err(Error::Failed {
        what: what.to_owned(),
        status: status.to_string(),
        log: log.to_owned(),
        tail: tail(log),
    })
}

/// Runs a step whose output belongs on the terminal.
pub(crate) fn shown(command: Command) -> Result<ExitStatus> {
    Family::start(command)?.wait(|| Ok(()))
}

/// What a short program prints, or nothing if it fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The lines of a log that tell what went wrong: from the first error on, or the last ones.
pub(crate) fn tail(log: &Path) -> Vec<String> {
    let text = std::fs::read(log)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default();
    telling(&text)
}

fn telling(text: &str) -> Vec<String> {
    const LINES: usize = 12;
    let lines: Vec<String> = text
        .lines()
        .map(plain)
        .filter(|line| !line.trim().is_empty())
        .collect();
    let is_error = |line: &String| {
        ["error: ", "error[", "ERROR ", "npm error", "E: "]
            .iter()
            .any(|mark| line.contains(mark))
    };
    let first = lines
        .iter()
        .position(is_error)
        .unwrap_or(lines.len().saturating_sub(LINES));
    lines
        .into_iter()
        .skip(first)
        .take(LINES)
        .map(|line| line.chars().take(160).collect())
        .collect()
}

/// A line without the codes that colour it.
fn plain(line: &str) -> String {
    let mut parts = line.split('\x1b');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|c: char| c.is_ascii_alphabetic())
            .map_or(part.len(), |at| at + 1);
        text.push_str(&part[end..]);
    }
    text
}

/// Follows a log file while it is written.
#[derive(Debug)]
pub(crate) struct Follower {
    log: PathBuf,
    read: u64,
    /// The line that is not complete yet.
    rest: String,
    report: Option<Report>,
}

impl Follower {
    /// Follows what is written from now on.
    pub(crate) fn at_the_end(log: &Path) -> Self {
        let read = std::fs::metadata(log).map_or(0, |file| file.len());
        Self {
            log: log.to_owned(),
            read,
            rest: String::new(),
            report: None,
        }
    }

    /// Follows from the beginning, and shows how far the writer is with each look.
    pub(crate) fn reporting(log: &Path, what: &str) -> Self {
        Self {
            log: log.to_owned(),
            read: 0,
            rest: String::new(),
            report: Some(Report::new(what)),
        }
    }

    /// The lines that are new since the last look, without the codes that colour them.
    pub(crate) fn lines(&mut self) -> Vec<String> {
        let mut bytes = Vec::new();
        let read = File::open(&self.log).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.read))?;
            file.read_to_end(&mut bytes)
        });
        self.read += read.unwrap_or(0) as u64;
        self.rest.push_str(&String::from_utf8_lossy(&bytes));
        let complete = self.rest.rfind('\n').map_or(0, |at| at + 1);
        let lines: Vec<String> = self
            .rest
            .drain(..complete)
            .collect::<String>()
            .lines()
            .map(plain)
            .collect();
        if let Some(report) = &mut self.report {
            report.show(&lines);
        }
        lines
    }
}

/// Says how far a long step is: always on a terminal, now and then elsewhere.
#[derive(Debug)]
struct Report {
    what: String,
    started: Instant,
    spoke: Instant,
    progress: Progress,
}

impl Report {
    fn new(what: &str) -> Self {
        let now = Instant::now();
        Self {
            what: what.to_owned(),
            started: now,
            spoke: now,
            progress: Progress::default(),
        }
    }

    fn show(&mut self, lines: &[String]) {
        lines.iter().for_each(|line| self.progress.take(line));
        let line = format!(
            "      {}: {}, {}",
            self.what,
            self.progress.state(),
            human(self.started.elapsed())
        );
        if *WATCHED {
            progress(&line);
        } else if self.spoke.elapsed() > REMINDER {
            self.spoke = Instant::now();
            say(&line);
        }
    }
}

/// What a program's output says about how far it is.
#[derive(Debug, Default)]
struct Progress {
    crates: usize,
    last: String,
}

impl Progress {
    fn take(&mut self, line: &str) {
        let line = line.trim();
        // cargo says `Compiling libc v0.2.1`, dx says `Compiled [ 12/211]: libc`.
        let counted = ["Compiling ", "Checking "]
            .iter()
            .any(|verb| line.starts_with(verb))
            || line.contains(" Compiled [");
        self.crates += usize::from(counted);
        if !line.is_empty() {
            line.clone_into(&mut self.last);
        }
    }

    fn state(&self) -> String {
        match (self.crates, self.last.as_str()) {
            (0, "") => "started".to_owned(),
            (0, last) => last.chars().take(40).collect(),
            (1, _) => "1 crate".to_owned(),
            (crates, _) => format!("{crates} crates"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_counts_crates_and_not_other_lines() {
        let mut progress = Progress::default();
        progress.take("    Updating index");
        assert_eq!(progress.state(), "Updating index");
        for line in [
            "   Compiling libc v0.2",
            "   Compiling serde v1",
            "warning: Compiling is no crate",
        ] {
            progress.take(line);
        }
        assert_eq!(progress.state(), "2 crates");
    }

    #[test]
    fn a_dropped_family_takes_its_grandchildren_along() {
        let dir = std::env::temp_dir().join(format!("xtask-family-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("the temporary directory is writable");
        let pid_file = dir.join("pid");
        let mut shell = Command::new("sh");
        shell
            .arg("-c")
            .arg("sleep 600 & echo $! > \"$0.new\"; mv \"$0.new\" \"$0\"; wait")
            .arg(&pid_file);
        let family = Family::start(shell).expect("a shell starts");
        let asked = Instant::now();
        while !pid_file.exists() && asked.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let pid = std::fs::read_to_string(&pid_file).expect("the shell wrote its child's id");
        let grandchild = PathBuf::from("/proc").join(pid.trim());
        assert!(
            !cfg!(target_os = "linux") || grandchild.exists(),
            "the grandchild runs"
        );
        drop(family);
        // Its new parent may take a moment to reap it.
        let asked = Instant::now();
        while grandchild.exists() && asked.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(
            !grandchild.exists() || is_zombie(&grandchild),
            "the grandchild outlived its family"
        );
        std::fs::remove_dir_all(&dir).expect("the temporary directory is removable");
    }

    #[test]
    fn a_failing_step_names_its_log_and_its_last_lines() {
        let log = std::env::temp_dir().join(format!("xtask-failing-{}.log", std::process::id()));
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo the reason >&2; exit 3"]);
        let error = logged(shell, "a step", &log).expect_err("exit code 3 is a failure");
        let text = error.report();
        assert!(text.contains("a step failed (exit status: 3)"), "{text}");
        assert!(
            text.contains("the reason") && text.contains("xtask-failing"),
            "{text}"
        );
        std::fs::remove_file(&log).expect("the log is removable");
    }

    #[test]
    fn a_log_is_quoted_from_its_first_error_on_and_without_colours() {
        let noise = "   Compiling thiserror v2\n".repeat(30);
        let text =
            format!("{noise}\x1b[1m\x1b[31merror[E0599]\x1b[0m: no method\n  --> src/main.rs\n");
        assert_eq!(
            telling(&text),
            ["error[E0599]: no method", "  --> src/main.rs"]
        );
        assert_eq!(telling(&noise).len(), 12);
    }

    #[test]
    fn a_step_that_hangs_is_given_up() {
        let log = std::env::temp_dir().join(format!("xtask-hanging-{}.log", std::process::id()));
        let mut sleep = Command::new("sleep");
        sleep.arg("600");
        let outcome = logged_within(sleep, "a step", &log, Some(Duration::from_millis(200)));
        assert!(
            matches!(outcome, Err(Error::TimedOut { .. })),
            "{outcome:?}"
        );
        std::fs::remove_file(&log).expect("the log is removable");
    }

    fn is_zombie(process: &Path) -> bool {
        std::fs::read_to_string(process.join("stat")).is_ok_and(|stat| stat.contains(") Z "))
    }
}
