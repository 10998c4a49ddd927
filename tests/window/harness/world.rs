//! A tenant, a desktop and a browser script that know each other, set up for one test.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;
use tenant::{Application, Tenant};
use tokio::sync::Mutex;
use url::Url;

use super::browser::{Browser, Opener};
use super::desktop::Desktop;
use super::window::{PATIENCE, Window};

/// The demo user with metadata.
pub(crate) const ADA: &str = "ada@example.com";

const CLIENT_ID: &str = "dioxus-auth0-window-tests";
/// Registered with the tenant, and tried by the app in this order.
const PORTS: [u16; 3] = [14410, 14411, 14412];

/// Longer than all waits of a test together.
const LONGEST: Duration = Duration::from_secs(300);

/// The ports of the app are those of the machine, and its processors are few: one window at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Everything a test works with.
pub(crate) struct World {
    pub(crate) desktop: Desktop,
    pub(crate) tenant: Tenant,
    pub(crate) opener: Opener,
}

/// Runs a test in a world of its own.
pub(crate) fn world(test: impl AsyncFnOnce(&mut World)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be built");
    runtime.block_on(async {
        let _alone = ALONE.lock().await;
        let desktop = Desktop::start().await;
        let opener = Opener::install(&desktop);
        let mut world = World {
            desktop,
            tenant: tenant().await,
            opener,
        };
        let ended = tokio::time::timeout(LONGEST, test(&mut world)).await;
        ended.expect("a test ends long before that");
    });
    // What still waits in the background shall not keep a failed test from being reported.
    runtime.shutdown_background();
}

async fn tenant() -> Tenant {
    let callbacks = PORTS.map(|port| format!("http://127.0.0.1:{port}/callback"));
    let application = Application::new(CLIENT_ID)
        .name("The app under test")
        .callbacks(callbacks)
        .first_party(true);
    let tenant = Tenant::builder().application(application).demo_users();
    tenant.start().await.expect("the tenant starts")
}

impl World {
    /// What the program is told in its environment.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let scope =
            "openid profile email offline_access read:current_user update:current_user_metadata";
        vec![
            (
                "AUTH0_DOMAIN",
                self.tenant.issuer().trim_end_matches('/').to_owned(),
            ),
            ("AUTH0_CLIENT_ID", CLIENT_ID.to_owned()),
            ("AUTH0_AUDIENCE", self.tenant.audience()),
            ("AUTH0_SCOPE", scope.to_owned()),
            ("BROWSER", self.opener.variable()),
        ]
    }

    /// Logs in: the button in the window, the login page in the browser, and back.
    pub(crate) async fn log_in(opener: &mut Opener, browser: &Browser, window: &mut Window<'_>) {
        window.press("Log in").await;
        browser.open(&opener.next().await).await;
        browser.enter(ADA).await;
        browser.sees("You can close this window").await;
        window.sees("Hello, Ada Lovelace").await;
    }

    /// What the tenant keeps about Ada.
    pub(crate) fn metadata(&self) -> Value {
        let users = self.tenant.users().expect("the store is in memory");
        let ada = users.into_iter().find(|user| user.email == ADA);
        let kept = ada.and_then(|user| user.user_metadata);
        kept.map_or(Value::Null, Value::Object)
    }

    /// How often the tenant was asked for `path` by `method`.
    pub(crate) fn asked(&self, method: &str, path: &str) -> usize {
        let requests = self.tenant.requests();
        let asked = requests.iter();
        asked
            .filter(|one| one.method == method && one.path.starts_with(path))
            .count()
    }
}

/// The port of this machine that the login at `url` comes back to.
pub(crate) fn way_back(url: &Url) -> u16 {
    let query = url.query_pairs().find(|(name, _)| name == "redirect_uri");
    let (_, uri) = query.expect("the login says where it comes back to");
    let uri = Url::parse(&uri).expect("the way back is a URL");
    uri.port().expect("the way back is a port of this machine")
}

/// Waits until nobody listens on a port.
pub(crate) async fn closes(port: u16) {
    let deadline = Instant::now() + PATIENCE;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
        assert!(Instant::now() < deadline, "port {port} stays open");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
