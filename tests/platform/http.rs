//! [`Http`]: no redirects, no cookies, no more than a megabyte, and nothing twice.

use std::cell::RefCell;
use std::rc::Rc;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use dioxus_auth0::platform::native::NativeHttp;
use dioxus_auth0::port::{Http, HttpRequest, MAX_RESPONSE_BYTES, PortError, request};
use http::Method;
use http::header::{COOKIE, LOCATION, REFERER, SET_COOKIE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;
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
    assert_eq!(result.map(|_| ()), Err(PortError::NotConnected { host }));
}

/// What a server without manners does with a connection.
#[derive(Clone, Copy)]
enum Manners {
    /// Closes it, and reads nothing.
    Closes,
    /// Talks of something else.
    Babbles,
    /// Answers so many requests, and closes it when it has read the next one.
    ClosesAfter(usize),
    /// Begins an answer to the first.
    BreaksOff,
}

const BODY: &str = "grant_type=refresh_token&refresh_token=r";

/// Serves connections one after the other, and lists the requests that arrived on each.
async fn serve_badly(manners: Manners) -> (Url, Rc<RefCell<Vec<usize>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let connections = Rc::new(RefCell::new(Vec::new()));
    let seen = connections.clone();
    tokio::task::spawn_local(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            seen.borrow_mut().push(0);
            match manners {
                Manners::Closes => continue,
                Manners::Babbles => {
                    // Whoever does not like it may be gone already.
                    let _ = stream.write_all(b"220 mail.example ESMTP\r\n").await;
                    continue;
                }
                Manners::ClosesAfter(_) | Manners::BreaksOff => {}
            }
            while read_request(&mut stream).await {
                *seen.borrow_mut().last_mut().expect("it was begun") += 1;
                let answer: &[u8] = match manners {
                    Manners::ClosesAfter(count) if *seen.borrow() == [count + 1] => break,
                    Manners::BreaksOff => b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
                    _ => b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
                };
                stream.write_all(answer).await.expect("somebody waits");
                if matches!(manners, Manners::BreaksOff) {
                    break;
                }
            }
        }
    });
    let base = Url::parse(&format!("http://{address}/oauth/token"));
    (base.expect("an address"), connections)
}

/// Reads until the end of a body that is known, and says whether it came.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut read = Vec::new();
    loop {
        match stream.read_u8().await {
            Ok(byte) => read.push(byte),
            Err(_) => return false,
        }
        if read.ends_with(BODY.as_bytes()) {
            return true;
        }
    }
}

/// Sends a refresh token, and says what became of it.
async fn refresh(http: &dyn Http, url: &Url) -> Result<(), PortError> {
    let refresh = request(Method::POST, url, BODY.as_bytes().to_vec());
    let sent = http.send(refresh.expect("a URL that can be sent"));
    sent.await.map(|_| ())
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    format!("{host}:{}", url.port().unwrap_or_default())
}

async fn sends_nothing_twice(http: &dyn Http) {
    for (manners, arrived) in [
        (Manners::Closes, 0),
        (Manners::Babbles, 0),
        (Manners::ClosesAfter(0), 1),
        (Manners::BreaksOff, 1),
    ] {
        let (url, connections) = serve_badly(manners).await;
        let host = host(&url);
        let lost = Err(PortError::Unreachable { host });
        assert_eq!(refresh(http, &url).await, lost, "it may have arrived");
        assert_eq!(*connections.borrow(), [arrived]);
    }

    let (url, connections) = serve_badly(Manners::ClosesAfter(1)).await;
    assert_eq!(refresh(http, &url).await, Ok(()));
    let host = host(&url);
    let lost = Err(PortError::Unreachable { host });
    assert_eq!(refresh(http, &url).await, lost, "the connection was known");
    assert_eq!(*connections.borrow(), [2], "once each, on one connection");
    assert_eq!(
        refresh(http, &url).await,
        Ok(()),
        "the caller may repeat it"
    );
    assert_eq!(*connections.borrow(), [2, 1]);
}

async fn is_not_connected_before_the_handshake_is_done(http: &dyn Http) {
    for manners in [Manners::Closes, Manners::Babbles] {
        let (mut url, connections) = serve_badly(manners).await;
        url.set_scheme("https").expect("a scheme like the other");
        let host = host(&url);
        let refused = Err(PortError::NotConnected { host });
        assert_eq!(refresh(http, &url).await, refused);
        assert_eq!(*connections.borrow(), [0]);
    }
}

#[tokio::test]
async fn native_http_sends_nothing_twice() {
    let tasks = LocalSet::new();
    tasks
        .run_until(sends_nothing_twice(&NativeHttp::default()))
        .await;
}

#[tokio::test]
async fn native_http_is_not_connected_before_the_handshake_is_done() {
    let http = NativeHttp::default();
    let tasks = LocalSet::new();
    tasks
        .run_until(is_not_connected_before_the_handshake_is_done(&http))
        .await;
}

#[tokio::test]
async fn native_http_sends_what_it_is_given_and_nothing_else() {
    sends_what_it_is_given_and_nothing_else(&NativeHttp::default()).await;
}

#[tokio::test]
async fn native_http_says_when_nothing_answers() {
    says_when_nothing_answers(&NativeHttp::default()).await;
}
