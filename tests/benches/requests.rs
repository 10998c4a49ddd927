//! Counts what an app sends, scenario by scenario, against a provider in memory. It measures nothing that a busy machine
//! could change.

use std::io::{self, Write};
use std::rc::Rc;

use dioxus_auth0::client::Client;
use dioxus_auth0::config::{CacheLocation, Config, Settings};
use dioxus_auth0::options::CacheMode;
use dioxus_auth0::platform::memory::MemoryPlatform;
use dioxus_auth0::testing::{Account, Endpoint, Fault, MemoryProvider, Resource, Rules};
use dioxus_auth0::{ApiRequest, LogoutOptions, TokenOptions};
use futures_util::future::join_all;

const ADA: &str = "auth0|ada";
const ORDERS: &str = "https://orders.example/";
const LIFETIME: i64 = 7200;

/// What is counted, and its heading.
const COLUMNS: [(Endpoint, &str); 6] = [
    (Endpoint::Discovery, "metadata"),
    (Endpoint::Keys, "keys"),
    (Endpoint::PushedRequest, "pushed"),
    (Endpoint::Token, "token"),
    (Endpoint::Revocation, "revoke"),
    (Endpoint::Api, "api"),
];

/// A machine, its provider, and what has been counted so far.
struct Counter {
    memory: MemoryPlatform,
    provider: Rc<MemoryProvider>,
    counted: usize,
    table: String,
}

impl Counter {
    fn new() -> Self {
        let memory = MemoryPlatform::new();
        let orders = Resource {
            audience: ORDERS.into(),
            scope: "read:orders".into(),
        };
        let rules = Rules {
            further: vec![orders],
            ..Rules::default()
        };
        let provider = MemoryProvider::with(&memory.clock, rules);
        provider.add(Account::new(ADA, "Ada Lovelace"));
        let heads = COLUMNS.map(|(_, head)| format!("{head:>9}"));
        Self {
            memory,
            provider,
            counted: 0,
            table: format!("{:<58}{}\n", "requests by scenario", heads.concat()),
        }
    }

    /// Opens the app in `tab`.
    fn open(&self, tab: &MemoryPlatform) -> Client {
        let settings = Settings {
            cache: CacheLocation::LocalStorage,
            use_mrrt: true,
            ..self.provider.settings()
        };
        let config = Config::new(&settings).expect("the provider's own settings are right");
        Client::new(config, self.provider.platform(tab))
    }

    /// Opens a tab that knows who is signed in.
    async fn open_signed_in(&self) -> Client {
        let client = self.open(&self.memory.tab());
        client.restore().await;
        client
    }

    fn count(&mut self, scenario: &str) {
        let requests = self.provider.requests();
        let new = &requests[self.counted..];
        let cells = COLUMNS.map(|(endpoint, _)| {
            let count = new.iter().filter(|it| it.endpoint == endpoint).count();
            format!("{count:>9}")
        });
        self.counted = requests.len();
        self.table += &format!("{scenario:<58}{}\n", cells.concat());
    }
}

async fn count() -> String {
    let mut counter = Counter::new();
    let default = TokenOptions::default();
    let memory = counter.memory.clone();

    let client = counter.open(&memory);
    client.restore().await;
    client.prepare().await.expect("the provider answers");
    counter.count("start, nobody signed in");

    let signed_in = counter.provider.sign_in(&client, &memory, ADA).await;
    signed_in.expect("Ada may log in");
    counter.count("login, there and back");

    for _ in 0..1000 {
        let token = client.access_token(&default).await;
        token.expect("the login brought one");
    }
    counter.count("1,000 tokens, held");

    let profile = ApiRequest::get(format!("users/{}", ADA.replace('|', "%7C")));
    client.call(&profile).await.expect("Ada may read herself");
    counter.count("a call to the API");

    let reloaded = counter.open_signed_in().await;
    let token = reloaded.access_token(&default).await;
    token.expect("it was stored");
    counter.count("a new tab, and a token");

    memory.clock.advance(LIFETIME);
    let tokens = (0..100).map(|_| client.access_token(&default));
    let tokens = join_all(tokens).await;
    assert!(tokens.iter().all(Result::is_ok));
    counter.count("100 callers at once, the token has run out");

    let tabs = join_all((0..20).map(|_| counter.open_signed_in())).await;
    for tab in &tabs {
        tab.prepare().await.expect("the provider answers");
    }
    counter.count("20 new tabs");
    memory.clock.advance(LIFETIME);
    let tokens = tabs.iter().map(|tab| tab.access_token(&default));
    let tokens = join_all(tokens).await;
    assert!(tokens.iter().all(Result::is_ok));
    counter.count("20 tabs at once, the token has run out");

    let orders = TokenOptions {
        audience: Some(ORDERS.into()),
        ..TokenOptions::scope("read:orders")
    };
    let token = client.access_token(&orders).await;
    token.expect("the refresh token buys it");
    counter.count("a token for a second audience");

    let fresh = TokenOptions {
        cache: CacheMode::Off,
        ..TokenOptions::default()
    };
    let busy = Fault::RateLimited(None);
    counter.provider.fault(Endpoint::Token, busy);
    let token = client.access_token(&fresh).await;
    token.expect("the second try is answered");
    counter.count("a new token, the provider is busy once (429)");

    let refused = Fault::refused(401, "invalid_token", "It was revoked");
    counter.provider.fault(Endpoint::Api, refused);
    client.call(&profile).await.expect("a new token will do");
    counter.count("a call whose token the API does not take any more");

    memory.clock.advance(LIFETIME);
    counter.provider.fault(Endpoint::Token, Fault::NotConnected);
    memory.connection.set_offline(true);
    let token = client.access_token(&default).await;
    assert!(token.is_err_and(|error| error.is_network()));
    memory.connection.set_offline(false);
    counter.count("a token without a network");

    let (session, forgotten) = client.forget().await;
    forgotten.expect("the storage lets go of it");
    let revoking = LogoutOptions {
        revoke: true,
        ..LogoutOptions::default()
    };
    let ended = client.end_session(session, revoking).await;
    ended.expect("the machine can go there");
    counter.count("logout, with revocation");
    counter.table
}

fn main() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    write!(io::stdout(), "{}", runtime.block_on(count()))
}
