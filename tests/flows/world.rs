//! A client on a machine in memory, and a provider that signs what it is told to.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dioxus_auth0::client::{Client, Outcome};
use dioxus_auth0::config::{Config, Settings};
use dioxus_auth0::platform::memory::MemoryPlatform;
use dioxus_auth0::{AuthState, Error, LoginOptions};
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use serde_json::{Value, json};
use url::Url;

pub(crate) const ISSUER: &str = "https://tenant.example/";
pub(crate) const AUDIENCE: &str = "https://tenant.example/api/v2/";
pub(crate) const CLIENT_ID: &str = "client-1";
pub(crate) const NOW: i64 = 1_700_000_000;

pub(crate) const GET_METADATA: &str = "GET https://tenant.example/.well-known/openid-configuration";
pub(crate) const GET_KEYS: &str = "GET https://tenant.example/jwks";
pub(crate) const POST_TOKEN: &str = "POST https://tenant.example/oauth/token";

/// A key pair for tests; it guards nothing.
const PROVIDER_KEY: &[u8] = include_bytes!("../../src/testing/provider.der");
const STRANGER_KEY: &[u8] = include_bytes!("../protocol/keys/stranger.der");

pub(crate) struct World {
    pub(crate) memory: MemoryPlatform,
    pub(crate) client: Client,
    settings: Settings,
}

pub(crate) fn settings() -> Settings {
    Settings {
        domain: Some("tenant.example".into()),
        client_id: CLIENT_ID.into(),
        audience: Some(AUDIENCE.into()),
        scope: Some("profile email read:current_user".into()),
        use_refresh_tokens: true,
        ..Settings::default()
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(settings())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        Self::on(MemoryPlatform::new(), settings)
    }

    fn on(memory: MemoryPlatform, settings: Settings) -> Self {
        let config = Config::new(&settings).expect("the test's settings are right");
        let client = Client::new(config, memory.platform());
        Self {
            memory,
            client,
            settings,
        }
    }

    /// The same tab after a reload: storage and network stay, the process does not.
    pub(crate) fn reload(&self) -> Self {
        Self::on(self.memory.clone(), self.settings.clone())
    }

    pub(crate) fn answer_discovery(&self) {
        self.answer(GET_METADATA, 200, &metadata());
        self.answer(GET_KEYS, 200, &keys("key-1", PROVIDER_KEY));
    }

    pub(crate) fn answer(&self, request: &str, status: u16, body: &Value) {
        self.memory.http.answer(request, status, body.to_string());
    }

    /// Leaves for the provider and returns the authorization URL.
    pub(crate) async fn depart(&self, options: LoginOptions) -> Url {
        self.answer_discovery();
        let gone = self.client.login(options).await;
        assert_eq!(gone, Ok(None));
        let departures = self.memory.navigator.departures();
        departures.last().expect("the user was sent away").clone()
    }

    /// The provider's good answer to the login at `departure`.
    pub(crate) fn good_answer(&self, departure: &Url) -> Url {
        let state = parameter(departure, "state");
        callback(&[("code", "code-1"), ("state", &state)])
    }

    /// Leaves, comes back and trades the code, all as it should be.
    pub(crate) async fn sign_in(&self) -> Outcome {
        let departure = self.depart(LoginOptions::default()).await;
        let claims = claims(&departure);
        self.answer(POST_TOKEN, 200, &tokens(&sign(&claims)));
        let outcome = self.client.callback(&self.good_answer(&departure)).await;
        assert!(
            matches!(outcome.state, AuthState::SignedIn(_)),
            "{outcome:?}"
        );
        outcome
    }

    pub(crate) fn stored(&self) -> BTreeMap<String, String> {
        self.memory.session_storage.entries()
    }

    pub(crate) fn stored_under(&self, part: &str) -> Vec<String> {
        let entries = self.stored().into_iter();
        let matching = entries.filter(|(key, _)| key.contains(part));
        matching.map(|(_, text)| text).collect()
    }

    pub(crate) fn session(&self) -> Option<Value> {
        let texts = self.stored_under("session");
        let text = texts.first()?;
        Some(serde_json::from_str(text).expect("a session is JSON"))
    }
}

pub(crate) fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://tenant.example/authorize",
        "token_endpoint": "https://tenant.example/oauth/token",
        "jwks_uri": "https://tenant.example/jwks",
        "end_session_endpoint": "https://tenant.example/oidc/logout",
    })
}

pub(crate) fn provider_keys(kid: &str) -> Value {
    keys(kid, PROVIDER_KEY)
}

/// The key set after the provider has taken up the key of [`sign_with_new_key_unnamed`].
pub(crate) fn new_keys() -> Value {
    keys("key-2", STRANGER_KEY)
}

fn keys(kid: &str, der: &[u8]) -> Value {
    let pair = key_pair(der);
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    json!({"keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
        "n": encode(&public.n),
        "e": encode(&public.e),
    }]})
}

fn key_pair(der: &[u8]) -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(der)
        .or_else(|_| RsaKeyPair::from_der(der))
        .expect("the test keys are RSA")
}

/// The claims of an ID token that answers the login at `departure`.
pub(crate) fn claims(departure: &Url) -> Value {
    json!({
        "iss": ISSUER,
        "sub": "auth0|ada",
        "aud": CLIENT_ID,
        "exp": NOW + 3600,
        "iat": NOW,
        "nonce": parameter(departure, "nonce"),
        "name": "Ada Lovelace",
        "email": "ada@example.com",
    })
}

pub(crate) fn sign(claims: &Value) -> String {
    sign_as("key-1", PROVIDER_KEY, claims)
}

pub(crate) fn sign_with_kid(kid: &str, claims: &Value) -> String {
    sign_as(kid, PROVIDER_KEY, claims)
}

pub(crate) fn sign_as_stranger(claims: &Value) -> String {
    sign_as("key-1", STRANGER_KEY, claims)
}

/// Signs by another key than the provider had at first, without saying which.
pub(crate) fn sign_with_new_key_unnamed(claims: &Value) -> String {
    sign_under(json!({"alg": "RS256"}), STRANGER_KEY, claims)
}

fn sign_as(kid: &str, der: &[u8], claims: &Value) -> String {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": kid});
    sign_under(header, der, claims)
}

fn sign_under(header: Value, der: &[u8], claims: &Value) -> String {
    let header = header.to_string();
    let message = [header, claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part));
    let message = message.join(".");
    let pair = key_pair(der);
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message.as_bytes(),
        &mut signature,
    )
    .expect("a test key signs");
    [message, URL_SAFE_NO_PAD.encode(signature)].join(".")
}

pub(crate) fn tokens(id_token: &str) -> Value {
    json!({
        "access_token": "at-1",
        "refresh_token": "rt-1",
        "id_token": id_token,
        "token_type": "Bearer",
        "expires_in": 7200,
        "scope": "openid profile email read:current_user offline_access",
    })
}

pub(crate) fn parameter(url: &Url, name: &str) -> String {
    let mut pairs = url.query_pairs();
    let pair = pairs.find(|(found, _)| found == name);
    pair.map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

pub(crate) fn callback(parameters: &[(&str, &str)]) -> Url {
    Url::parse_with_params("https://app.example/", parameters).expect("a literal base")
}

/// The members of the form that was posted by the request at `index`.
pub(crate) fn form(world: &World, index: usize) -> BTreeMap<String, String> {
    let requests = world.memory.http.requests();
    url::form_urlencoded::parse(requests[index].body())
        .into_owned()
        .collect()
}

/// The error of a login that failed.
pub(crate) fn error_of(state: AuthState) -> Error {
    match state {
        AuthState::Failed(error) => error,
        other => panic!("expected a failure, found {other:?}"),
    }
}
