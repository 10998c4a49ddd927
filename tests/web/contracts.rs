//! The contracts of the ports, kept by the browser's adapters in the browser.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Path;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::harness::{Browser, contracts, world};

/// How long a person would wait.
const PATIENCE: Duration = Duration::from_secs(20);

const PAGE: &str = r#"<!doctype html><title>not started</title><link rel="icon" href="data:,">
<script type="module">import start from "/contracts.js"; start();</script>"#;

#[test]
fn the_adapters_of_the_browser_keep_the_contracts_of_their_ports() {
    world().run(async |world| {
        let browser = &world.browser;
        let site = Site::start().await;
        browser.open(&site.at("/?code=c&state=s")).await;
        is_kept(browser).await;

        let extractable = browser.run_async(EXTRACTABLE).await;
        assert_eq!(extractable, false, "no script may read a private key");
    });
}

#[test]
fn a_popup_or_a_frame_brings_back_the_answer_that_is_waited_for_and_is_gone() {
    world().run(async |world| {
        let browser = &world.browser;
        let site = Site::start().await;
        browser.open(&site.at("/places")).await;
        for _ in 0..2 {
            let title = "/every contract is kept|close the popup|panicked/.test(document.title)";
            browser
                .until("there is a popup to close", title, Vec::new())
                .await;
            let title = browser.run("return document.title").await;
            assert_eq!(title, "close the popup");
            close_the_popup(browser).await;
            browser.run("delete document.hasFocus").await;
            let title = "document.title !== 'close the popup'";
            browser.until("it is noticed", title, Vec::new()).await;
            browser
                .run("if (document.title === 'it was closed') document.title = ''")
                .await;
        }
        is_kept(browser).await;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = popups(browser).await;
            if left.is_empty() {
                break;
            }
            assert!(Instant::now() < deadline, "a popup stays: {left:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
}

/// Looks into what the adapter has stored.
const EXTRACTABLE: &str = "const done = arguments[arguments.length - 1];
    const open = indexedDB.open('dioxus-auth0');
    open.onsuccess = () => {
        const read = open.result.transaction('keys').objectStore('keys').get('kept');
        read.onsuccess = () => done(read.result.privateKey.extractable);
    };";

async fn is_kept(browser: &Browser) {
    let ended = "/every contract is kept|panicked/.test(document.title)";
    browser.until("the page is done", ended, Vec::new()).await;
    let title = browser.run("return document.title").await;
    assert_eq!(title, "every contract is kept");
}

/// Closes it as a user does, once the provider's page is there.
async fn close_the_popup(browser: &Browser) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let [popup] = popups(browser).await.as_slice()
            && popup["url"]
                .as_str()
                .is_some_and(|url| url.contains("/provider/"))
        {
            let target = json!({ "targetId": popup["targetId"] });
            browser.devtools("Target.closeTarget", target).await;
            return;
        }
        assert!(Instant::now() < deadline, "there is a popup");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn popups(browser: &Browser) -> Vec<Value> {
    let targets = browser.devtools("Target.getTargets", json!({})).await;
    let targets = targets["targetInfos"].as_array().cloned();
    let mut targets = targets.unwrap_or_default();
    targets.retain(|target| {
        let url = target["url"].as_str().unwrap_or_default();
        target["type"] == "page" && !url.contains("/places")
    });
    targets
}

/// A server of the page, and of a provider that answers without asking anybody.
struct Site {
    origin: String,
    server: JoinHandle<()>,
}

impl Site {
    async fn start() -> Self {
        let app = Router::new()
            .route("/", get(async || Html(PAGE)))
            .route("/places", get(async || Html(PAGE)))
            .route("/back", get(async || Html(PAGE)))
            .route("/headers", get(headers))
            .route("/provider/{kind}", get(provider))
            .fallback(file);
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has one");
        let server = tokio::spawn(async move {
            let served = axum::serve(listener, app).await;
            served.expect("a bound listener serves until it is dropped");
        });
        Self {
            origin: format!("http://{address}"),
            server,
        }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What the protocol reads, and something else.
async fn headers() -> impl IntoResponse {
    [
        ("content-type", "application/json"),
        ("date", "Tue, 14 Nov 2023 22:13:20 GMT"),
        ("dpop-nonce", "n"),
        ("etag", "e"),
        ("retry-after", "7"),
        ("www-authenticate", "DPoP error=\"use_dpop_nonce\""),
        ("x-ratelimit-reset", "1700000000"),
    ]
}

/// Leads back with an answer, or does not.
async fn provider(Path(kind): Path<String>, headers: HeaderMap, uri: Uri) -> Response {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let back = host.unwrap_or_default().replace("localhost", "127.0.0.1");
    let query = uri.query().unwrap_or_default();
    let state = query.trim_start_matches("state=");
    let back = match kind.as_str() {
        "stray" => format!("http://{back}/back?code=c&state=stray&meant={state}"),
        _ => format!("http://{back}/back?code=c&state={state}"),
    };
    match kind.as_str() {
        "stay" => Html("The login page").into_response(),
        "apart-stay" => (APART, Html("The login page")).into_response(),
        // It stays for longer than it takes to find that a popup is gone.
        "apart" => {
            let page = format!(r#"<meta http-equiv="refresh" content="2; url={back}">"#);
            (APART, Html(page)).into_response()
        }
        _ => Redirect::to(&back).into_response(),
    }
}

const APART: [(HeaderName, &str); 1] = [(
    HeaderName::from_static("cross-origin-opener-policy"),
    "same-origin",
)];

/// What `wasm-bindgen` has written, which the page and its modules ask for.
async fn file(uri: Uri) -> Response {
    let path = contracts().join(uri.path().trim_start_matches('/'));
    let kind = match path.extension().and_then(|extension| extension.to_str()) {
        Some("wasm") => "application/wasm",
        _ => "text/javascript",
    };
    match std::fs::read(&path) {
        Ok(bytes) => ([(CONTENT_TYPE, kind)], bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
