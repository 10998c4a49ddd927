//! The real client on the real files of this machine, and a user who logs in at the tenant without a browser.

use std::cell::RefCell;
use std::rc::Rc;

use dioxus_auth0::client::{Client, Outcome};
use dioxus_auth0::config::{Config, Settings};
use dioxus_auth0::platform::memory::{MemoryNavigator, MemoryPlatform, MemoryStorage};
use dioxus_auth0::platform::native::{NativeClock, NativeEntropy, NativeHttp, crypto};
use dioxus_auth0::port::{Held, Http, HttpRequest, HttpResponse, Lock, Platform, Storage, Task};
use dioxus_auth0::{AuthState, LoginOptions};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use serde_json::json;
use tenant::{Application, DEMO_PASSWORD, Endpoint, Fault, Tenant};
use url::Url;

use super::worker::{next_line, say};

const CLIENT_ID: &str = "client-1";

/// Starts a tenant where the client is registered, with rotation and strict detection of reuse.
pub(crate) async fn tenant() -> Tenant {
    let app = Application::new(CLIENT_ID)
        .callbacks(["https://app.example"])
        .first_party(true);
    let tenant = Tenant::builder().application(app).demo_users();
    tenant.start().await.expect("the tenant starts")
}

/// Makes the next token that the tenant issues one that has expired when it arrives.
pub(crate) fn expire_next_token(tenant: &Tenant) {
    let fault = Fault::Patch(json!({ "expires_in": 1 }));
    tenant.faults().set(Endpoint::Token, fault, Some(1));
}

/// Counts the refreshes that the tenant was asked for.
pub(crate) fn refreshes(tenant: &Tenant) -> usize {
    let requests = tenant.requests().into_iter();
    let refreshes =
        requests.filter(|request| request.grant_type.as_deref() == Some("refresh_token"));
    refreshes.count()
}

/// A client, and the ports it was given.
pub(crate) struct Machine {
    pub(crate) client: Client,
    config: Config,
    navigator: Rc<MemoryNavigator>,
    platform: Platform,
}

impl Machine {
    pub(crate) fn new(issuer: &str, files: Rc<dyn Storage>, lock: Rc<dyn Lock>) -> Self {
        let navigator = Rc::new(MemoryNavigator::default());
        let platform = Platform {
            clock: Rc::new(NativeClock),
            entropy: Rc::new(NativeEntropy),
            crypto: crypto(),
            http: Rc::new(NativeHttp::default()),
            navigator: navigator.clone(),
            session_storage: Rc::new(MemoryStorage::default()),
            local_storage: files.clone(),
            usual_storage: files,
            lock,
            ..MemoryPlatform::new().platform()
        };
        let settings = Settings {
            domain: Some(issuer.to_owned()),
            client_id: CLIENT_ID.into(),
            use_refresh_tokens: true,
            ..Settings::default()
        };
        let config = Config::new(&settings).expect("the test's settings are right");
        Self {
            client: Client::new(config.clone(), platform.clone()),
            config,
            navigator,
            platform,
        }
    }

    /// The same machine, stopping where it is told to.
    pub(crate) fn pausing(mut self, pause: Pause) -> Self {
        let files: Rc<dyn Storage> = Rc::new(PausingStorage {
            storage: self.platform.usual_storage.clone(),
            pause: pause.clone(),
        });
        self.platform.lock = Rc::new(PausingLock {
            lock: self.platform.lock.clone(),
            pause: pause.clone(),
        });
        self.platform.http = Rc::new(PausingHttp {
            http: self.platform.http.clone(),
            pause,
        });
        self.platform.local_storage = files.clone();
        self.platform.usual_storage = files;
        self.client = Client::new(self.config.clone(), self.platform.clone());
        self
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

/// Where a process is to stop until it is told to go on.
#[derive(Clone, Default)]
pub(crate) struct Pause(Rc<RefCell<Option<String>>>);

impl Pause {
    pub(crate) fn at(&self, stage: &str) {
        self.0.replace(Some(stage.to_owned()));
    }

    /// Says that the stage is reached, and stands still until the next line.
    fn reach(&self, stage: &str) {
        if self.0.borrow().as_deref() == Some(stage) {
            self.0.take();
            say(&format!("at {stage}"));
            next_line();
        }
    }
}

struct PausingStorage {
    storage: Rc<dyn Storage>,
    pause: Pause,
}

impl Storage for PausingStorage {
    fn get<'a>(&'a self, key: &'a str) -> Task<'a, Option<String>> {
        self.storage.get(key)
    }

    fn set<'a>(&'a self, key: &'a str, text: &'a str) -> Task<'a, ()> {
        self.storage.set(key, text)
    }

    fn swap<'a>(&'a self, key: &'a str, from: &'a str, to: &'a str) -> Task<'a, bool> {
        self.pause.reach("write");
        self.storage.swap(key, from, to)
    }

    fn remove<'a>(&'a self, key: &'a str) -> Task<'a, ()> {
        self.storage.remove(key)
    }

    fn keys<'a>(&'a self, prefix: &'a str) -> Task<'a, Vec<String>> {
        self.storage.keys(prefix)
    }
}

struct PausingLock {
    lock: Rc<dyn Lock>,
    pause: Pause,
}

impl Lock for PausingLock {
    fn hold<'a>(&'a self, name: &'a str) -> Task<'a, Held> {
        Box::pin(async move {
            let held = self.lock.hold(name).await;
            self.pause.reach("locked");
            held
        })
    }
}

struct PausingHttp {
    http: Rc<dyn Http>,
    pause: Pause,
}

impl Http for PausingHttp {
    fn send(&self, request: HttpRequest) -> Task<'_, HttpResponse> {
        let is_token = request.uri().path() == "/oauth/token";
        Box::pin(async move {
            if is_token {
                self.pause.reach("send");
            }
            let response = self.http.send(request).await;
            if is_token {
                self.pause.reach("answer");
            }
            response
        })
    }
}
