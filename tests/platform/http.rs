//! [`Http`]: no redirects, no cookies, no more than a megabyte.

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use dioxus_auth0::platform::native::NativeHttp;
use dioxus_auth0::port::{Http, HttpRequest, MAX_RESPONSE_BYTES, PortError, request};
use http::Method;
use http::header::{COOKIE, LOCATION, REFERER, SET_COOKIE};
use tokio::net::TcpListener;
use url::Url;

/// A server on loopback that lives as long as the test.
async fn serve() -> Url {
    let app = Router::new()
        .route("/echo", post(async |body: String| body))
        .route(
            "/refused",
            get(async || (http::StatusCode::FORBIDDEN, "{}")),
        )
        .route(
            "/moved",
            get(async || (http::StatusCode::FOUND, [(LOCATION, "/echo")])),
        )
        .route("/cookie", get(async || [(SET_COOKIE, "a=b; Path=/")]))
        .route(
            "/told",
            get(async |headers: HeaderMap| {
                let told = headers.contains_key(COOKIE) || headers.contains_key(REFERER);
                told.to_string()
            }),
        )
        .route("/full", get(async || vec![b'x'; MAX_RESPONSE_BYTES]))
        .route("/over", get(async || vec![b'x'; MAX_RESPONSE_BYTES + 1]));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    Url::parse(&format!("http://{address}/")).expect("an address")
}

fn ask(base: &Url, path: &str) -> HttpRequest {
    let url = base.join(path).expect("a path");
    request(Method::GET, &url, Vec::new()).expect("a URL that can be sent")
}

async fn sends_what_it_is_given_and_nothing_else(http: &dyn Http) {
    let base = serve().await;
    let host = format!("127.0.0.1:{}", base.port().unwrap_or_default());

    let echo = base.join("echo").expect("a path");
    let post = request(Method::POST, &echo, b"a=1&b=2".to_vec());
    let answer = http.send(post.expect("a URL that can be sent"));
    let answer = answer.await.expect("an answer");
    assert_eq!(answer.body(), b"a=1&b=2");
    assert!(answer.headers().contains_key("content-type"));

    let refused = http.send(ask(&base, "refused")).await.expect("an answer");
    assert_eq!(refused.status(), 403, "a status is an answer, not an error");

    let moved = http.send(ask(&base, "moved")).await;
    assert_eq!(
        moved.map(|_| ()),
        Err(PortError::Redirected { host: host.clone() })
    );

    http.send(ask(&base, "cookie")).await.expect("an answer");
    let told = http.send(ask(&base, "told")).await.expect("an answer");
    assert_eq!(told.body(), b"false", "neither cookie nor referrer");

    let full = http.send(ask(&base, "full")).await.expect("an answer");
    assert_eq!(full.body().len(), MAX_RESPONSE_BYTES);
    let over = http.send(ask(&base, "over")).await;
    let limit = MAX_RESPONSE_BYTES;
    assert_eq!(over.map(|_| ()), Err(PortError::TooLarge { host, limit }));
}

async fn says_when_nothing_answers(http: &dyn Http) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let base = Url::parse(&format!("http://{address}/")).expect("an address");
    let result = http.send(ask(&base, "")).await;
    let host = address.to_string();
    assert_eq!(result.map(|_| ()), Err(PortError::Unreachable { host }));
}

#[tokio::test]
async fn native_http_sends_what_it_is_given_and_nothing_else() {
    sends_what_it_is_given_and_nothing_else(&NativeHttp::default()).await;
}

#[tokio::test]
async fn native_http_says_when_nothing_answers() {
    says_when_nothing_answers(&NativeHttp::default()).await;
}
