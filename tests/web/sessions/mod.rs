//! One session in many tabs: renewed once, ended everywhere, and of one user at a time.

mod bound;
mod holder;
mod logout;
mod offline;
mod refresh;
mod requests;
mod switch;

use serde_json::Value;

use crate::harness::{ADA, Setup, Tab, World, world};

/// As many tabs as people have open.
const TABS: usize = 20;

/// What the profile shows when an API has answered.
const METADATA: &str = "\"theme\": \"dark\"";

/// Lets the access token that is stored for all tabs run out.
const AGE: &str = "const key = Object.keys(localStorage).find(key => key.includes('session.'));\
     const kept = JSON.parse(localStorage[key]);\
     for (const token of kept.tokens) token.expires_at = Math.floor(Date.now() / 1000) - 10;\
     localStorage[key] = JSON.stringify(kept);\
     return kept.tokens.length";

/// A world whose tabs share a session that can be renewed.
fn sharing() -> Setup {
    world().config(share)
}

fn share(config: &mut Value) {
    config["useRefreshTokens"] = true.into();
    config["cacheLocation"] = "localStorage".into();
}

/// Logs Ada in on the front page, and lets her access token run out.
async fn expired(world: &World) {
    let browser = &world.browser;
    world.log_in(ADA).await;
    assert_eq!(browser.run(AGE).await, 1);
    world.asked().await;
    world.tenant().clear_requests();
}

/// The refresh token that is stored for all tabs.
async fn refresh_token(world: &World) -> String {
    let stored = world.browser.local_storage().await;
    let session = stored.iter().find(|(key, _)| key.contains("session."));
    let (_, text) = session.expect("a session is stored");
    let session: Value = serde_json::from_str(text).expect("it is JSON");
    let token = session["refresh_token"].as_str();
    token.expect("it has a refresh token").to_owned()
}

/// Waits until every tab shows `text`.
async fn all_see(world: &World, tabs: &[Tab], text: &str) {
    for tab in tabs {
        world.browser.show(tab).await;
        world.browser.sees(text).await;
    }
}

/// How often each refresh token was sent, in no order.
fn refreshes(world: &World) -> Vec<usize> {
    let counts = world.tenant().refreshes_by_token();
    counts.into_values().collect()
}
