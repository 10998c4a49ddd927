//! The system browser: a script behind `$BROWSER` that tells the test what to open, and a Chromium that opens it.

use std::mem::ManuallyDrop;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tenant::DEMO_PASSWORD;
use thirtyfour::prelude::*;
use tokio::process::Child;
use url::Url;

use super::desktop::Desktop;
use super::driver;
use super::window::PATIENCE;

/// What stands in the place of the system's browser.
pub(crate) struct Opener {
    script: PathBuf,
    opened: PathBuf,
    taken: usize,
}

impl Opener {
    /// Writes the script.
    pub(crate) fn install(desktop: &Desktop) -> Self {
        let script = desktop.home().join("browser");
        let opened = desktop.home().join("opened");
        let text = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{}'\n",
            opened.display()
        );
        std::fs::write(&script, text).expect("the home directory is writable");
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700))
            .expect("the script is ours");
        Self {
            script,
            opened,
            taken: 0,
        }
    }

    /// The value of `$BROWSER`.
    pub(crate) fn variable(&self) -> String {
        self.script.display().to_string()
    }

    /// Waits for the next address that the program opens.
    pub(crate) async fn next(&mut self) -> Url {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(url) = self.all().get(self.taken) {
                self.taken += 1;
                return Url::parse(url).expect("the program opens a URL");
            }
            assert!(
                Instant::now() < deadline,
                "the program has opened nothing in the browser"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn all(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.opened).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// A browser of its own, with a profile that outlives nothing.
pub(crate) struct Browser {
    /// Never dropped: in a test that failed, it would wait for an answer that nobody is left to give.
    driver: ManuallyDrop<WebDriver>,
    /// Ends the browser when it is dropped.
    process: Child,
}

impl Browser {
    /// Starts it.
    pub(crate) async fn start(desktop: &Desktop) -> Self {
        let (process, driver) = driver::start(&desktop.home().join("chromium")).await;
        Self {
            driver: ManuallyDrop::new(driver),
            process,
        }
    }

    /// Opens a page.
    pub(crate) async fn open(&self, url: &Url) {
        let opened = self.driver.goto(url.as_str()).await;
        opened.expect("the page opens");
    }

    /// Logs in on the tenant's page.
    pub(crate) async fn enter(&self, email: &str) {
        let entered = async {
            let fields = [("#email", email), ("#password", DEMO_PASSWORD)];
            for (css, text) in fields {
                self.driver
                    .find(By::Css(css))
                    .await?
                    .send_keys(text)
                    .await?;
            }
            let submit = self.driver.find(By::Css("button[type=submit]")).await?;
            submit.click().await
        };
        entered.await.expect("the tenant shows its login page");
    }

    /// Waits until `text` can be read on the page.
    pub(crate) async fn sees(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shown = self.text().await;
            if shown.contains(text) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "the browser never says {text:?}; it shows:\n{shown}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn text(&self) -> String {
        let shown = async { self.driver.find(By::Tag("body")).await?.text().await };
        shown.await.unwrap_or_default()
    }

    /// Closes it.
    pub(crate) async fn quit(mut self) {
        // Whatever does not end by itself is killed with the driver.
        let _ = WebDriver::clone(&self.driver).quit().await;
        let _ = self.process.kill().await;
    }
}
