//! The program, and what a person does with its window: reads, presses, writes, closes.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Child;

use super::desktop::Desktop;
use super::screen_reader::{Thing, read, role};

/// How long a person would wait. Generous, since a busy machine is no fault of the app.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(100);

/// A running program with its window.
pub(crate) struct Window<'a> {
    desktop: &'a Desktop,
    process: Child,
}

impl<'a> Window<'a> {
    /// Starts the program that is tested, with these variables in its environment.
    pub(crate) async fn open(desktop: &'a Desktop, variables: &[(&str, String)]) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_dioxus-auth0"));
        Self::of(program, desktop, variables).await
    }

    /// Starts another program.
    pub(crate) async fn of(
        program: &Path,
        desktop: &'a Desktop,
        variables: &[(&str, String)],
    ) -> Self {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(desktop.home().join("app.log"))
            .expect("the home directory is writable");
        let mut command = desktop.command(program);
        let process = command
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log)
            .spawn()
            .expect("the program can be started");
        Self { desktop, process }
    }

    /// Waits until `text` can be read in the window.
    pub(crate) async fn sees(&mut self, text: &str) {
        let claim = format!("the window says {text:?}");
        self.until(&claim, |things| says(things, text)).await;
    }

    /// Waits until `text` can no longer be read in the window.
    pub(crate) async fn sees_no_more(&mut self, text: &str) {
        let claim = format!("the window no longer says {text:?}");
        // Between two pages there is nothing to read; that is not what is meant.
        self.until(&claim, |things| things.len() > 10 && !says(things, text))
            .await;
    }

    /// Waits until the window is called `title`.
    pub(crate) async fn is_called(&mut self, title: &str) {
        let claim = format!("the window is called {title:?}");
        let is_it = |thing: &Thing| thing.role == role::FRAME && thing.name == title;
        self.until(&claim, |things| things.iter().any(is_it)).await;
    }

    /// Waits for a button or link called `name`, and presses it.
    pub(crate) async fn press(&mut self, name: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let control = self.find(&[role::BUTTON, role::LINK], name).await;
            let pressed = control.press(self.desktop.accessibility()).await;
            if matches!(pressed, Ok(true)) {
                return;
            }
            // A moment ago it may have been disabled, or another one in the same place.
            assert!(
                Instant::now() < deadline,
                "{name:?} can be pressed: {pressed:?}"
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits for the field called `name` and writes `text` in place of what stands there, on the keyboard.
    pub(crate) async fn fill(&mut self, name: &str, text: &str) {
        let field = self.find(&[role::TEXT, role::ENTRY], name).await;
        self.focus_window().await;
        let focused = field.focus(self.desktop.accessibility()).await;
        assert!(
            matches!(focused, Ok(true)),
            "{name:?} takes the focus: {focused:?}"
        );
        self.xdotool(&["key", "--clearmodifiers", "ctrl+a"]).await;
        self.xdotool(&["type", "--delay", "20", "--", text]).await;
        let claim = format!("{name:?} holds {text:?}");
        let holds = |thing: &Thing| thing.name == name && thing.text == text;
        self.until(&claim, |things| things.iter().any(holds)).await;
    }

    /// What can be read in the field called `name`.
    pub(crate) async fn value(&mut self, name: &str) -> String {
        self.find(&[role::TEXT, role::ENTRY], name).await.text
    }

    /// Makes the window `width` by `height` pixels large.
    pub(crate) async fn resize(&mut self, width: u32, height: u32) {
        let (width, height) = (width.to_string(), height.to_string());
        let id = self.id().await;
        self.xdotool(&["windowsize", "--sync", &id, &width, &height])
            .await;
        // The page is drawn anew a moment later, and nothing tells when.
        tokio::time::sleep(Duration::from_millis(700)).await;
    }

    /// Keeps a picture of what is shown.
    pub(crate) async fn picture(&self, test: &str, stage: &str) {
        self.desktop.picture(test, stage).await;
    }

    /// Closes the window, as by its button, and waits for the end of the program.
    pub(crate) async fn close(mut self) {
        let id = self.id().await;
        let id = id.parse().expect("a window has a number");
        self.desktop
            .close_window(id)
            .expect("the window can be asked to close");
        let ended = tokio::time::timeout(PATIENCE, self.process.wait()).await;
        let status = ended.expect("the program ends with its window");
        let status = status.expect("the program is waited for");
        assert!(status.success(), "the program ends well: {status}");
    }

    async fn find(&mut self, roles: &[u32], name: &str) -> Thing {
        let is_it = |thing: &&Thing| roles.contains(&thing.role) && thing.name == name;
        let claim = format!("there is a {name:?} among the roles {roles:?}");
        let things = self
            .until(&claim, |things| things.iter().any(|one| is_it(&one)))
            .await;
        let found = things.iter().find(is_it);
        found.expect("it was there just now").clone()
    }

    async fn until(&mut self, claim: &str, is_so: impl Fn(&[Thing]) -> bool) -> Vec<Thing> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let things = match self.process.id() {
                Some(process) => read(self.desktop.accessibility(), process).await,
                None => Vec::new(),
            };
            if is_so(&things) {
                return things;
            }
            if let Ok(Some(status)) = self.process.try_wait() {
                panic!(
                    "the program ended ({status}) before {claim}; {}",
                    self.log()
                );
            }
            if Instant::now() > deadline {
                let shown = describe(&things);
                panic!(
                    "waited in vain {PATIENCE:?} until {claim}. The window shows:\n{shown}\n{}",
                    self.log()
                );
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn log(&self) -> String {
        let log = std::fs::read_to_string(self.desktop.home().join("app.log"));
        format!("The program says:\n{}", log.unwrap_or_default())
    }

    async fn focus_window(&mut self) {
        let id = self.id().await;
        self.xdotool(&["windowfocus", "--sync", &id]).await;
    }

    /// The window's number. There is no window manager, so that all there is on the screen is this.
    async fn id(&mut self) -> String {
        let process = self.process.id().expect("the program runs").to_string();
        let found = self
            .xdotool(&["search", "--onlyvisible", "--pid", &process])
            .await;
        found.lines().last().unwrap_or_default().to_owned()
    }

    async fn xdotool(&self, arguments: &[&str]) -> String {
        let output = self
            .desktop
            .command("xdotool")
            .args(arguments)
            .output()
            .await;
        let output = output.expect("xdotool starts; `cargo xtask setup` installs it");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "xdotool {arguments:?}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

fn says(things: &[Thing], text: &str) -> bool {
    things
        .iter()
        .any(|thing| thing.name.contains(text) || thing.text.contains(text))
}

fn describe(things: &[Thing]) -> String {
    let lines = things
        .iter()
        .map(|thing| format!("  {} {:?} {:?}", thing.role, thing.name, thing.text));
    lines.collect::<Vec<_>>().join("\n")
}
