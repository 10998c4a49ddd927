//! Another process: this test program once more, told by lines what to do, and answering in lines.

use std::io::{BufRead, BufReader, Lines, Stdin, StdinLock, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use dioxus_auth0::TokenOptions;
use dioxus_auth0::config::{Device, WithoutKeychain};
use dioxus_auth0::platform::native::{NativeLock, NativeStorage, current};
use dioxus_auth0::port::{Held, Lock, Storage};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::doubles::FileKeychain;
use super::world::{Machine, Pause};

const DIRECTORY: &str = "AUTH0_TEST_DIRECTORY";
const KEYCHAIN: &str = "AUTH0_TEST_KEYCHAIN";
const ISSUER: &str = "AUTH0_TEST_ISSUER";
const CURRENT: &str = "current";
/// The app that the machine's own ports are for.
pub(crate) const APPLICATION: &str = "auth0-test-app";
const MARK: &str = "> ";
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
        let mut command = Self::command(directory, None, ":");
        command.env(ISSUER, issuer);
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
            .args(["files::process::child", "--exact", "--nocapture"])
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
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return None,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("a child hangs"),
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

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What a child process does; in any other, nothing.
#[test]
fn child() {
    let Some(directory) = std::env::var_os(DIRECTORY).map(PathBuf::from) else {
        return;
    };
    // Another test's log may be there already only in the process that runs them all.
    let _ = tracing::subscriber::set_global_default(Log);
    let (storage, lock) = ports(directory);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut worker = Worker {
        storage,
        lock,
        held: Vec::new(),
        machine: None,
        pause: Pause::default(),
    };
    if let Ok(issuer) = std::env::var(ISSUER) {
        let (storage, lock) = (worker.storage.clone(), worker.lock.clone());
        let machine = Machine::new(&issuer, storage, lock);
        worker.machine = Some(machine.pausing(worker.pause.clone()));
    }
    say("ready");
    while let Some(line) = next_line() {
        let answer = runtime.block_on(worker.obey(&line));
        say(&answer);
    }
}

/// What the process keeps sessions in: those of this machine's own ports, if the directory is named `current`.
fn ports(directory: PathBuf) -> (Rc<dyn Storage>, Rc<dyn Lock>) {
    let without_keychain = WithoutKeychain::PlainFile;
    if directory.as_os_str() == CURRENT {
        let application = Some(APPLICATION.into());
        let platform = current(&Device {
            application,
            without_keychain,
        });
        return (platform.usual_storage, platform.lock);
    }
    let keychain = std::env::var_os(KEYCHAIN).map(PathBuf::from);
    let keychain = Arc::new(FileKeychain(keychain));
    let storage = NativeStorage::new(Some(directory.clone()), keychain, without_keychain);
    let lock = NativeLock::new(directory).timeout(LOCK_TIMEOUT);
    (Rc::new(storage), Rc::new(lock))
}

/// Reads the next line that the parent sends.
pub(crate) fn next_line() -> Option<String> {
    let stdin: Stdin = std::io::stdin();
    let mut lines: Lines<StdinLock<'_>> = stdin.lock().lines();
    lines.next()?.ok()
}

/// Sends a line to the parent.
pub(crate) fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    // Without a parent there is nobody to tell.
    let _ = writeln!(stdout, "{MARK}{line}");
    let _ = stdout.flush();
}

struct Worker {
    storage: Rc<dyn Storage>,
    lock: Rc<dyn Lock>,
    held: Vec<Held>,
    machine: Option<Machine>,
    pause: Pause,
}

impl Worker {
    async fn obey(&mut self, line: &str) -> String {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["get", key] => match self.storage.get(key).await {
                Ok(Some(text)) => format!("some {text}"),
                Ok(None) => "none".into(),
                Err(error) => format!("error {error}"),
            },
            ["set", key, text] => match self.storage.set(key, text).await {
                Ok(()) => "done".into(),
                Err(error) => format!("error {error}"),
            },
            ["remove", key] => match self.storage.remove(key).await {
                Ok(()) => "done".into(),
                Err(error) => format!("error {error}"),
            },
            ["swap", key, from, to] => match self.storage.swap(key, from, to).await {
                Ok(is_done) => is_done.to_string(),
                Err(error) => format!("error {error}"),
            },
            ["count", key, times] => self.count(key, times.parse().unwrap_or_default()).await,
            ["saves"] => self.save_for_ever().await,
            ["hold", name] => {
                self.held.extend(self.lock.hold(name).await);
                "held".into()
            }
            ["release"] => {
                self.held.clear();
                "free".into()
            }
            ["pause", stage] => {
                self.pause.at(stage);
                "done".into()
            }
            ["restore"] => format!("{:?}", self.machine().client.restore().await),
            ["token"] => {
                let options = TokenOptions::default();
                match self.machine().client.access_token(&options).await {
                    Ok(token) => format!("token {}", token.expose()),
                    Err(error) => format!("error {}", error.code()),
                }
            }
            ["who"] => match self.machine().client.identity() {
                Some(identity) => identity.user().email().unwrap_or("?").to_owned(),
                None => "nobody".into(),
            },
            ["logout"] => match self.machine().client.forget().await {
                (_, Ok(())) => "done".into(),
                (_, Err(error)) => format!("error {error}"),
            },
            _ => "what?".into(),
        }
    }

    fn machine(&self) -> &Machine {
        self.machine.as_ref().expect("the child has an issuer")
    }

    /// Adds one as often as it takes, among others who do the same.
    async fn count(&self, key: &str, times: u32) -> String {
        let mut done = 0;
        while done < times {
            let Ok(Some(text)) = self.storage.get(key).await else {
                return "error: nothing to count".into();
            };
            let next = text.parse().unwrap_or(0_u32) + 1;
            match self.storage.swap(key, &text, &next.to_string()).await {
                Ok(true) => done += 1,
                Ok(false) => {}
                Err(error) => return format!("error {error}"),
            }
        }
        "done".into()
    }

    async fn save_for_ever(&self) -> ! {
        loop {
            for letter in ["a", "b"] {
                // Whether it works is for whoever reads it after the end.
                let _ = self.storage.set(super::KEY, &letter.repeat(9000)).await;
            }
        }
    }
}

/// Sends warnings to the parent.
struct Log;

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::WARN && metadata.target().starts_with("dioxus_auth0")
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = String::from("log ");
        event.record(
            &mut |_: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                text.push_str(&format!("{value:?} "));
            },
        );
        say(&text);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
