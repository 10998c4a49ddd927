//! `cargo xtask demo`: the local tenant and the app, started together and stopped together.

mod window;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::dirs::Dirs;
use crate::error::{Error, Result};
use crate::interrupt;
use crate::process::{Family, Follower, logged, tail};
use crate::say::{human, say};
use crate::setup::{self, Need, Tools};

const APP_PORT: u16 = 8080;
pub(crate) const TENANT_PORT: u16 = 4400;
/// How long the tenant may take to make its keys and listen.
const TENANT_PATIENCE: Duration = Duration::from_secs(60);
/// How long dx may take to serve what is built already, on a machine that is busy.
const APP_PATIENCE: Duration = Duration::from_secs(300);
/// What the tenant answers there says that it is up.
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// The options of `cargo xtask demo`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// What the app runs on.
    #[arg(long, value_enum, default_value = "web")]
    platform: Platform,
}

/// What the app can be shown on.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Platform {
    /// A browser: the app is served by dx.
    Web,
    /// A window of its own.
    Desktop,
}

/// Runs the command until the user stops it or one of the two programs ends.
pub(crate) fn run(options: &Options, started: Instant) -> Result<()> {
    match options.platform {
        Platform::Web => web(started),
        Platform::Desktop => window::run(started),
    }
}

fn web(started: Instant) -> Result<()> {
    // Before anything that takes minutes.
    for (port, what) in [(APP_PORT, "the app"), (TENANT_PORT, "the tenant")] {
        free(port, what)?;
    }
    let dirs = Dirs::find()?;
    let tools = setup::install(&dirs, Need::Demo)?;
    let program = build_tenant(&dirs)?;
    build_app(&dirs, &tools)?;

    let mut tenant = start_tenant(&dirs, &program)?;
    let mut app = Server::start(
        "dx serve",
        serve_command(&dirs, &tools),
        dirs.log("dx-serve"),
    )?;
    app.until("starting the app", APP_PATIENCE, app_answers)?;
    say(&welcome(started.elapsed()));

    let mut rebuilds = Follower::at_the_end(&app.log);
    loop {
        interrupt::check()?;
        tenant.check()?;
        app.check()?;
        for line in rebuilds.lines() {
            say(&format!("dx | {line}"));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// A server the demo cannot do without.
pub(crate) struct Server {
    what: &'static str,
    family: Family,
    log: PathBuf,
}

impl Server {
    fn start(what: &'static str, command: std::process::Command, log: PathBuf) -> Result<Self> {
        let family = Family::start_logged(command, &log)?;
        Ok(Self { what, family, log })
    }

    /// Fails if the server has ended.
    fn check(&mut self) -> Result<()> {
        match self.family.ended() {
            Some(status) => Err(self.died(status.to_string())),
            None => Ok(()),
        }
    }

    /// Waits until it answers.
    fn until(&mut self, doing: &str, limit: Duration, answers: impl Fn() -> bool) -> Result<()> {
        let started = Instant::now();
        let mut reporter = Follower::reporting(&self.log, doing);
        while !answers() {
            interrupt::check()?;
            self.check()?;
            if started.elapsed() > limit {
                return Err(Error::TimedOut {
                    what: doing.to_owned(),
                    limit,
                    log: self.log.clone(),
                });
            }
            if reporter.lines().iter().any(|line| build_failed(line)) {
                return Err(self.died("it could not build the app".to_owned()));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn died(&self, status: String) -> Error {
        Error::Died {
            what: self.what,
            status,
            log: self.log.clone(),
            tail: tail(&self.log),
        }
    }
}

/// dx goes on serving nothing after a failed build, waiting for an edit.
fn build_failed(line: &str) -> bool {
    line.contains("Build failed")
}

pub(crate) fn build_tenant(dirs: &Dirs) -> Result<PathBuf> {
    let mut cargo = dirs.command("cargo");
    cargo.args(["build", "--package", "tenant", "--bin", "tenant"]);
    let took = logged(cargo, "compiling the tenant", &dirs.log("tenant-build"))?;
    say(&format!("  new tenant, in {}", human(took)));
    Ok(dirs.target.join("debug/tenant"))
}

pub(crate) fn start_tenant(dirs: &Dirs, program: &Path) -> Result<Server> {
    let command = tenant_command(dirs, program);
    let mut tenant = Server::start("the tenant", command, dirs.log("tenant"))?;
    tenant.until("starting the tenant", TENANT_PATIENCE, tenant_answers)?;
    Ok(tenant)
}

/// Builds what dx will serve. dx finds its own work again, and unlike `serve`, `build` says how far it is and fails.
fn build_app(dirs: &Dirs, tools: &Tools) -> Result<()> {
    let mut dx = dirs.command(&tools.dx);
    dx.args(["build", "--platform", "web"]);
    let took = logged(dx, "compiling the app", &dirs.log("dx-build"))?;
    say(&format!("  new app, in {}", human(took)));
    Ok(())
}

fn tenant_command(dirs: &Dirs, program: &Path) -> std::process::Command {
    let mut tenant = dirs.command(program);
    tenant
        .args(["--port", &TENANT_PORT.to_string(), "--store"])
        .arg(dirs.cache.join("tenant.redb"));
    tenant
}

fn serve_command(dirs: &Dirs, tools: &Tools) -> std::process::Command {
    let mut dx = dirs.command(&tools.dx);
    // Without a port of its own dx takes another one when it is busy, and the callback's address changes with it.
    dx.args([
        "serve",
        "--platform",
        "web",
        "--port",
        &APP_PORT.to_string(),
        "--open",
        "false",
    ]);
    // Its full-screen mode belongs to a terminal of its own; here it shares one with the tenant.
    dx.args(["--interactive", "false"]);
    dx
}

fn welcome(took: Duration) -> String {
    format!(
        "\n\
         The app is ready after {}:  http://127.0.0.1:{APP_PORT}/\n\
         \n\
         {}\n\
         Ctrl-C stops both.\n",
        human(took),
        users()
    )
}

/// Who can log in, and where they are kept.
fn users() -> String {
    format!(
        "Log in as                    Password        Who\n\
         ada@example.com              dioxus-Demo-1   has user metadata\n\
         grace@example.com            dioxus-Demo-1   has none yet\n\
         mallory@example.com          dioxus-Demo-1   is blocked\n\
         \n\
         Edit anybody's metadata:  http://127.0.0.1:{TENANT_PORT}/dashboard"
    )
}

pub(crate) fn free(port: u16, what: &'static str) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::PortBusy { port, what }),
    }
}

fn tenant_answers() -> bool {
    get(TENANT_PORT, DISCOVERY).is_some_and(|response| response.starts_with("HTTP/1.1 200"))
}

/// Whether the app is served, and not the page that dx shows while it builds.
fn app_answers() -> bool {
    get(APP_PORT, "/").is_some_and(|response| is_app(&response))
}

/// dx's own pages load no module; what it builds loads the wasm by one.
fn is_app(response: &str) -> bool {
    response.starts_with("HTTP/1.1 200") && response.contains("type=\"module\"")
}

/// The whole response to a request, or nothing if it does not end: while dx builds, its page never does.
fn get(port: u16, path: &str) -> Option<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(500)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut response = Vec::new();
    stream.take(1 << 20).read_to_end(&mut response).ok()?;
    Some(String::from_utf8_lossy(&response).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_the_way_out() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
        let port = listener
            .local_addr()
            .expect("a listener has an address")
            .port();
        let error = free(port, "the app").expect_err("the port is taken");
        let text = error.report();
        assert!(
            text.contains(&format!("port {port} is taken")) && text.contains("stop it"),
            "{text}"
        );
        drop(listener);
        free(port, "the app").expect("the port is free again");
    }

    #[test]
    fn the_page_dx_shows_while_it_builds_is_not_the_app() {
        assert!(is_app(
            "HTTP/1.1 200 OK\r\n\r\n<html><script type=\"module\" src=\"/./wasm/app.js\"></script>"
        ));
        assert!(!is_app(
            "HTTP/1.1 200 OK\r\n\r\n<html><title>Dioxus Build</title><script>poll()</script>"
        ));
        assert!(!is_app(
            "HTTP/1.1 200 OK\r\n\r\n<title>Err 404 - dx is not serving a web app</title>"
        ));
        assert!(!is_app(
            "HTTP/1.1 500 Internal Server Error\r\n\r\ntype=\"module\""
        ));
    }

    #[test]
    fn a_response_that_does_not_end_is_no_answer() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
        let port = listener
            .local_addr()
            .expect("a listener has an address")
            .port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client connects");
            stream
                .write_all(b"HTTP/1.1 200 OK\r\n\r\ntype=\"module\"")
                .expect("the client reads");
            // Open until the client gives up.
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.read(&mut [0; 1]);
        });
        assert_eq!(get(port, "/"), None);
        server.join().expect("the server ends with its client");
    }

    #[test]
    fn the_welcome_names_the_address_the_users_and_the_dashboard() {
        let text = welcome(Duration::from_secs(61));
        for needle in [
            "1 min 1 s",
            "http://127.0.0.1:8080/",
            "ada@example.com",
            "mallory@example.com",
            ":4400/dashboard",
        ] {
            assert!(text.contains(needle), "{needle} is missing in {text}");
        }
    }
}
