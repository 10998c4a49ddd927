//! The web server of the app: the bundle, a configuration file, and the headers a careful host would send.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::env;

/// The path of the configuration file.
const CONFIG_FILE: &str = "/auth_config.json";

/// What stands at [`CONFIG_FILE`].
#[derive(Clone)]
pub(crate) enum Served {
    /// This text, as JSON.
    Text(String),
    /// Nothing, so that the front page answers, with status 200, as dx does.
    FrontPage,
    /// Status 404.
    Nothing,
}

/// How the browser may keep the front page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cached {
    /// Not at all; it is loaded again on Back.
    No,
    /// For the way back: the browser may keep the living page.
    ForBack,
}

/// What is served.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum App {
    /// The release bundle.
    Bundle,
    /// The page of buttons, which may open popups and frames.
    Buttons,
}

/// Starts the page of buttons.
const START: &str = r#"import start from "/buttons.js"; start();"#;
/// Where [`START`] is, since the policy forbids scripts in the page.
const START_FILE: &str = "/start.js";
const BUTTONS: &str = r#"<!doctype html><html lang="en"><title>Buttons</title>
<div id="main"></div><script type="module" src="/start.js"></script></html>"#;

/// Where the app is shown, and what starts it, as they stand in the front page.
const MAIN: &str = r#"<div id="main">"#;
const PROGRAM: &str = r#"<script type="module""#;

/// The running server.
pub(crate) struct Site {
    origin: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    app: App,
    bundle: PathBuf,
    policy: String,
    cached: Cached,
    config: Mutex<Served>,
    drawn: Mutex<Option<String>>,
    referrers: Mutex<Vec<String>>,
    callbacks: Mutex<Vec<String>>,
}

impl Site {
    /// Binds a free port, so that the tenant can be told the origin before anything is served.
    pub(crate) async fn bind() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has one");
        (listener, format!("http://{address}"))
    }

    /// Serves the bundle for the tenant at `issuer`.
    pub(crate) fn serve(
        listener: TcpListener,
        origin: String,
        issuer: &str,
        config: Served,
        cached: Cached,
        app: App,
    ) -> Self {
        let shared = Arc::new(Shared {
            app,
            bundle: match app {
                App::Bundle => env::bundle(),
                App::Buttons => env::buttons(),
            },
            policy: policy(app, issuer),
            cached,
            config: Mutex::new(config),
            drawn: Mutex::default(),
            referrers: Mutex::default(),
            callbacks: Mutex::default(),
        });
        let router = Router::new().fallback(answer).with_state(shared.clone());
        let server = tokio::spawn(async move {
            axum::serve(listener, router)
                .await
                .expect("a bound listener serves until it is dropped");
        });
        Self {
            origin,
            shared,
            server,
        }
    }

    /// The origin, without a slash.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Replaces what stands at [`CONFIG_FILE`].
    pub(crate) fn set_config(&self, config: Served) {
        *lock(&self.shared.config) = config;
    }

    /// Lets the front page show this HTML where the app would be, with its looks and without its program.
    pub(crate) fn draw(&self, html: String) {
        *lock(&self.shared.drawn) = Some(html);
    }

    /// Every `Referer` that was sent here.
    pub(crate) fn referrers(&self) -> Vec<String> {
        lock(&self.shared.referrers).clone()
    }

    /// The paths and queries of every answer to a login that arrived here.
    pub(crate) fn callbacks(&self) -> Vec<String> {
        lock(&self.shared.callbacks).clone()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn policy(app: App, issuer: &str) -> String {
    let frames = match app {
        App::Bundle => "frame-ancestors 'none'".to_owned(),
        // The provider in a frame, and this app in it when it comes back.
        App::Buttons => format!("frame-src {issuer} 'self'; frame-ancestors 'self'"),
    };
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self' {issuer}; \
         img-src 'self' {issuer}; base-uri 'none'; form-action 'none'; {frames}"
    )
}

async fn answer(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    if let Some(referrer) = headers.get(header::REFERER) {
        let referrer = referrer.to_str().unwrap_or("not ASCII").to_owned();
        lock(&shared.referrers).push(referrer);
    }
    if uri.query().is_some_and(|query| query.contains("code=")) {
        lock(&shared.callbacks).push(uri.to_string());
    }
    let mut response = if uri.path() == CONFIG_FILE {
        let config = lock(&shared.config).clone();
        match config {
            Served::Text(text) => (typed("json"), text).into_response(),
            Served::FrontPage => shared.front_page(),
            Served::Nothing => StatusCode::NOT_FOUND.into_response(),
        }
    } else {
        shared.file(uri.path())
    };
    let opener = match shared.app {
        App::Bundle => "same-origin",
        App::Buttons => "same-origin-allow-popups",
    };
    for (name, value) in [
        ("content-security-policy", shared.policy.as_str()),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", opener),
    ] {
        let value = HeaderValue::try_from(value).expect("the policy is ASCII");
        response.headers_mut().insert(name, value);
    }
    response
}

impl Shared {
    fn file(&self, path: &str) -> Response {
        if self.app == App::Buttons && path == START_FILE {
            return (typed("js"), START).into_response();
        }
        let path = Path::new(path.trim_start_matches('/'));
        let is_inside = path
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        let extension = path.extension().and_then(|extension| extension.to_str());
        match (is_inside, extension) {
            (true, Some(extension)) => match std::fs::read(self.bundle.join(path)) {
                Ok(bytes) => (typed(extension), kept(), bytes).into_response(),
                Err(_) => self.front_page(),
            },
            _ => self.front_page(),
        }
    }

    /// What every address without a file of its own answers: the router of the app knows better.
    fn front_page(&self) -> Response {
        let html = match self.app {
            App::Bundle => std::fs::read_to_string(self.bundle.join("index.html")),
            App::Buttons => Ok(BUTTONS.into()),
        };
        let mut html = html.expect("a bundle has a front page");
        if let Some(drawn) = &*lock(&self.drawn) {
            html = html.replace(MAIN, &[MAIN, drawn].concat());
            html = html.replace(PROGRAM, "<script type=\"none\"");
            html = html.replace("<html>", "<html lang=\"en\">");
        }
        let cache = match self.cached {
            Cached::No => "no-store",
            Cached::ForBack => "no-cache",
        };
        (typed("html"), [(header::CACHE_CONTROL, cache)], html).into_response()
    }
}

fn typed(extension: &str) -> [(header::HeaderName, &'static str); 1] {
    let kind = match extension {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "ico" => "image/x-icon",
        "png" => "image/png",
        other => panic!("the bundle has a file of a kind the server does not know: {other}"),
    };
    [(header::CONTENT_TYPE, kind)]
}

fn kept() -> [(header::HeaderName, &'static str); 1] {
    [(header::CACHE_CONTROL, "public, max-age=31536000, immutable")]
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
