//! A client on a machine in memory, and a provider that answers with what it is given.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use dioxus_auth0::client::Client;
use dioxus_auth0::config::{Config, Settings};
use dioxus_auth0::platform::memory::MemoryPlatform;
use dioxus_auth0::port::{Crypto, Http, HttpRequest, HttpResponse, Platform, RsaKey, Task};
use http::Response;
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://tenant.example/";
pub(crate) const CLIENT_ID: &str = "client-1";
pub(crate) const REDIRECT_URI: &str = "https://app.example";
pub(crate) const NOW: i64 = 1_700_000_000;

/// The name that the session of this client is stored under.
pub(crate) const SESSION: &str =
    r#"dioxus-auth0.session.["https://tenant.example/","client-1",null]"#;

/// The `state` of the login that waits.
pub(crate) const STATE: &str = "state-s3cr3t";

/// The name that the login that waits is stored under.
pub(crate) const TRANSACTION: &str = "dioxus-auth0.transaction.state-s3cr3t";

/// One machine, whose storages outlive its clients.
pub(crate) struct World {
    pub(crate) memory: MemoryPlatform,
    pub(crate) provider: Rc<Provider>,
}

impl World {
    pub(crate) fn new() -> Self {
        let memory = MemoryPlatform::new();
        memory.clock.set(NOW);
        Self {
            memory,
            provider: Rc::default(),
        }
    }

    /// Starts the app, once more.
    pub(crate) fn client(&self) -> Client {
        let settings = Settings {
            domain: Some("tenant.example".into()),
            client_id: CLIENT_ID.into(),
            redirect_uri: Some(REDIRECT_URI.into()),
            use_refresh_tokens: true,
            ..Settings::default()
        };
        let platform = Platform {
            http: self.provider.clone(),
            crypto: Rc::new(Credulous),
            ..self.memory.platform()
        };
        let config = Config::new(&settings).expect("the settings are right");
        Client::new(config, platform)
    }

    /// Everything that is stored, but what was fetched of the provider.
    pub(crate) fn stored(&self) -> BTreeMap<String, String> {
        let mut entries = self.memory.session_storage.entries();
        entries.retain(|key, _| !key.contains("provider"));
        entries.extend(self.memory.local_storage.entries());
        entries
    }
}

/// A provider: good metadata, a good key, and to requests for tokens whatever was prepared.
#[derive(Default)]
pub(crate) struct Provider {
    pub(crate) tokens: RefCell<Option<HttpResponse>>,
    pub(crate) token_requests: RefCell<Vec<String>>,
    pub(crate) requests: Cell<usize>,
}

impl Http for Provider {
    fn send(&self, request: HttpRequest) -> Task<'_, HttpResponse> {
        self.requests.set(self.requests.get() + 1);
        let answer = match request.uri().path() {
            "/.well-known/openid-configuration" => json(&metadata()),
            "/jwks" => json(&keys()),
            "/oauth/token" => {
                let body = String::from_utf8_lossy(request.body()).into_owned();
                self.token_requests.borrow_mut().push(body);
                let prepared = self.tokens.borrow().clone();
                prepared.unwrap_or_else(|| json(&json!({"error": "invalid_grant"})))
            }
            path => panic!("nobody asks for {path}"),
        };
        Box::pin(std::future::ready(Ok(answer)))
    }
}

/// Takes every signature for good, so that what comes after it is reached.
struct Credulous;

impl Crypto for Credulous {
    fn sha256<'a>(&'a self, _: &'a [u8]) -> Task<'a, [u8; 32]> {
        Box::pin(std::future::ready(Ok([7; 32])))
    }

    fn verify_rs256<'a>(&'a self, _: &'a RsaKey, _: &'a [u8], _: &'a [u8]) -> Task<'a, bool> {
        Box::pin(std::future::ready(Ok(true)))
    }
}

fn json(body: &Value) -> HttpResponse {
    Response::new(body.to_string().into_bytes())
}

fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://tenant.example/authorize",
        "token_endpoint": "https://tenant.example/oauth/token",
        "jwks_uri": "https://tenant.example/jwks",
    })
}

/// A key set with one key of 2048 bits, which no one has the other half of.
fn keys() -> Value {
    let n = "_".repeat(342);
    json!({"keys": [{"kty": "RSA", "kid": "key-1", "n": format!("{}w", &n[..341]), "e": "AQAB"}]})
}
