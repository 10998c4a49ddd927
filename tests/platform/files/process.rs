//! Another process: this test program once more, told by lines what to do, and answering in lines.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::world::settings;

pub(crate) const DIRECTORY: &str = "AUTH0_TEST_DIRECTORY";
pub(crate) const KEYCHAIN: &str = "AUTH0_TEST_KEYCHAIN";
pub(crate) const SETTINGS: &str = "AUTH0_TEST_SETTINGS";
pub(crate) const CURRENT: &str = "current";
/// The app that the machine's own ports are for.
pub(crate) const APPLICATION: &str = "auth0-test-app";
pub(crate) const MARK: &str = "> ";
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a child waits for another that holds the lock.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// The test program as a child process, for as long as this is kept.
pub(crate) struct Child {
    process: std::process::Child,
    answers: Receiver<String>,
    logs: Vec<String>,
}

impl Child {
    /// Starts a process that keeps sessions in `directory`; in plain files without a keychain.
    pub(crate) fn start(directory: &Path, keychain: Option<&Path>) -> Self {
        Self::start_in_shell(directory, keychain, ":")
    }

    /// The same, after a line of shell.
    pub(crate) fn start_in_shell(directory: &Path, keychain: Option<&Path>, line: &str) -> Self {
        Self::spawn(Self::command(directory, keychain, line))
    }

    /// Starts a process that has a client of `issuer` as well.
    pub(crate) fn client(directory: &Path, issuer: &str) -> Self {
        Self::client_with(directory, None, &settings(issuer))
    }

    /// Starts a process that has a client with these settings as well.
    pub(crate) fn client_with(directory: &Path, keychain: Option<&Path>, settings: &Value) -> Self {
        let mut command = Self::command(directory, keychain, ":");
        command.env(SETTINGS, settings.to_string());
        Self::spawn(command)
    }

    /// Starts a process on the machine's own ports, as they are with these variables.
    pub(crate) fn current(variables: &[(&str, &str)]) -> Self {
        let mut command = Self::command(Path::new(CURRENT), None, ":");
        command.envs(variables.iter().copied());
        Self::spawn(command)
    }

    /// The same, with a message bus of its own and a Secret Service on it that is open.
    pub(crate) fn current_with_secret_service(variables: &[(&str, &str)]) -> Self {
        let open =
            "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null";
        let inner = Self::command(Path::new(CURRENT), None, open);
        let mut command = Command::new("dbus-run-session");
        command
            .arg("--")
            .arg(inner.get_program())
            .args(inner.get_args());
        command
            .env(DIRECTORY, CURRENT)
            .envs(variables.iter().copied());
        Self::spawn(command)
    }

    fn command(directory: &Path, keychain: Option<&Path>, line: &str) -> Command {
        let program = std::env::current_exe().expect("a test has a program");
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("{line}; exec \"$0\" \"$@\"")])
            .arg(program)
            .args(["files::worker::child", "--exact", "--nocapture"])
            .env(DIRECTORY, directory);
        if let Some(keychain) = keychain {
            command.env(KEYCHAIN, keychain);
        }
        command
    }

    fn spawn(mut command: Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the test program starts");
        let stdout = process.stdout.take().expect("it was piped");
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // The test harness of the child writes lines of its own, and beginnings of lines.
                if let Some((_, answer)) = line.split_once(MARK)
                    && sender.send(answer.to_owned()).is_err()
                {
                    return;
                }
            }
        });
        let mut child = Self {
            process,
            answers,
            logs: Vec::new(),
        };
        assert_eq!(child.answer().as_deref(), Some("ready"));
        child
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Finds one of its threads by name.
    pub(crate) fn thread(&self, name: &str) -> Option<u32> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.id())).ok()?;
        let mut tasks = tasks.filter_map(Result::ok).map(|task| task.path());
        let task = tasks.find(|task| {
            let found = std::fs::read_to_string(task.join("comm"));
            found.is_ok_and(|found| found.trim() == name)
        })?;
        task.file_name()?.to_str()?.parse().ok()
    }

    /// Sends a line.
    pub(crate) fn tell(&mut self, line: &str) {
        let stdin = self.process.stdin.as_mut().expect("it was piped");
        // A child that was killed on purpose hears nothing any more.
        let _ = writeln!(stdin, "{line}");
    }

    /// Waits for the next answer; none comes from a process that has ended.
    pub(crate) fn answer(&mut self) -> Option<String> {
        loop {
            let answer = match self.answers.recv_timeout(PATIENCE) {
                Ok(answer) => answer,
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => panic!("a child hangs"),
            };
            match answer.strip_prefix("log ") {
                Some(log) => self.logs.push(log.to_owned()),
                None => return Some(answer),
            }
        }
    }

    /// Sends a line and waits for the answer.
    pub(crate) fn ask(&mut self, line: &str) -> String {
        self.tell(line);
        self.answer().expect("the child lives")
    }

    /// Counts the warnings so far that contain `part`.
    pub(crate) fn logged(&self, part: &str) -> usize {
        self.logs.iter().filter(|log| log.contains(part)).count()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.id()).expect("process ids are small");
        kill(Pid::from_raw(id), signal).expect("the child is there");
    }

    /// Ends it as nothing can be prepared for, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself, or by a tracer.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Child {
    /// Lets it end by itself, with all that it was started under.
    pub(crate) fn end(mut self) {
        self.process.stdin.take();
        while self.answer().is_some() {}
        let _ = self.process.wait();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}
