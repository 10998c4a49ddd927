//! The provider in memory that apps test with: what it does as a tenant does, and what it lets go wrong.

mod api;
mod authorize;
mod faults;
mod grants;
mod login;
mod proofs;
mod refresh;

use std::rc::Rc;

use dioxus_auth0::client::Client;
use dioxus_auth0::config::{CacheLocation, Config, Settings};
use dioxus_auth0::oidc::{Refresh, TokenAnswer, TokenError};
use dioxus_auth0::platform::memory::MemoryPlatform;
use dioxus_auth0::port::{Http, HttpResponse, PortError};
use dioxus_auth0::secret::RefreshToken;
use dioxus_auth0::testing::{Account, MemoryProvider, Rules};
use dioxus_auth0::{AuthState, Error, TokenOptions};
use url::Url;

const ADA: &str = "auth0|ada";
const GRACE: &str = "auth0|grace";
const API: &str = "https://tenant.example/api/v2/";
const LIFETIME: i64 = 7200;

struct Scene {
    memory: MemoryPlatform,
    provider: Rc<MemoryProvider>,
    client: Client,
}

impl Scene {
    fn new() -> Self {
        Self::with(Rules::default())
    }

    fn with(rules: Rules) -> Self {
        let memory = MemoryPlatform::new();
        let provider = MemoryProvider::with(&memory.clock, rules);
        provider.add(Account::new(ADA, "Ada Lovelace"));
        provider.add(Account::new(GRACE, "Grace Hopper"));
        let client = client(&provider, &memory);
        Self {
            memory,
            provider,
            client,
        }
    }

    /// A scene where Ada is signed in.
    async fn signed_in() -> Self {
        Self::signed_in_with(Rules::default()).await
    }

    async fn signed_in_with(rules: Rules) -> Self {
        let scene = Self::with(rules);
        let outcome = scene.sign_in(ADA).await;
        assert!(
            matches!(outcome, AuthState::SignedIn(_)),
            "expected a session, found {outcome:?}"
        );
        scene
    }

    async fn sign_in(&self, sub: &str) -> AuthState {
        let outcome = self.provider.sign_in(&self.client, &self.memory, sub).await;
        outcome.expect("the login can begin").state
    }

    async fn token(&self) -> Result<String, Error> {
        token(&self.client).await
    }

    /// Trades a refresh token behind the client's back.
    async fn refresh(&self, token: &str) -> Result<TokenAnswer, TokenError<PortError>> {
        self.refresh_for(token, None).await
    }

    async fn refresh_for(
        &self,
        token: &str,
        audience: Option<&str>,
    ) -> Result<TokenAnswer, TokenError<PortError>> {
        let refresh = Refresh {
            endpoint: &url("https://tenant.example/oauth/token"),
            client_id: "client-1",
            refresh_token: &RefreshToken::new(token),
            scope: None,
            audience,
        };
        refresh.send(|request| self.provider.send(request)).await
    }

    /// Sends a request without a body.
    async fn ask(&self, request: http::request::Builder) -> HttpResponse {
        let request = request.body(Vec::new()).expect("the request is well made");
        self.provider.send(request).await.expect("it answers")
    }
}

/// A client whose session every tab of the machine shares.
fn client(provider: &Rc<MemoryProvider>, memory: &MemoryPlatform) -> Client {
    let settings = Settings {
        cache: CacheLocation::LocalStorage,
        ..provider.settings()
    };
    let config = Config::new(&settings).expect("the provider's own settings are right");
    Client::new(config, provider.platform(memory))
}

async fn token(client: &Client) -> Result<String, Error> {
    let token = client.access_token(&TokenOptions::default()).await;
    token.map(|token| token.expose().to_owned())
}

/// The provider's word for a no.
fn refused<T, E>(answer: Result<T, TokenError<E>>) -> String {
    match answer {
        Err(TokenError::Refused { code, .. }) => code.as_str().to_owned(),
        Err(_) => panic!("expected a refusal, found another error"),
        Ok(_) => panic!("expected a refusal, found tokens"),
    }
}

fn url(text: &str) -> Url {
    text.parse().expect("a literal url")
}
