//! A token that is held, among few and many others: it costs the same, and no request.

use std::hint::black_box;
use std::rc::Rc;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dioxus_auth0::TokenOptions;
use dioxus_auth0::client::Client;
use dioxus_auth0::config::{CacheLocation, Config, Settings};
use dioxus_auth0::platform::memory::MemoryPlatform;
use dioxus_auth0::testing::{Account, Endpoint, MemoryProvider, Resource, Rules};
use futures_util::FutureExt;

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

/// A client that has got so many tokens, each for an API of its own, by one refresh token.
fn holding(entries: usize) -> (Rc<MemoryProvider>, Client) {
    let memory = MemoryPlatform::new();
    let further = (1..entries).map(|number| Resource {
        audience: audience(number),
        scope: "read:orders".into(),
    });
    let rules = Rules {
        further: further.collect(),
        ..Rules::default()
    };
    let provider = MemoryProvider::with(&memory.clock, rules);
    provider.add(Account::new("auth0|ada", "Ada Lovelace"));
    let settings = Settings {
        // A stored session has no room for so many.
        cache: CacheLocation::Memory,
        use_mrrt: true,
        ..provider.settings()
    };
    let config = Config::new(&settings).expect("the provider's own settings are right");
    let client = Client::new(config, provider.platform(&memory));
    wait(async {
        let signed_in = provider.sign_in(&client, &memory, "auth0|ada").await;
        signed_in.expect("the login can begin");
        for number in 1..entries {
            let options = TokenOptions {
                audience: Some(audience(number)),
                ..TokenOptions::default()
            };
            let token = client.access_token(&options).await;
            token.expect("the refresh token buys it");
        }
    });
    (provider, client)
}

fn audience(number: usize) -> String {
    format!("https://api-{number}.example/")
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}
