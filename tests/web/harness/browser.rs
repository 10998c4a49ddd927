//! One browser: its scripts, storage, log and windows, and what is kept of it when a test fails.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::WebDriver;
use tokio::process::Child;

use super::driver;

/// How long a person would wait. Generous, since a busy machine is no fault of the app.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(30);

/// A running browser.
pub(crate) struct Browser {
    pub(super) driver: WebDriver,
    process: Child,
    origin: String,
    home: PathBuf,
    log: RefCell<Vec<String>>,
}

impl Browser {
    /// Starts a browser that knows nothing yet. `origin` is where [`open`](Self::open) finds the app.
    pub(super) async fn start(test: &str, origin: &str) -> Self {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("profiles")
            .join(test);
        let _ = std::fs::remove_dir_all(&home);
        let (process, driver) = driver::start(&home).await;
        Self {
            driver,
            process,
            origin: origin.to_owned(),
            home,
            log: RefCell::default(),
        }
    }

    /// Where the app is, without a slash.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Opens a page of the app by its path, or any other page by its URL.
    pub(crate) async fn open(&self, path: &str) {
        let url = match path.starts_with('/') {
            true => format!("{}{path}", self.origin),
            false => path.to_owned(),
        };
        let opened = self.driver.goto(&url).await;
        opened.unwrap_or_else(|error| panic!("{url} opens: {error}"));
    }

    /// Runs the body of a function in the page.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.run_with(script, Vec::new()).await
    }

    /// Runs the body of a function in the page, with `arguments`.
    pub(crate) async fn run_with(&self, script: &str, arguments: Vec<Value>) -> Value {
        let returned = self.driver.execute(script, arguments).await;
        let returned = returned.unwrap_or_else(|error| panic!("`{script}` runs: {error}"));
        returned.json().clone()
    }

    /// Waits until a JavaScript expression is true, and fails with `claim` when it never is.
    pub(crate) async fn until(&self, claim: &str, expression: &str, arguments: Vec<Value>) {
        let script = format!("return Boolean({expression})");
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Between two pages there is nothing to ask; that counts as not yet.
            let answer = self
                .driver
                .execute(script.as_str(), arguments.clone())
                .await;
            if answer.is_ok_and(|answer| answer.json() == &Value::Bool(true)) {
                return;
            }
            if Instant::now() > deadline {
                let page = self.describe().await;
                panic!("waited in vain {PATIENCE:?} until {claim}. {page}");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Sends a command of the DevTools protocol.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let answer = self.driver.cdp().send_raw(command, parameters).await;
        answer.unwrap_or_else(|error| panic!("{command} works: {error}"))
    }

    /// Everything in `sessionStorage`.
    pub(crate) async fn session_storage(&self) -> Vec<(String, String)> {
        self.storage("sessionStorage").await
    }

    /// Everything in `localStorage`.
    pub(crate) async fn local_storage(&self) -> Vec<(String, String)> {
        self.storage("localStorage").await
    }

    async fn storage(&self, area: &str) -> Vec<(String, String)> {
        let entries = self.run(&format!("return Object.entries({area})")).await;
        serde_json::from_value(entries).expect("storage holds texts by name")
    }

    /// The URL in the address bar.
    pub(crate) async fn url(&self) -> String {
        let url = self.run("return location.href").await;
        url.as_str().unwrap_or_default().to_owned()
    }

    /// The addresses of all entries of this window's history, oldest first, and which of them is shown.
    pub(crate) async fn history(&self) -> (Vec<String>, usize) {
        let history = self.devtools("Page.getNavigationHistory", json!({})).await;
        let entries = history["entries"].as_array().cloned().unwrap_or_default();
        let urls = entries.iter().map(|entry| entry["url"].as_str());
        let urls = urls.map(|url| url.unwrap_or_default().to_owned()).collect();
        let current = history["currentIndex"].as_u64().unwrap_or_default();
        (urls, usize::try_from(current).expect("a history is short"))
    }

    /// Goes one page back, as by the browser's button.
    pub(crate) async fn back(&self) {
        self.driver.back().await.expect("there is a page before");
    }

    /// Loads the page again.
    pub(crate) async fn reload(&self) {
        self.driver.refresh().await.expect("the page loads again");
    }

    /// Does `work` in a new tab, closes it and comes back.
    pub(crate) async fn in_new_tab(&self, work: impl AsyncFnOnce()) {
        let first = self.driver.window().await.expect("a window is open");
        let tab = self.driver.new_tab().await.expect("a tab opens");
        let shown = self.driver.switch_to_window(tab).await;
        shown.expect("the tab is shown");
        work().await;
        self.driver.close_window().await.expect("the tab closes");
        let shown = self.driver.switch_to_window(first).await;
        shown.expect("the first window is still there");
    }

    /// Keeps a picture of what is shown.
    pub(crate) async fn picture(&self, path: &Path) {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).expect("the directory of the picture can be made");
        }
        let taken = self.driver.screenshot(path).await;
        taken.unwrap_or_else(|error| panic!("a picture at {}: {error}", path.display()));
    }

    /// What the console has said so far.
    pub(crate) async fn console(&self) -> Vec<String> {
        if let Ok(entries) = self.driver.browser_log().await {
            let lines = entries.into_iter().map(|entry| {
                let source = entry.source.unwrap_or_default();
                format!("{} {source}: {}", entry.level, entry.message)
            });
            self.log.borrow_mut().extend(lines);
        }
        self.log.borrow().clone()
    }

    /// What the console has said of the policy, of exceptions and of panics.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let signs = [
            "SEVERE security:",
            "SEVERE javascript:",
            "Content Security Policy",
            "Refused to",
            "panicked at",
        ];
        let mut lines = self.console().await;
        lines.retain(|line| signs.iter().any(|sign| line.contains(sign)));
        lines
    }

    /// Lets what was complained of so far pass.
    pub(crate) fn forget_complaints(&self) {
        self.log.borrow_mut().clear();
    }

    /// Where the browser is and what it shows, without anything secret.
    pub(crate) async fn describe(&self) -> String {
        let page = self
            .driver
            .execute(
                "return [location.origin + location.pathname, document.body ? document.body.innerText : '']",
                Vec::new(),
            )
            .await;
        match page {
            Ok(page) => {
                let [url, text] = [&page.json()[0], &page.json()[1]];
                format!(
                    "The browser is at {} and shows:\n{}",
                    url.as_str().unwrap_or_default(),
                    text.as_str().unwrap_or_default()
                )
            }
            Err(error) => format!("The browser cannot say what it shows: {error}"),
        }
    }

    /// Keeps a picture, the address and the console of a failed test, and says where.
    pub(super) async fn keep_evidence(&self, test: &str) -> String {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("failures")
            .join(test);
        let text = format!(
            "{}\n\nConsole:\n{}\n",
            self.describe().await,
            self.console().await.join("\n")
        );
        let kept = std::fs::create_dir_all(&dir)
            .and_then(|()| std::fs::write(dir.join("page.txt"), text))
            .map_err(|error| error.to_string());
        let picture = self.driver.screenshot(&dir.join("page.png")).await;
        match kept.and(picture.map_err(|error| error.to_string())) {
            Ok(()) => format!("what the browser showed: {}", dir.display()),
            Err(error) => format!("what the browser showed could not be kept: {error}"),
        }
    }

    /// Ends the browser and its driver.
    pub(super) async fn quit(mut self) {
        // Whatever does not end by itself is killed with the driver.
        let _ = self.driver.quit().await;
        let _ = self.process.kill().await;
        let _ = std::fs::remove_dir_all(&self.home);
    }
}
