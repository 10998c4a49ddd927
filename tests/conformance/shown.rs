//! Requirements that no other test shows: the client in memory against the tenant.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dioxus_auth0::client::{Client, Outcome};
use dioxus_auth0::config::{Config, Settings};
use dioxus_auth0::platform::memory::{MemoryPlatform, MemoryStorage};
use dioxus_auth0::platform::native::{NativeClock, NativeEntropy, NativeHttp};
use dioxus_auth0::port::{Platform, Storage};
use dioxus_auth0::{ApiRequest, AuthState, Error, LoginOptions, LogoutOptions};
use serde_json::{Value, json};
use tenant::{Application, Builder, Endpoint, Fault, Tenant};
use tokio::net::TcpListener;
use url::Url;

use crate::browser::{Browser, Stop};
use crate::device::{AFTER_LOGOUT, CLIENT_ID, settings};
use crate::host::Profile;

/// A tenant, and a client in memory that it knows.
struct Scene {
    tenant: Tenant,
    memory: MemoryPlatform,
    client: Client,
}

impl Scene {
    async fn new(builder: Builder, profile: Profile) -> Self {
        let application = Application::new(CLIENT_ID)
            .callbacks([AFTER_LOGOUT])
            .logout_urls([AFTER_LOGOUT])
            .first_party(true);
        let tenant = builder.application(application).demo_users().start();
        let tenant = tenant.await.expect("the tenant starts");
        let memory = MemoryPlatform::new();
        let platform = Platform {
            clock: Rc::new(NativeClock),
            entropy: Rc::new(NativeEntropy),
            http: Rc::new(NativeHttp::default()),
            ..memory.platform()
        };
        let settings = Settings {
            redirect_uri: Some(AFTER_LOGOUT.into()),
            use_dpop: false,
            ..settings(&tenant, profile)
        };
        let config = Config::new(&settings).expect("the settings are right");
        Self {
            client: Client::new(config, platform),
            tenant,
            memory,
        }
    }

    /// Sends the user away, and returns where to.
    async fn leave(&self) -> Url {
        let left = self.client.login(LoginOptions::default()).await;
        assert_eq!(left, Ok(None));
        let departures = self.memory.navigator.departures();
        departures.last().expect("the app has left").clone()
    }

    async fn answer(&self, url: &Url) -> Url {
        match Browser::new().visit(url).await {
            Stop::Left(answer) => answer,
            Stop::Page(at, status) => panic!("stuck at {} with {status}", at.path()),
        }
    }

    async fn log_in(&self) -> Outcome {
        let answer = self.answer(&self.leave().await).await;
        let outcome = self.client.callback(&answer).await;
        assert!(
            matches!(outcome.state, AuthState::SignedIn(_)),
            "{outcome:?}"
        );
        outcome
    }

    fn asked(&self, path: &str) -> usize {
        let requests = self.tenant.requests();
        requests
            .iter()
            .filter(|request| request.path == path)
            .count()
    }
}

fn query(url: &Url, name: &str) -> String {
    let mut pairs = url.query_pairs();
    let pair = pairs.find(|(found, _)| found == name);
    pair.expect("the parameter is there").1.into_owned()
}

#[tokio::test]
async fn each_of_two_pending_logins_gets_its_own_answer() {
    let scene = Scene::new(Tenant::builder(), Profile::OpenId).await;
    let (first, second) = (scene.leave().await, scene.leave().await);
    let (first, second) = (scene.answer(&first).await, scene.answer(&second).await);
    for answer in [second, first] {
        let outcome = scene.client.callback(&answer).await;
        assert_eq!(outcome.trouble, None);
        assert!(
            matches!(outcome.state, AuthState::SignedIn(_)),
            "{outcome:?}"
        );
    }
    assert_eq!(scene.asked("/oauth/token"), 2);
    assert_eq!(scene.tenant.breaches(), []);
}

#[tokio::test]
async fn ten_thousand_logins_share_no_verifier_state_or_nonce() {
    const LOGINS: usize = 10_000;
    let scene = Scene::new(Tenant::builder(), Profile::OpenId).await;
    let mut seen = HashSet::new();
    for _ in 0..LOGINS {
        let leaving = scene.client.leave(LoginOptions::default()).await;
        drop(leaving.expect("it leaves"));
        let secrets = take_secrets(&scene.memory.session_storage).await;
        // 43 characters of 64 each are 258 bits; 32 bytes of them are random.
        for secret in secrets {
            assert_eq!(secret.len(), 43);
            assert!(seen.insert(secret), "seen before");
        }
    }
    assert_eq!(seen.len(), 3 * LOGINS);
}

/// Takes verifier, state and nonce of the one pending login.
async fn take_secrets(storage: &MemoryStorage) -> [String; 3] {
    const PREFIX: &str = "dioxus-auth0.transaction.";
    let entries = storage.entries();
    let mut pending = entries.iter().filter(|(name, _)| name.starts_with(PREFIX));
    let (name, text) = pending.next().expect("a login is pending");
    assert!(pending.next().is_none(), "only one");
    let value: Value = serde_json::from_str(text).expect("it is JSON");
    let member = |name: &str| value[name].as_str().expect("it is text").to_owned();
    let state = name.trim_start_matches(PREFIX).to_owned();
    storage.remove(name).await.expect("memory can be written");
    [member("verifier"), state, member("nonce")]
}

#[tokio::test]
async fn a_provider_that_refuses_s256_gets_no_plain_challenge() {
    let scene = Scene::new(Tenant::builder(), Profile::OpenId).await;
    let left = scene.leave().await;
    assert_eq!(query(&left, "code_challenge_method"), "S256");
    let requests = scene.tenant.requests().len();
    let mut refusal = Url::parse(AFTER_LOGOUT).expect("a URL");
    refusal
        .query_pairs_mut()
        .append_pair("error", "invalid_request")
        .append_pair("error_description", "transform algorithm not supported")
        .append_pair("state", &query(&left, "state"));
    let outcome = scene.client.callback(&refusal).await;
    match outcome.state {
        AuthState::Failed(Error::Refused(refusal)) => {
            assert_eq!(refusal.code.as_str(), "invalid_request");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(scene.memory.navigator.departures(), [left]);
    assert_eq!(scene.tenant.requests().len(), requests);
}

#[tokio::test]
async fn a_token_does_not_follow_a_redirect_of_the_api() {
    let scene = Scene::new(Tenant::builder(), Profile::Fapi).await;
    scene.log_in().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let elsewhere = format!(
        "http://{}/orders/",
        listener.local_addr().expect("it is bound")
    );
    let visits = Arc::new(AtomicUsize::new(0));
    let count = visits.clone();
    let counting = tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    let faults = scene.tenant.faults();
    faults.set(Endpoint::Orders, Fault::Redirect(elsewhere), None);
    let error = scene.client.call(&ApiRequest::get("")).await;
    assert!(matches!(error, Err(Error::Network(_))), "{error:?}");
    counting.abort();
    assert_eq!(visits.load(Ordering::SeqCst), 0, "nobody goes there");
}

#[tokio::test]
async fn the_session_is_gone_whatever_becomes_of_its_revocation() {
    let refused =
        |status: u16| Fault::Status(status, r#"{"error":"unsupported_token_type"}"#.into());
    let faults = [
        None,
        Some(refused(400)),
        Some(refused(503)),
        Some(Fault::HangUp),
    ];
    for fault in faults {
        let scene = Scene::new(Tenant::builder(), Profile::OpenId).await;
        scene.log_in().await;
        if let Some(fault) = fault.clone() {
            scene.tenant.faults().set(Endpoint::Revoke, fault, None);
        }
        let (session, forgotten) = scene.client.forget().await;
        assert_eq!(forgotten, Ok(()));
        let options = LogoutOptions {
            revoke: true,
            local_only: true,
            ..LogoutOptions::default()
        };
        assert_eq!(scene.client.end_session(session, options).await, Ok(()));
        assert_eq!(scene.asked("/oauth/revoke"), 1, "{fault:?}");
        assert!(scene.client.identity().is_none());
        let stored = scene.memory.session_storage.entries();
        let is_session = |name: &&String| name.contains("session");
        assert_eq!(stored.keys().filter(is_session).count(), 0, "{stored:?}");
    }
}

#[tokio::test]
async fn a_provider_without_an_end_session_endpoint_is_not_gone_to() {
    let scene = Scene::new(Tenant::builder(), Profile::OpenId).await;
    let patch = Fault::Patch(json!({ "end_session_endpoint": null }));
    scene.tenant.faults().set(Endpoint::Discovery, patch, None);
    scene.log_in().await;
    let (session, _) = scene.client.forget().await;
    let ended = scene
        .client
        .end_session(session, LogoutOptions::default())
        .await;
    assert_eq!(ended, Ok(()));
    assert_eq!(
        scene.memory.navigator.departures().len(),
        1,
        "the login alone"
    );
    assert!(scene.client.identity().is_none());
}

#[tokio::test]
async fn each_login_pushes_a_request_of_its_own() {
    let builder = Tenant::builder().require_pushed_requests();
    let scene = Scene::new(builder, Profile::OpenId).await;
    // The first request is given up, as when it has expired.
    let first = scene.leave().await;
    scene.log_in().await;
    assert_eq!(scene.asked("/oauth/par"), 2);
    let second = scene.memory.navigator.departures()[1].clone();
    assert_ne!(query(&first, "request_uri"), query(&second, "request_uri"));
    assert_eq!(scene.tenant.breaches(), []);
}

#[test]
fn the_client_knows_no_password_no_implicit_flow_and_no_secret() {
    has_none_of([
        "\"password\"",
        // In two lists it stands among what no caller may add.
        "(\"client_secret\"",
        "\"id_token token\"",
        "\"token id_token\"",
        "\"implicit\"",
    ]);
}

#[test]
fn no_source_of_the_client_writes_a_cookie() {
    // In a page it would take one of these.
    has_none_of([
        "HtmlDocument",
        "document.cookie",
        "set_cookie",
        "cookieStore",
    ]);
}

/// Checks that no source of the library has one of these words.
fn has_none_of<const N: usize>(words: [&str; N]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    for place in ["src", "platform"] {
        collect(&root.join(place), &mut sources);
    }
    assert!(sources.len() > 100, "these are the sources");
    for source in sources {
        // The provider in memory is one for tests of apps, and knows what it refuses.
        if source.starts_with(root.join("src/testing")) {
            continue;
        }
        let text = std::fs::read_to_string(&source).expect("a source can be read");
        for word in words {
            assert!(!text.contains(word), "{word} in {}", source.display());
        }
    }
}

fn collect(directory: &Path, sources: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("the sources can be listed") {
        let path = entry.expect("an entry can be read").path();
        match path.extension().is_some_and(|extension| extension == "rs") {
            true => sources.push(path),
            false if path.is_dir() => collect(&path, sources),
            false => {}
        }
    }
}

/// RUSTSEC-2026-0257 is mended in 1.2.2.
#[test]
fn what_opens_the_browser_has_no_known_hole() {
    let lock = include_str!("../../Cargo.lock");
    let package = lock
        .split("[[package]]")
        .filter(|package| package.contains("name = \"webbrowser\""));
    let versions: Vec<Vec<u64>> = package
        .map(|package| {
            let (_, rest) = package.split_once("version = \"").expect("a version");
            let (version, _) = rest.split_once('"').expect("its end");
            let numbers = version
                .split('.')
                .map(|part| part.parse().expect("a number"));
            numbers.collect()
        })
        .collect();
    assert!(!versions.is_empty(), "a desktop opens a browser");
    assert!(
        versions.iter().all(|version| *version >= vec![1, 2, 2]),
        "{versions:?}"
    );
}
