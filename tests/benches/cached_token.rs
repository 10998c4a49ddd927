//! A token that is held, among few and many others: it costs the same, and no request.

use std::hint::black_box;
use std::rc::Rc;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dioxus_auth0::client::Client;
use dioxus_auth0::config::{CacheLocation, Config, Settings};
use dioxus_auth0::platform::memory::MemoryPlatform;
use dioxus_auth0::testing::{Account, Endpoint, MemoryProvider};
use dioxus_auth0::{AuthState, TokenOptions};
use futures_util::FutureExt;
use serde_json::{Value, json};

criterion_group!(benches, cached_token);
criterion_main!(benches);

fn cached_token(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cached token");
    for entries in [1, 100, 10_000] {
        let (provider, client) = holding(entries);
        let sent = provider.count(Endpoint::Token);
        let first = TokenOptions::default();
        let last = TokenOptions {
            audience: (entries > 1).then(|| audience(entries - 1)),
            ..TokenOptions::default()
        };
        for (name, options) in [("the login's", first), ("another", last)] {
            group.bench_function(BenchmarkId::new(name, entries), |bencher| {
                bencher.iter(|| {
                    let token = client.access_token(black_box(&options)).now_or_never();
                    token.expect("nobody waits").expect("it is held")
                });
            });
        }
        assert_eq!(provider.count(Endpoint::Token), sent, "nothing was sent");
    }
}

/// A client whose stored session holds so many tokens, each for an API of its own.
fn holding(entries: usize) -> (Rc<MemoryProvider>, Client) {
    let memory = MemoryPlatform::new();
    let provider = MemoryProvider::new(&memory.clock);
    provider.add(Account::new("auth0|ada", "Ada Lovelace"));
    let settings = Settings {
        cache: CacheLocation::LocalStorage,
        use_mrrt: true,
        ..provider.settings()
    };
    let client = || {
        let config = Config::new(&settings).expect("the provider's own settings are right");
        Client::new(config, provider.platform(&memory))
    };
    let login = client();
    let signed_in = provider.sign_in(&login, &memory, "auth0|ada");
    // What is in memory waits only for its turn.
    wait(signed_in).expect("the login can begin");

    let stored = memory.local_storage.entries().pop_first();
    let (key, text) = stored.expect("the session is stored");
    let mut session: Value = serde_json::from_str(&text).expect("a session is JSON");
    let token = session["tokens"][0].clone();
    let tokens = session["tokens"].as_array_mut().expect("it has tokens");
    tokens.extend((1..entries).map(|number| {
        let mut token = token.clone();
        token["audience"] = json!(audience(number));
        token
    }));
    memory.local_storage.plant(key, session.to_string());
    let client = client();
    let state = wait(client.restore());
    assert!(matches!(state, AuthState::SignedIn(_)), "{state:?}");
    (provider, client)
}

fn audience(number: usize) -> String {
    format!("https://api-{number}.example/")
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}
