//! A machine that takes its time, so that anything can happen in between.

use std::rc::Rc;

use dioxus_auth0::TokenOptions;
use dioxus_auth0::client::Client;
use dioxus_auth0::options::CacheMode;
use dioxus_auth0::port::{Platform, Storage};

use super::{Scene, client};
use crate::slow::Slow;

/// More polls than a refresh takes.
pub(super) const POLLS: usize = 12;

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
