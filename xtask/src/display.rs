//! The screen that a window is shown on: the user's, or one in memory where there is none.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::dirs::Dirs;
use crate::error::{Error, Result};
use crate::interrupt;
use crate::process::{Family, tail};

const SIZE: &str = "1440x900x24";
const PATIENCE: Duration = Duration::from_secs(20);

/// A screen.
#[derive(Debug)]
pub(crate) enum Display {
    /// The one that this command was started on.
    Own,
    /// One that only programs see. It ends when this is dropped.
    Virtual { name: String, _server: Family },
}

impl Display {
    /// Takes the user's screen, or starts one where there is none.
    pub(crate) fn find(dirs: &Dirs) -> Result<Self> {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
            true => Ok(Self::Own),
            false => Self::in_memory(dirs, &[]),
        }
    }

    /// Starts one that nobody sees, with options of Xvfb.
    pub(crate) fn in_memory(dirs: &Dirs, options: &[&str]) -> Result<Self> {
        let log = dirs.log("xvfb");
        let mut xvfb = Command::new("Xvfb");
        // It looks for a free number by itself, and writes it into the log once it can be used.
        xvfb.args(["-displayfd", "1", "-screen", "0", SIZE, "-nolisten", "tcp"])
            .args(options);
        let mut server = Family::start_logged(xvfb, &log)?;
        let started = Instant::now();
        loop {
            if let Some(number) = number(&log) {
                return Ok(Self::Virtual {
                    name: format!(":{number}"),
                    _server: server,
                });
            }
            interrupt::check()?;
            if let Some(status) = server.ended() {
                return Err(Error::Died {
                    what: "the virtual display",
                    status: status.to_string(),
                    tail: tail(&log),
                    log,
                });
            }
            if started.elapsed() > PATIENCE {
                return Err(Error::TimedOut {
                    what: "starting a virtual display".to_owned(),
                    limit: PATIENCE,
                    log,
                });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Its name, if it is not the user's own.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Own => None,
            Self::Virtual { name, .. } => Some(name),
        }
    }

    /// Has a program show its window here.
    pub(crate) fn show(&self, command: &mut Command) {
        let Self::Virtual { name, .. } = self else {
            return;
        };
        command
            .env("DISPLAY", name)
            .env_remove("WAYLAND_DISPLAY")
            // Without a graphics card the web view stays blank unless it draws by itself.
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1");
    }
}

/// The number in the log of Xvfb. It is there once its line is whole.
fn number(log: &Path) -> Option<u32> {
    let text = std::fs::read_to_string(log).ok()?;
    let whole = text.rfind('\n').map(|end| &text[..end])?;
    whole.lines().find_map(|line| line.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_display_is_read_when_its_line_is_whole() {
        let log = std::env::temp_dir().join(format!("xtask-display-{}", std::process::id()));
        for (text, expected) in [
            ("", None),
            ("1", None),
            ("12\n", Some(12)),
            ("a warning\n99\n", Some(99)),
        ] {
            std::fs::write(&log, text).expect("the temporary directory is writable");
            assert_eq!(number(&log), expected, "{text:?}");
        }
        std::fs::remove_file(&log).expect("the file is removable");
    }
}
