//! Everything that can go wrong between an app and its provider, by the ids of the fault model (F1 to F23), and every
//! option of tokens and sessions: what is sent, what is stored, and what the caller hears.

mod ahead;
mod beside;
mod busy;
mod callers;
mod calls;
mod clock;
mod kept;
mod keys;
mod logout;
mod lost;
mod network;
mod options;
mod refused;
mod slow;
mod users;
mod ways;

use std::rc::Rc;
use std::time::Duration;

use dioxus_auth0::client::Client;
use dioxus_auth0::config::{Config, Settings};
use dioxus_auth0::error::NetworkError;
use dioxus_auth0::platform::memory::MemoryPlatform;
use dioxus_auth0::port::{Clock, Entropy, Platform, PortError};
use dioxus_auth0::testing::{Account, Endpoint, Fault, MemoryProvider, Rules};
use dioxus_auth0::{AuthState, Error, TokenOptions};
use serde_json::Value;

const ADA: &str = "auth0|ada";
const GRACE: &str = "auth0|grace";
const API: &str = "https://tenant.example/api/v2/";

/// How long an access token holds.
const LIFETIME: i64 = 7200;

/// When an access token holds for 30 s more: too short to be handed out while the provider can be asked.
const NEARLY: i64 = LIFETIME - 30;

/// A machine, a provider and a client of it.
struct Scene {
    memory: MemoryPlatform,
    provider: Rc<MemoryProvider>,
    settings: Settings,
    client: Client,
}

impl Scene {
    fn with(rules: Rules, change: impl FnOnce(&mut Settings)) -> Self {
        let memory = MemoryPlatform::new();
        let provider = MemoryProvider::with(&memory.clock, rules);
        provider.add(Account::new(ADA, "Ada Lovelace"));
        provider.add(Account::new(GRACE, "Grace Hopper"));
        let mut settings = provider.settings();
        change(&mut settings);
        let client = client(&settings, provider.platform(&memory));
        Self {
            memory,
            provider,
            settings,
            client,
        }
    }

    /// A scene where Ada is signed in.
    async fn signed_in() -> Self {
        Self::signed_in_with(Rules::default(), |_| {}).await
    }

    async fn signed_in_with(rules: Rules, change: impl FnOnce(&mut Settings)) -> Self {
        let scene = Self::with(rules, change);
        scene.sign_in(ADA).await;
        scene
    }

    /// A scene where Ada is signed in and her access token has run out.
    async fn expired() -> Self {
        let scene = Self::signed_in().await;
        scene.advance(LIFETIME);
        scene
    }

    async fn sign_in(&self, sub: &str) {
        self.sign_in_to(&self.client, &self.memory, sub).await;
    }

    async fn sign_in_to(&self, client: &Client, memory: &MemoryPlatform, sub: &str) {
        let outcome = self.provider.sign_in(client, memory, sub).await;
        let outcome = outcome.expect("the login can begin");
        assert!(
            matches!(outcome.state, AuthState::SignedIn(_)),
            "expected a session, found {outcome:?}"
        );
    }

    /// The app after a restart in the same tab.
    async fn restarted(&self) -> Client {
        let client = self.another(&self.memory);
        client.restore().await;
        client
    }

    /// The app after a restart, when it does not know the provider's endpoints any more.
    async fn restarted_without_metadata(&self) -> Client {
        use dioxus_auth0::port::Storage;
        let storage = &self.memory.session_storage;
        for key in storage.entries().into_keys() {
            if key.contains(".provider.") {
                storage.remove(&key).await.expect("it can be removed");
            }
        }
        self.restarted().await
    }

    /// A client with the settings of this scene on `memory`.
    fn another(&self, memory: &MemoryPlatform) -> Client {
        client(&self.settings, self.provider.platform(memory))
    }

    fn advance(&self, seconds: i64) {
        self.memory.clock.advance(seconds);
    }

    fn fault(&self, fault: Fault) {
        self.provider.fault(Endpoint::Token, fault);
    }

    async fn token(&self) -> Result<String, Error> {
        token(&self.client).await
    }

    /// The refresh tokens that were sent, in order.
    fn spent(&self) -> Vec<String> {
        let requests = self.provider.requests().into_iter();
        let spent = requests.filter_map(|it| it.refresh_token().map(str::to_owned));
        spent.collect()
    }

    /// Asserts that these refresh tokens were sent and no other, and that the provider found nothing wrong with it.
    #[track_caller]
    fn has_spent(&self, expected: &[&str]) {
        assert_eq!(self.spent(), expected);
        assert_eq!(self.provider.breaches(), Vec::<String>::new());
    }

    fn stored(&self) -> Option<Value> {
        stored(&self.memory)
    }

    fn stored_refresh_token(&self) -> Option<String> {
        let session = self.stored()?;
        Some(session["refresh_token"].as_str()?.to_owned())
    }

    fn elapsed(&self) -> Duration {
        self.memory.clock.monotonic()
    }
}

/// The session that is stored in a tab.
fn stored(memory: &MemoryPlatform) -> Option<Value> {
    let mut entries = memory.session_storage.entries().into_iter();
    let (_, text) = entries.find(|(key, _)| key.contains(".session."))?;
    Some(serde_json::from_str(&text).expect("a session is JSON"))
}

fn client(settings: &Settings, platform: Platform) -> Client {
    let config = Config::new(settings).expect("the settings of a test are right");
    Client::new(config, platform)
}

async fn token(client: &Client) -> Result<String, Error> {
    token_of(client, &TokenOptions::default()).await
}

async fn token_of(client: &Client, options: &TokenOptions) -> Result<String, Error> {
    let token = client.access_token(options).await;
    token.map(|token| token.expose().to_owned())
}

fn is_signed_in(client: &Client) -> bool {
    client.identity().is_some()
}

fn host() -> String {
    "tenant.example".to_owned()
}

fn unreachable<T>() -> Result<T, Error> {
    Err(Error::Network(NetworkError::Unreachable { host: host() }))
}

fn unavailable<T>(status: u16) -> Result<T, Error> {
    let host = host();
    Err(Error::Network(NetworkError::Unavailable { host, status }))
}

/// Chance that is none.
struct Constant(u8);

impl Entropy for Constant {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        bytes.fill(self.0);
        Ok(())
    }
}
