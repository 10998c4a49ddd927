//! The contracts of the ports, kept by the browser's adapters in the browser.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::harness::{contracts, world};

const PAGE: &str = r#"<!doctype html><title>not started</title><link rel="icon" href="data:,">
<script type="module">import start from "/contracts.js"; start();</script>"#;

#[test]
fn the_adapters_of_the_browser_keep_the_contracts_of_their_ports() {
    world().run(async |world| {
        let file = |name: &str, kind: &'static str| {
            let bytes = std::fs::read(contracts().join(name)).expect("the page was built");
            get(async move || ([(CONTENT_TYPE, kind)], bytes))
        };
        let app = Router::new()
            .route("/", get(async || Html(PAGE)))
            .route("/contracts.js", file("contracts.js", "text/javascript"))
            .route(
                "/contracts_bg.wasm",
                file("contracts_bg.wasm", "application/wasm"),
            );
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
