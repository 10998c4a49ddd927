//! chromedriver and the Chromium it starts, for one test.

use std::path::Path;
use std::process::Stdio;

use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::env;

const ARGUMENTS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Over a pipe, the browser ends when the driver does, however the driver ends.
    "--remote-debugging-pipe",
    "--window-size=1280,800",
];

/// Starts a driver on a free port, and a browser with the profile in `home`.
pub(super) async fn start(home: &Path) -> (Child, WebDriver) {
    let (process, port) = chromedriver().await;
    // The HTTP client is built with TLS, although it never leaves the machine; a second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client without certificates can be built");
    let driver = WebDriver::builder(format!("http://127.0.0.1:{port}"), capabilities(home))
        .client(client)
        .connect()
        .await
        .expect("chromedriver starts the browser");
    (process, driver)
}

/// How often a driver may start. It takes a free port by one address and then wants the same one by the other, which
/// another program may have by then: so it ends, and another port will do.
const STARTS: usize = 3;

async fn chromedriver() -> (Child, u16) {
    let mut said = Vec::new();
    for _ in 0..STARTS {
        match started().await {
            Ok(driver) => return driver,
            Err(lines) => said.extend(lines),
        }
    }
    panic!("chromedriver ended {STARTS} times without naming its port: {said:?}");
}

/// Starts a driver, or returns what it has said when it ended.
async fn started() -> Result<(Child, u16), Vec<String>> {
    let mut process = Command::new(env::chromedriver())
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("CHROMEDRIVER can be started");
    let stdout = process.stdout.take().expect("its output is piped");
    let mut lines = BufReader::new(stdout).lines();
    let mut said = Vec::new();
    while let Ok(Some(line)) = lines.next_line().await {
        let port = line
            .strip_prefix("ChromeDriver was started successfully on port ")
            .and_then(|port| port.trim_end_matches('.').parse().ok());
        if let Some(port) = port {
            return Ok((process, port));
        }
        said.push(line);
    }
    Err(said)
}

fn capabilities(home: &Path) -> thirtyfour::ChromeCapabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    let mut set = || {
        capabilities.set_binary(&env::chromium().display().to_string())?;
        for argument in ARGUMENTS {
            capabilities.add_arg(argument)?;
        }
        capabilities.add_arg(&format!("--user-data-dir={}", home.display()))?;
        capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)
    };
    set().expect("these are all of the right type");
    capabilities
}
