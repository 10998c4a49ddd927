//! The real client on the real files of this machine, and a user who logs in at the tenant without a browser.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use dioxus_auth0::client::{Client, Outcome};
use dioxus_auth0::config::{Config, Settings, WithoutKeychain};
use dioxus_auth0::platform::memory::{MemoryNavigator, MemoryStorage};
use dioxus_auth0::platform::native::{
    Keychain, NativeChannel, NativeClock, NativeConnection, NativeEntropy, NativeHttp, NativeKeys,
    NativeLock, NativeStorage, crypto,
};
use dioxus_auth0::port::Platform;
use dioxus_auth0::{AuthState, LoginOptions};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use serde_json::{Value, json};
use tenant::{Application, Builder, DEMO_PASSWORD, Endpoint, Fault, Tenant};
use url::Url;

use super::doubles::FileKeychain;
use super::process::LOCK_TIMEOUT;

const CLIENT_ID: &str = "client-1";

/// Starts a tenant where the client is registered, with rotation and strict detection of reuse.
pub(crate) async fn tenant() -> Tenant {
    tenant_of(application(), Tenant::builder()).await
}

/// The same, for this client and with what has been said of the tenant.
pub(crate) async fn tenant_of(application: Application, tenant: Builder) -> Tenant {
    let tenant = tenant.application(application).demo_users();
    tenant.start().await.expect("the tenant starts")
}

/// The client, as the tenant knows it.
pub(crate) fn application() -> Application {
    Application::new(CLIENT_ID)
        .callbacks(["https://app.example"])
        .first_party(true)
}

/// Makes the next token that the tenant issues one that has expired when it arrives.
pub(crate) fn expire_next_token(tenant: &Tenant) {
    let fault = Fault::Patch(json!({ "expires_in": 0 }));
    tenant.faults().set(Endpoint::Token, fault, Some(1));
}

/// Counts the refreshes that the tenant was asked for.
pub(crate) fn refreshes(tenant: &Tenant) -> usize {
    tenant.refreshes_by_token().values().sum()
}

/// What a test's app says about itself, as in its configuration file.
pub(crate) fn settings(issuer: &str) -> Value {
    json!({ "domain": issuer, "clientId": CLIENT_ID, "useRefreshTokens": true })
}

/// The ports of a machine that keeps sessions in `directory`. All are those of a desktop, but that nobody is taken to a
/// browser, and that a lock is not waited for as long.
pub(crate) fn ports(
    directory: &Path,
    keychain: Arc<dyn Keychain>,
    without_keychain: WithoutKeychain,
) -> Platform {
    let directory = directory.to_owned();
    let files = NativeStorage::new(Some(directory.clone()), keychain, without_keychain);
    let files = Rc::new(files);
    let lock = Rc::new(NativeLock::new(directory.clone()).timeout(LOCK_TIMEOUT));
    Platform {
        clock: Rc::new(NativeClock),
        entropy: Rc::new(NativeEntropy),
        crypto: crypto(),
        http: Rc::new(NativeHttp::default()),
        navigator: Rc::new(MemoryNavigator::default()),
        session_storage: Rc::new(MemoryStorage::default()),
        local_storage: files.clone(),
        usual_storage: files.clone(),
        lock: lock.clone(),
        channel: Rc::new(NativeChannel::new(Some(directory))),
        connection: Rc::new(NativeConnection),
        keys: Rc::new(NativeKeys::new(files, lock)),
    }
}

/// A client, and who takes its user to the provider.
pub(crate) struct Machine {
    pub(crate) client: Client,
    navigator: Rc<MemoryNavigator>,
}

impl Machine {
    pub(crate) fn new(settings: &Value, ports: Platform) -> Self {
        let settings = Settings::parse(settings.to_string().as_bytes());
        let settings = settings.expect("the test's settings can be read");
        let config = Config::new(&settings).expect("the test's settings are right");
        let navigator = Rc::new(MemoryNavigator::default());
        let platform = Platform {
            navigator: navigator.clone(),
            ..ports
        };
        Self {
            client: Client::new(config, platform),
            navigator,
        }
    }

    /// One without a keychain that keeps plain files.
    pub(crate) fn plain(issuer: &str, directory: &Path) -> Self {
        let nothing = Arc::new(FileKeychain(None));
        let ports = ports(directory, nothing, WithoutKeychain::PlainFile);
        Self::new(&settings(issuer), ports)
    }

    /// Logs a user in, all the way.
    pub(crate) async fn log_in(&self, email: &str) -> Outcome {
        let gone = self.client.login(LoginOptions::default()).await;
        assert_eq!(gone, Ok(None));
        let departures = self.navigator.departures();
        let back = visit(departures.last().expect("the user was sent away"), email).await;
        let outcome = self.client.callback(&back).await;
        assert!(
            matches!(outcome.state, AuthState::SignedIn(_)),
            "{outcome:?}"
        );
        outcome
    }
}

/// Goes to the login page as a browser would, and returns where the provider sends it back to.
async fn visit(authorize: &Url, email: &str) -> Url {
    // Nobody else may have chosen one before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    let mut cookies: Vec<String> = Vec::new();
    let mut request = http.get(authorize.clone());
    let mut url = authorize.clone();
    loop {
        let request_with_cookies = request.header(COOKIE, cookies.join("; "));
        let response = request_with_cookies.send().await.expect("an answer");
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("cookies are text");
            let cookie = cookie.split(';').next().unwrap_or_default();
            let name = cookie.split('=').next().unwrap_or_default().to_owned();
            cookies.retain(|old| old.split('=').next() != Some(&name));
            cookies.push(cookie.to_owned());
        }
        if let Some(location) = response.headers().get(LOCATION) {
            let location = location.to_str().expect("a location is text");
            url = url.join(location).expect("a location is a URL");
            if url.host_str() == Some("app.example") {
                return url;
            }
            request = http.get(url.clone());
            continue;
        }
        let html = response.text().await.expect("a page");
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for input in html.split("<input type=\"hidden\" ").skip(1) {
            form.append_pair(&attribute(input, "name"), &attribute(input, "value"));
        }
        form.append_pair("email", email);
        form.append_pair("password", DEMO_PASSWORD);
        request = http
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.finish());
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let start = tag.find(&format!("{name}=\"")).expect("the attribute") + name.len() + 2;
    let value = tag[start..].split('"').next().expect("a value");
    value.replace("&quot;", "\"").replace("&amp;", "&")
}
