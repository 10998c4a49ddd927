//! A whole login, from the client's first request to the session, by a browser that knows how to fill in a form.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dioxus_auth0::platform::memory::MemoryPlatform;
use dioxus_auth0::{AuthState, Error, LoginOptions};
use futures_channel::oneshot;
use futures_util::FutureExt;
use reqwest::header::{COOKIE, LOCATION};
use tenant::DEMO_PASSWORD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::harness::{closes_within, is_open};
use crate::world::{Browser, World, hidden, query};
use crate::{alone, secrecy};

const PROXY: &str = "LOGIN_TEST_PROXY";

#[tokio::test]
async fn a_login_goes_out_by_the_browser_and_comes_back_to_a_port() {
    secrecy::listen();
    let world = World::new().await;
    let (outcome, page) = world.log_in(DEMO_PASSWORD).await;
    let outcome = outcome.expect("it works").expect("it comes back here");
    let AuthState::SignedIn(identity) = outcome.state else {
        panic!("{:?}", outcome.state);
    };
    assert_eq!(identity.user().name(), Some("Ada Lovelace"));
    assert!(page.contains("You can close this window"));
    assert_eq!(world.token_requests(), 1);
    assert!(closes_within(world.address(), Duration::from_millis(500)).await);
    world.tenant.stop().await;
}

#[tokio::test]
async fn l08_a_refusal_of_the_provider_is_a_typed_error() {
    let world = World::new().await;
    let browse = async {
        let url = world.shown().await;
        let state = query(&url, "state");
        let back = format!(
            "http://{}/callback?error=access_denied&error_description=no%20%3Cb%3E&state={state}",
            world.address()
        );
        Browser::new()
            .go(back.parse().expect("a URL"), None)
            .await
            .1
    };
    let (outcome, page) = tokio::join!(world.client.login(LoginOptions::default()), browse);
    let outcome = outcome.expect("an answer came").expect("here");
    match outcome.state {
        AuthState::Failed(Error::Refused(refusal)) => {
            assert_eq!(refusal.code.as_str(), "access_denied")
        }
        other => panic!("{other:?}"),
    }
    assert!(page.contains("You are not logged in"));
    assert_eq!(world.token_requests(), 0);
}

#[tokio::test]
async fn l10_fifty_answers_at_once_make_one_token_request() {
    let world = World::new().await;
    let browse = async {
        let url = world.shown().await;
        // The tenant's answer, caught before it is followed.
        let mut browser = Browser::new();
        let (page_url, page) = browser.go(url, None).await;
        let mut form = hidden(&page);
        form.push(("email".into(), "ada@example.com".into()));
        form.push(("password".into(), DEMO_PASSWORD.into()));
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let cookies: Vec<String> = browser
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let posted = browser
            .http
            .post(page_url)
            .header(COOKIE, cookies.join("; "));
        let posted = posted
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish());
        let response = posted.send().await.expect("an answer");
        let back = response.headers()[LOCATION]
            .to_str()
            .expect("text")
            .to_owned();
        let hits = (0..50).map(|_| browser.http.get(&back).send());
        let hits = futures_util::future::join_all(hits).await;
        hits.into_iter()
            .filter(|hit| hit.as_ref().is_ok_and(|hit| hit.status() == 303))
            .count()
    };
    let (outcome, hits) = tokio::join!(world.client.login(LoginOptions::default()), browse);
    let outcome = outcome.expect("it works").expect("it comes back here");
    assert!(matches!(outcome.state, AuthState::SignedIn(_)));
    assert_eq!(hits, 50);
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test]
async fn l20_a_login_that_is_cancelled_is_forgotten_and_its_answer_refused() {
    let world = World::new().await;
    let leaving = world
        .client
        .leave(LoginOptions::default())
        .await
        .expect("it leaves");
    let url = leaving.waits_at().expect("a desktop waits").clone();
    let state = query(&url, "state");
    let kept = |memory: &MemoryPlatform| {
        let entries = memory.session_storage.entries();
        entries.into_keys().any(|key| key.contains("transaction"))
    };
    assert!(kept(&world.memory));
    let (cancel, cancelled) = oneshot::channel::<()>();
    let cancelling = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(is_open(world.address()).await);
        drop(cancel);
    };
    let finish = world.client.finish(leaving, cancelled.map(|_| ()));
    let (outcome, ()) = tokio::join!(finish, cancelling);
    assert_eq!(outcome, Err(Error::Cancelled));
    assert!(!is_open(world.address()).await);
    assert!(!kept(&world.memory), "the pending login is erased");

    let late = format!("http://{}/callback?code=c&state={state}", world.address());
    let outcome = world.client.callback(&late.parse().expect("a URL")).await;
    assert!(matches!(
        outcome.state,
        AuthState::Failed(Error::Protocol(_))
    ));
    assert_eq!(world.token_requests(), 0);
}

#[tokio::test]
async fn l22_a_second_login_ends_the_first_and_is_the_one_that_counts() {
    let world = World::new().await;
    let first = async {
        let outcome = world.client.login(LoginOptions::default()).await;
        assert_eq!(outcome, Err(Error::Cancelled));
    };
    let second = async {
        // The user has closed the first window.
        let abandoned = world.shown().await;
        let (outcome, page) = world.log_in(DEMO_PASSWORD).await;
        (abandoned, outcome, page)
    };
    let ((), (abandoned, outcome, page)) = tokio::join!(first, second);
    let outcome = outcome.expect("it works").expect("it comes back here");
    assert!(matches!(outcome.state, AuthState::SignedIn(_)));
    assert!(page.contains("You can close this window"));
    let old = format!(
        "http://{}/callback?code=c&state={}",
        world.address(),
        query(&abandoned, "state")
    );
    let outcome = world.client.callback(&old.parse().expect("a URL")).await;
    assert!(outcome.trouble.is_some(), "the old state is unknown");
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test]
async fn l24_a_state_has_at_least_128_bits() {
    let world = World::new().await;
    let leaving = world
        .client
        .leave(LoginOptions::default())
        .await
        .expect("it leaves");
    let state = query(leaving.waits_at().expect("a desktop waits"), "state");
    // Each character is one of 64.
    assert!(state.len() * 6 >= 128, "{} characters", state.len());
    assert!(
        state
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    );
}

#[tokio::test]
async fn l33_a_whole_login_logs_no_secret() {
    secrecy::listen();
    let world = World::new().await;
    let browse = async {
        let url = world.shown().await;
        let state = query(&url, "state");
        let page = Browser::new().log_in(url.clone(), DEMO_PASSWORD).await;
        (state, query(&url, "nonce"), page)
    };
    let (outcome, (state, nonce, _)) =
        tokio::join!(world.client.login(LoginOptions::default()), browse);
    assert!(outcome.is_ok());
    let token = world
        .client
        .access_token(&dioxus_auth0::TokenOptions::default())
        .await
        .expect("a token");
    let log = secrecy::logged();
    for secret in [
        state.as_str(),
        &nonce,
        token.expose(),
        "code_verifier",
        "code=",
    ] {
        assert!(
            !secret.is_empty() && !log.contains(secret),
            "{secret} is logged"
        );
    }
}

#[tokio::test]
async fn leaving_after_a_logout_opens_the_browser() {
    let world = World::new().await;
    world.log_in(DEMO_PASSWORD).await.0.expect("it works");
    let logout = dioxus_auth0::LogoutOptions::default();
    let (session, _) = world.client.forget().await;
    world
        .client
        .end_session(session, logout)
        .await
        .expect("the browser opens");
    assert_eq!(world.shown().await.path(), "/v2/logout");
    assert_eq!(world.navigator.home(), None);
}

/// With a proxy for everything, what the app asks of the provider goes through it, and the way back does not.
#[tokio::test]
async fn l28_a_proxy_carries_the_token_request_and_leaves_the_way_back_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let lines = Arc::new(Mutex::new(Vec::new()));
    let proxy = tokio::spawn(forward(listener, lines.clone()));
    let mut command = alone::command("tenant_login::l28_alone");
    for name in [
        "NO_PROXY",
        "no_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env_remove(name);
    }
    let url = format!("http://{address}");
    command
        .env("http_proxy", &url)
        .env("HTTP_PROXY", &url)
        .env(PROXY, &url);
    alone::run(command).await;
    proxy.abort();
    let lines = lines.lock().expect("nobody panics").clone();
    let has = |part: &str| lines.iter().any(|line: &String| line.contains(part));
    assert!(has("/oauth/token"), "{lines:?}");
    assert!(!has("/callback") && !has("/done"), "{lines:?}");
}

#[tokio::test]
#[ignore = "needs the proxy of its twin"]
async fn l28_alone() {
    assert!(std::env::var(PROXY).is_ok());
    let world = World::new().await;
    let (outcome, page) = world.log_in(DEMO_PASSWORD).await;
    let outcome = outcome.expect("it works").expect("it comes back here");
    assert!(matches!(outcome.state, AuthState::SignedIn(_)));
    assert!(page.contains("You can close this window"));
}

/// A proxy that writes down what it is asked for: one request a connection.
async fn forward(listener: TcpListener, lines: Arc<Mutex<Vec<String>>>) {
    while let Ok((mut client, _)) = listener.accept().await {
        let lines = lines.clone();
        tokio::spawn(async move {
            let mut bytes = vec![0; 16_384];
            let length = client.read(&mut bytes).await.ok()?;
            let head = String::from_utf8_lossy(&bytes[..length]).into_owned();
            let target = head.split(' ').nth(1)?;
            lines
                .lock()
                .expect("nobody panics")
                .push(target.split('?').next()?.to_owned());
            let url: Url = target.parse().ok()?;
            let origin = &url[..url::Position::BeforePath];
            let mended =
                head.replacen(origin, "", 1)
                    .replacen("\r\n", "\r\nconnection: close\r\n", 1);
            let mut server = TcpStream::connect(&*url.socket_addrs(|| None).ok()?)
                .await
                .ok()?;
            server.write_all(mended.as_bytes()).await.ok()?;
            tokio::io::copy_bidirectional(&mut client, &mut server)
                .await
                .ok()
        });
    }
}
