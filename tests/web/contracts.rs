//! The contracts of the ports, kept by the browser's adapters in the browser.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::harness::{contracts, world};

const PAGE: &str = r#"<!doctype html><title>not started</title><link rel="icon" href="data:,">
<script type="module">import start from "/contracts.js"; start();</script>"#;

#[test]
fn the_adapters_of_the_browser_keep_the_contracts_of_their_ports() {
    world().run(async |world| {
        let app = Router::new()
            .route("/", get(async || Html(PAGE)))
            .fallback(file);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has one");
        let server = tokio::spawn(async move { axum::serve(listener, app).await });

        let page = format!("http://{address}/?code=c&state=s");
        world.browser.open(&page).await;
        let is_kept = "document.title === 'every contract is kept'";
        world
            .browser
            .until("every contract is kept", is_kept, Vec::new())
            .await;
        server.abort();
    });
}

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
