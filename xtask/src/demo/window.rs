//! The demo in a window of its own.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::demo::{Server, TENANT_PORT, build_tenant, free, start_tenant, users};
use crate::dirs::Dirs;
use crate::display::Display;
use crate::error::Result;
use crate::interrupt;
use crate::process::{Follower, logged};
use crate::say::{human, say};
use crate::setup;

/// Runs until the user closes the window or stops the command.
pub(super) fn run(started: Instant) -> Result<()> {
    free(TENANT_PORT, "the tenant")?;
    let dirs = Dirs::find()?;
    setup::install_window(&dirs)?;
    let tenant = build_tenant(&dirs)?;
    let program = build(&dirs)?;

    let display = Display::find(&dirs)?;
    let mut tenant = start_tenant(&dirs, &tenant)?;
    let mut command = dirs.command(program);
    display.show(&mut command);
    let mut window = Server::start("the window", command, dirs.log("window"))?;
    say(&welcome(started.elapsed(), display.name()));

    let mut said = Follower::at_the_end(&window.log);
    loop {
        interrupt::check()?;
        tenant.check()?;
        for line in said.lines() {
            say(&format!("app | {line}"));
        }
        match window.family.ended() {
            Some(status) if status.success() => {
                say("the window is closed; the tenant stops too");
                return Ok(());
            }
            Some(status) => return Err(window.died(status.to_string())),
            None => std::thread::sleep(Duration::from_millis(200)),
        }
    }
}

fn build(dirs: &Dirs) -> Result<PathBuf> {
    let mut cargo = dirs.command("cargo");
    cargo.args([
        "build",
        "--package",
        "dioxus-auth0",
        "--bin",
        "dioxus-auth0",
    ]);
    cargo.args(["--no-default-features", "--features", "desktop"]);
    let took = logged(cargo, "compiling the app", &dirs.log("window-build"))?;
    say(&format!("  new app, in {}", human(took)));
    Ok(dirs.target.join("debug/dioxus-auth0"))
}

fn welcome(took: Duration, display: Option<&str>) -> String {
    let place = match display {
        None => "The window is open".to_owned(),
        Some(name) => format!(
            "There is no display here, so the window is open on a virtual one, {name}.\n\
             Look at it:  DISPLAY={name} import -window root window.png\n\
             The window is ready"
        ),
    };
    format!(
        "\n{place} after {}. Logging in opens your browser.\n\n{}\n\
         Ctrl-C stops the window and the tenant; so does closing the window.\n",
        human(took),
        users()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_display_is_named_with_the_way_to_look_at_it() {
        let text = welcome(Duration::from_secs(2), Some(":7"));
        assert!(text.contains("no display here"), "{text}");
        assert!(text.contains("DISPLAY=:7 import"), "{text}");
        assert!(text.contains("ada@example.com"), "{text}");
        assert!(!welcome(Duration::ZERO, None).contains("virtual"));
    }
}
