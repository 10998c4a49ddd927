//! A tenant, a site and a browser that know each other, set up for one test.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::{Value, json};
use tenant::{Application, Builder, DEMO_PASSWORD, Recorded, Store, Tenant};
use tokio::sync::Semaphore;

use super::browser::Browser;
use super::site::{App, Cached, Served, Site};

/// The demo user with metadata.
pub(crate) const ADA: &str = "ada@example.com";
/// The demo user without metadata.
pub(crate) const GRACE: &str = "grace@example.com";
/// The demo user who is blocked.
pub(crate) const MALLORY: &str = "mallory@example.com";

const CLIENT_ID: &str = "dioxus-auth0-web-tests";
const APPLICATION: &str = "The app under test";

/// How many browsers may run at a time.
static SLOTS: Semaphore = Semaphore::const_new(2);

/// Everything a test works with.
pub(crate) struct World {
    pub(crate) browser: Browser,
    pub(crate) site: Site,
    tenant: Option<Tenant>,
    setup: Setup,
    store: Store,
    issuer: String,
    port: u16,
}

/// Starts describing a world.
pub(crate) fn world() -> Setup {
    Setup {
        asks_consent: false,
        app: App::Bundle,
        cached: Cached::No,
        application: |application| application,
        tenant: |builder| builder,
        config: |_| {},
    }
}

/// How a world differs from the usual one.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    asks_consent: bool,
    app: App,
    cached: Cached,
    application: fn(Application) -> Application,
    tenant: fn(Builder) -> Builder,
    config: fn(&mut Value),
}

impl Setup {
    /// Lets the tenant ask each user for consent.
    pub(crate) fn asking_consent(mut self) -> Self {
        self.asks_consent = true;
        self
    }

    /// Lets the browser keep the living page for the way back.
    pub(crate) fn kept_for_back(mut self) -> Self {
        self.cached = Cached::ForBack;
        self
    }

    /// Serves the page of buttons in place of the app.
    pub(crate) fn with_buttons(mut self) -> Self {
        self.app = App::Buttons;
        self
    }

    /// Changes what the tenant knows of the app.
    pub(crate) fn application(mut self, application: fn(Application) -> Application) -> Self {
        self.application = application;
        self
    }

    /// Changes the tenant.
    pub(crate) fn tenant(mut self, tenant: fn(Builder) -> Builder) -> Self {
        self.tenant = tenant;
        self
    }

    /// Changes the configuration of the app.
    pub(crate) fn config(mut self, config: fn(&mut Value)) -> Self {
        self.config = config;
        self
    }

    /// Runs a test in this world, checks that the console has nothing to complain of, and clears everything away.
    pub(crate) fn run(self, test: impl AsyncFnOnce(&mut World)) {
        let name = std::thread::current()
            .name()
            .unwrap_or("test")
            .replace("::", "-");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime can be built");
        runtime.block_on(async {
            let _slot = SLOTS
                .acquire()
                .await
                .expect("the semaphore is never closed");
            let mut world = self.start(&name).await;
            let outcome = AssertUnwindSafe(async {
                test(&mut world).await;
                let complaints = world.browser.complaints().await;
                assert!(
                    complaints.is_empty(),
                    "the console complains: {complaints:#?}"
                );
            })
            .catch_unwind()
            .await;
            if let Err(panic) = outcome {
                report(&world.browser.keep_evidence(&name).await);
                world.browser.quit().await;
                resume_unwind(panic);
            }
            world.browser.quit().await;
        });
    }

    async fn start(self, name: &str) -> World {
        let (listener, origin) = Site::bind().await;
        let store = Store::memory().expect("a store in memory can be made");
        let tenant = self.tenant_at(&origin, store.clone(), 0).await;
        let issuer = tenant.issuer().to_owned();
        let config = Served::Text(self.config_for(&tenant).to_string());
        let site = Site::serve(listener, origin, &issuer, config, self.cached, self.app);
        World {
            browser: Browser::start(name, site.origin()).await,
            site,
            port: tenant.port(),
            tenant: Some(tenant),
            setup: self,
            store,
            issuer,
        }
    }

    async fn tenant_at(self, origin: &str, store: Store, port: u16) -> Tenant {
        let application = Application::new(CLIENT_ID)
            .name(APPLICATION)
            .served_at(origin)
            .first_party(!self.asks_consent);
        let builder = Tenant::builder()
            .application((self.application)(application))
            .demo_users()
            .store(store)
            .port(port);
        let started = (self.tenant)(builder).start().await;
        started.expect("the tenant starts")
    }

    fn config_for(self, tenant: &Tenant) -> Value {
        let mut config = json!({
            "domain": tenant.issuer().trim_end_matches('/'),
            "clientId": CLIENT_ID,
            "audience": tenant.audience(),
            "scope": "openid profile email read:current_user update:current_user_metadata",
        });
        (self.config)(&mut config);
        config
    }
}

impl World {
    /// The tenant, while it runs.
    pub(crate) fn tenant(&self) -> &Tenant {
        self.tenant.as_ref().expect("the tenant runs")
    }

    /// The tenant's issuer.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Which application the app is at the tenant.
    pub(crate) fn client_id(&self) -> &'static str {
        CLIENT_ID
    }

    /// The tenant's host and port.
    pub(crate) fn host(&self) -> &str {
        self.issuer
            .trim_start_matches("http://")
            .trim_end_matches('/')
    }

    /// Stops the tenant. Its users, sessions and grants outlive that.
    pub(crate) async fn stop_tenant(&mut self) {
        let tenant = self.tenant.take().expect("the tenant runs");
        tenant.stop().await;
    }

    /// Starts the tenant again, on its port.
    pub(crate) async fn restart_tenant(&mut self) {
        let store = self.store.clone();
        let origin = self.site.origin();
        let tenant = self.setup.tenant_at(origin, store, self.port).await;
        self.tenant = Some(tenant);
    }

    /// Logs in through the tenant's page, which is shown or about to be.
    pub(crate) async fn enter(&self, email: &str) {
        let browser = &self.browser;
        browser.fill("E-mail address", email).await;
        browser.fill("Password", DEMO_PASSWORD).await;
        browser.click("Continue").await;
    }

    /// Logs in from the front page of the app.
    pub(crate) async fn log_in(&self, email: &str) {
        self.browser.open("/").await;
        self.browser.click("Log in").await;
        self.enter(email).await;
        self.browser.sees("Hello, ").await;
    }

    /// Waits until the app is back from a logout.
    pub(crate) async fn is_out(&self) {
        self.browser.is_at("/").await;
        self.browser.control("main", "Log in").await;
    }

    /// Waits until nothing has reached the tenant for a while, and returns what the app has asked of it, as
    /// `POST /oauth/token`: without pages, pictures, preflights and what the browser fetches by itself.
    pub(crate) async fn asked(&self) -> Vec<String> {
        let mut seen = self.tenant().requests().len();
        loop {
            tokio::time::sleep(Duration::from_millis(400)).await;
            let now = self.tenant().requests().len();
            if now == seen {
                break;
            }
            seen = now;
        }
        let requests = self.tenant().requests();
        let asked = requests.iter().filter(|request| is_asked(request));
        asked
            .map(|request| format!("{} {}", request.method, request.path))
            .collect()
    }

    /// How often the app has asked for tokens.
    pub(crate) async fn token_requests(&self) -> usize {
        let asked = self.asked().await;
        asked
            .iter()
            .filter(|one| *one == "POST /oauth/token")
            .count()
    }
}

fn is_asked(request: &Recorded) -> bool {
    let aside = [
        "/u/",
        "/assets/",
        "/pictures/",
        "/dashboard",
        "/favicon.ico",
    ];
    let is_page =
        request.path == "/authorize" || aside.iter().any(|path| request.path.starts_with(path));
    request.method != "OPTIONS" && !is_page
}

#[expect(
    clippy::print_stderr,
    reason = "the test harness shows it with the failure"
)]
fn report(text: &str) {
    eprintln!("{text}");
}
