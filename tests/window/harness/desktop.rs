//! What a desktop gives a program: a display, a session bus with the accessibility service, and a home directory.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use x11rb::CURRENT_TIME;
use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt, EventMask};
use zbus::Connection;
use zbus::connection::Builder;
use zbus::zvariant::Value;

const SCREEN: &str = "1440x900x24";

/// One person's desktop. It ends, with all that runs on it, when it is dropped.
pub(crate) struct Desktop {
    home: TempDir,
    display: String,
    session_bus: String,
    /// The bus on which programs tell what they show.
    accessibility: Connection,
    _xvfb: Child,
    _dbus: Child,
}

impl Desktop {
    /// Starts an empty one.
    pub(crate) async fn start() -> Self {
        // Short, since the path of a socket must be.
        let home = TempDir::with_prefix("desktop-").expect("a directory can be made");
        for dir in ["config", "data", "cache", "state", "run"] {
            std::fs::create_dir(home.path().join(dir)).expect("the directory is writable");
        }
        let mut xvfb = Command::new("Xvfb");
        xvfb.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            SCREEN,
            "-nolisten",
            "tcp",
        ]);
        let (xvfb, number) = first_line(xvfb).await;
        let display = format!(":{number}");
        let mut dbus = Command::new("dbus-daemon");
        dbus.args(["--session", "--nofork", "--print-address=1"]);
        surround(&mut dbus, home.path(), &display);
        let (dbus, session_bus) = first_line(dbus).await;
        let accessibility = accessibility(&session_bus).await;
        Self {
            home,
            display,
            session_bus,
            accessibility,
            _xvfb: xvfb,
            _dbus: dbus,
        }
    }

    /// A program on this desktop, which sees nothing of the one the tests run on.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        surround(&mut command, self.home.path(), &self.display);
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &self.session_bus)
            .kill_on_drop(true);
        command
    }

    /// The home directory.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Asks a window to close, as a window manager does when its button is pressed. There is none here.
    pub(crate) fn close_window(&self, window: u32) -> Result<(), Box<dyn std::error::Error>> {
        let (x, _) = x11rb::connect(Some(&self.display))?;
        let atom = |name: &[u8]| x.intern_atom(false, name);
        let (protocols, delete) = (atom(b"WM_PROTOCOLS")?, atom(b"WM_DELETE_WINDOW")?);
        let (protocols, delete) = (protocols.reply()?.atom, delete.reply()?.atom);
        let event = ClientMessageEvent::new(32, window, protocols, [delete, CURRENT_TIME, 0, 0, 0]);
        // Its answer is waited for: the server does not read to the end what a client said that is gone.
        x.send_event(false, window, EventMask::NO_EVENT, event)?
            .check()?;
        Ok(())
    }

    /// The connection of a screen reader.
    pub(crate) fn accessibility(&self) -> &Connection {
        &self.accessibility
    }

    /// What the programs that were tested have written into their log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.home().join("app.log")).unwrap_or_default()
    }

    /// Keeps a picture of the screen, and says where.
    #[expect(clippy::print_stdout, reason = "whoever runs the tests wants to look")]
    pub(crate) async fn picture(&self, test: &str, stage: &str) {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window");
        std::fs::create_dir_all(&dir).expect("the target directory is writable");
        let file = dir.join(format!("{test}-{stage}.png"));
        let mut import = self.command("import");
        import.args(["-window", "root"]).arg(&file);
        let status = import.status().await;
        assert!(
            status.is_ok_and(|status| status.success()),
            "a picture is taken"
        );
        println!("picture: {}", file.display());
    }
}

/// Programs that draw without a graphics card, in a home of their own.
fn surround(command: &mut Command, home: &Path, display: &str) {
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LANG", "C.UTF-8")
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("XDG_STATE_HOME", home.join("state"))
        .env("XDG_RUNTIME_DIR", home.join("run"))
        .env("DISPLAY", display)
        .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
        .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
        .env("LIBGL_ALWAYS_SOFTWARE", "1");
}

/// Starts a server that says in its first line where it is.
async fn first_line(mut command: Command) -> (Child, String) {
    let program = command.as_std().get_program().to_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| {
            panic!("{program:?} starts: {error}; `cargo xtask setup` installs it")
        });
    let stdout = child.stdout.take().expect("its output is piped");
    let line = BufReader::new(stdout).lines().next_line().await;
    let line = line.ok().flatten();
    (
        child,
        line.unwrap_or_else(|| panic!("{program:?} says where it is")),
    )
}

/// Says that somebody needs to be told what is shown, as a screen reader does when it starts.
async fn accessibility(session_bus: &str) -> Connection {
    let connect = async |address: &str| Builder::address(address)?.build().await;
    let connected = async {
        let session = connect(session_bus).await?;
        let (name, path) = ("org.a11y.Bus", "/org/a11y/bus");
        let properties = Some("org.freedesktop.DBus.Properties");
        let wanted = ("org.a11y.Status", "IsEnabled", Value::from(true));
        session
            .call_method(Some(name), path, properties, "Set", &wanted)
            .await?;
        let address = session
            .call_method(Some(name), path, Some(name), "GetAddress", &())
            .await?;
        let address: String = address.body().deserialize()?;
        connect(&address).await
    };
    connected
        .await
        .expect("the session has an accessibility bus; `cargo xtask setup` installs at-spi2-core")
}
