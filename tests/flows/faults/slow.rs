//! A machine that takes its time, so that anything can happen in between.

use std::rc::Rc;

use dioxus_auth0::TokenOptions;
use dioxus_auth0::client::Client;
use dioxus_auth0::options::CacheMode;
use dioxus_auth0::port::{Platform, Storage, Task};

use super::{Scene, client, turn};

/// More polls than a refresh takes.
pub(super) const POLLS: usize = 12;

/// A storage that takes its time before and after, as real ones do.
struct Slow(Rc<dyn Storage>);

impl Storage for Slow {
    fn get<'a>(&'a self, key: &'a str) -> Task<'a, Option<String>> {
        Box::pin(async move {
            turn().await;
            let got = self.0.get(key).await;
            turn().await;
            got
        })
    }

    fn set<'a>(&'a self, key: &'a str, text: &'a str) -> Task<'a, ()> {
        Box::pin(async move {
            turn().await;
            let set = self.0.set(key, text).await;
            turn().await;
            set
        })
    }

    fn swap<'a>(&'a self, key: &'a str, from: &'a str, to: &'a str) -> Task<'a, bool> {
        Box::pin(async move {
            turn().await;
            let swapped = self.0.swap(key, from, to).await;
            // Long enough for somebody else to begin and to be done.
            for _ in 0..4 {
                turn().await;
            }
            swapped
        })
    }

    fn remove<'a>(&'a self, key: &'a str) -> Task<'a, ()> {
        Box::pin(async move {
            turn().await;
            let removed = self.0.remove(key).await;
            turn().await;
            removed
        })
    }

    fn keys<'a>(&'a self, prefix: &'a str) -> Task<'a, Vec<String>> {
        self.0.keys(prefix)
    }
}

/// A client of the session of `scene` on a storage that takes its time.
pub(super) async fn slow_client(scene: &Scene) -> Client {
    let storage: Rc<dyn Storage> = Rc::new(Slow(scene.memory.session_storage.clone()));
    let platform = Platform {
        session_storage: storage.clone(),
        usual_storage: storage,
        ..scene.provider.platform(&scene.memory)
    };
    let client = client(&scene.settings, platform);
    client.restore().await;
    client
}

/// Asks for another token, whatever is held.
pub(super) fn fresh() -> TokenOptions {
    TokenOptions {
        cache: CacheMode::Off,
        ..TokenOptions::default()
    }
}
