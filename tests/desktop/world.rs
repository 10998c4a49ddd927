//! A desktop app with the real client and listener, a tenant, and a browser that knows how to fill in its form.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::Context;

use dioxus_auth0::client::{Client, Outcome};
use dioxus_auth0::config::{Config, Settings};
use dioxus_auth0::platform::memory::MemoryPlatform;
use dioxus_auth0::platform::native::{NativeClock, NativeEntropy, NativeHttp};
use dioxus_auth0::port::{Navigator, Platform};
use dioxus_auth0::{Error, LoginOptions};
use futures_channel::mpsc;
use futures_util::StreamExt;
use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use tenant::{Application, Tenant};
use url::Url;

use crate::harness::{Desktop, free_port};

const CLIENT_ID: &str = "dioxus-auth0-demo";

/// A tenant, a desktop app, and where its browser is sent.
pub(crate) struct World {
    pub(crate) tenant: Tenant,
    pub(crate) port: u16,
    pub(crate) memory: MemoryPlatform,
    pub(crate) client: Client,
    departures: RefCell<mpsc::UnboundedReceiver<Url>>,
    pub(crate) navigator: Rc<dyn Navigator>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let port = free_port().await;
        let application = Application::new(CLIENT_ID)
            .comes_back_to([port])
            .first_party(true);
        let tenant = Tenant::builder()
            .application(application)
            .demo_users()
            .start()
            .await
            .expect("a tenant");
        let (sender, departures) = mpsc::unbounded();
        let sender = Mutex::new(sender);
        let desktop = Desktop::with_browser(Arc::default(), move |url| {
            let sent = sender
                .lock()
                .expect("nobody panics")
                .unbounded_send(url.clone());
            sent.map_err(std::io::Error::other)
        });
        let navigator: Rc<dyn Navigator> = Rc::new(desktop.navigator);
        let memory = MemoryPlatform::new();
        let platform = Platform {
            clock: Rc::new(NativeClock),
            entropy: Rc::new(NativeEntropy),
            http: Rc::new(NativeHttp::default()),
            navigator: navigator.clone(),
            ..memory.platform()
        };
        let settings = Settings {
            domain: Some(tenant.issuer().to_owned()),
            client_id: CLIENT_ID.into(),
            loopback_ports: Some(vec![port]),
            ..Settings::default()
        };
        let config = Config::new(&settings).expect("the settings are right");
        Self {
            client: Client::new(config, platform),
            departures: RefCell::new(departures),
            tenant,
            port,
            memory,
            navigator,
        }
    }

    pub(crate) fn address(&self) -> std::net::SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    pub(crate) async fn shown(&self) -> Url {
        let next =
            |context: &mut Context<'_>| self.departures.borrow_mut().poll_next_unpin(context);
        std::future::poll_fn(next)
            .await
            .expect("the browser is opened")
    }

    /// Logs in as a person does, and returns what came of it and the last page they see.
    pub(crate) async fn log_in(&self, password: &str) -> (Result<Option<Outcome>, Error>, String) {
        let browse = async {
            let url = self.shown().await;
            Browser::new().log_in(url, password).await
        };
        tokio::join!(self.client.login(LoginOptions::default()), browse)
    }

    pub(crate) fn token_requests(&self) -> usize {
        let requests = self.tenant.requests();
        let is_exchange = |grant: &str| grant == "authorization_code";
        requests
            .iter()
            .filter(|request| request.grant_type.as_deref().is_some_and(is_exchange))
            .count()
    }
}

/// A browser with cookies, which asks as Chromium does and follows redirects by itself.
pub(crate) struct Browser {
    pub(crate) http: reqwest::Client,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new() -> Self {
        // Browsers go to loopback without a proxy.
        // Nobody else may have chosen one before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .build();
        Self {
            http: http.expect("a client"),
            cookies: BTreeMap::new(),
        }
    }

    pub(crate) async fn log_in(&mut self, url: Url, password: &str) -> String {
        let (url, page) = self.go(url, None).await;
        let mut form = hidden(&page);
        form.push(("email".into(), "ada@example.com".into()));
        form.push(("password".into(), password.to_owned()));
        let (url, page) = self.go(url, Some(form)).await;
        assert_eq!(url.query(), None, "the address bar is clean: {url}");
        page
    }

    /// Goes to `url`, or posts a form there, and on to where that leads.
    pub(crate) async fn go(
        &mut self,
        mut url: Url,
        mut form: Option<Vec<(String, String)>>,
    ) -> (Url, String) {
        loop {
            let cookies: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let mut request = match form.take() {
                None => self.http.get(url.clone()),
                Some(form) => {
                    let mut body = url::form_urlencoded::Serializer::new(String::new());
                    body.extend_pairs(form);
                    let kind = "application/x-www-form-urlencoded";
                    self.http
                        .post(url.clone())
                        .header("content-type", kind)
                        .body(body.finish())
                }
            };
            request = request
                .header("sec-fetch-dest", "document")
                .header("sec-fetch-mode", "navigate");
            if !cookies.is_empty() {
                request = request.header(COOKIE, cookies.join("; "));
            }
            let response = request.send().await.expect("an answer");
            self.keep(response.headers());
            match response.headers().get(LOCATION) {
                Some(location) => {
                    url = url.join(location.to_str().expect("text")).expect("a URL");
                }
                None => return (url, response.text().await.expect("text")),
            }
        }
    }

    pub(crate) fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let pair = cookie
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='));
            let (name, value) = pair.expect("a cookie");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

pub(crate) fn hidden(page: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag
            .split_once(&format!("{name}=\""))
            .expect("the attribute");
        let (value, _) = rest.split_once('"').expect("its end");
        value.replace("&amp;", "&").replace("&quot;", "\"")
    };
    let fields = page.split("<input type=\"hidden\" ").skip(1);
    fields
        .map(|field| (attribute(field, "name"), attribute(field, "value")))
        .collect()
}

pub(crate) fn query(url: &Url, name: &str) -> String {
    let mut pairs = url.query_pairs();
    let pair = pairs.find(|(found, _)| found == name);
    pair.expect("the parameter is there").1.into_owned()
}
