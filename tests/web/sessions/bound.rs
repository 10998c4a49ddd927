//! Tokens that are bound to a key of this browser ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)), and requests that
//! are pushed before their user comes ([RFC 9126](https://www.rfc-editor.org/rfc/rfc9126)).

use serde_json::Value;
use tenant::{Builder, DpopNonces};

use super::{METADATA, share};
use crate::harness::{ADA, World, world};

/// Every key that the app keeps: whether the private one can be read, and what may be done with it.
const KEYS: &str = "const done = arguments[arguments.length - 1];
    const open = indexedDB.open('dioxus-auth0');
    open.onsuccess = () => {
        const read = open.result.transaction('keys').objectStore('keys').getAll();
        read.onsuccess = () => {
            open.result.close();
            done(read.result.map(({ privateKey }) => [privateKey.extractable, ...privateKey.usages]));
        };
    };";

#[test]
fn bound_tokens_work_where_every_server_demands_nonces_and_are_worth_nothing_elsewhere() {
    let demanding = |builder: Builder| {
        builder.dpop_nonces(DpopNonces {
            token: true,
            resources: true,
            renewed: true,
        })
    };
    let setup = world().tenant(demanding).config(|config| {
        share(config);
        config["useDpop"] = true.into();
    });
    setup.run(async |world| {
        let browser = &world.browser;
        browser.open("/profile").await;
        world.enter(ADA).await;
        browser.sees(METADATA).await;
        let stored = stored_token(world).await;
        assert_eq!(stored["token_type"], "DPoP");
        let keys = browser.run_async(KEYS).await;
        assert_eq!(
            keys,
            serde_json::json!([[false, "sign"]]),
            "one key, for nothing else"
        );

        // It is refreshed, in a page that knows no nonce yet.
        assert_eq!(browser.run(super::AGE).await, 1);
        world.asked().await;
        world.tenant().clear_requests();
        browser.reload().await;
        browser.sees(METADATA).await;
        world.asked().await;
        // Once more with the nonce that the refusal brought; the refresh token is not used up by that.
        assert_eq!(super::refreshes(world), [2]);
        world.tenant().rotate_dpop_nonces();
        browser.reload().await;
        browser.sees(METADATA).await;
        assert_eq!(browser.run_async(KEYS).await, keys, "it is the same key");

        let token = stored_token(world).await;
        let token = token["access_token"].as_str().expect("it is a text");
        let requests = world.tenant().requests();
        let read = requests.iter().find(|one| one.path.starts_with("/api/"));
        let url = format!(
            "{}{}",
            world.issuer(),
            &read.expect("the profile is read").path[1..]
        );
        for scheme in ["Bearer", "DPoP"] {
            let client = reqwest::Client::builder().no_proxy().build();
            let client = client.expect("a client without certificates can be built");
            let stolen = client
                .get(&url)
                .header("authorization", format!("{scheme} {token}"));
            let answer = stolen.send().await.expect("the tenant answers");
            assert_eq!(
                answer.status().as_u16(),
                401,
                "a thief has no key: {scheme}"
            );
        }
    });
}

#[test]
fn a_login_works_where_requests_must_be_pushed_and_nothing_of_it_stands_in_the_address() {
    world()
        .tenant(Builder::require_pushed_requests)
        .run(async |world| {
            world.log_in(ADA).await;
            world.asked().await;
            let requests = world.tenant().requests();
            let pushed = requests
                .iter()
                .filter(|one| one.path == "/oauth/par" && one.method == "POST");
            assert_eq!(pushed.count(), 1);
            let asked = requests.iter().filter(|one| one.path == "/authorize");
            let asked: Vec<_> = asked.map(|one| one.query.clone()).collect();
            assert_eq!(asked, [["client_id", "request_uri"]]);
        });
}

/// What is stored of the access token.
async fn stored_token(world: &World) -> Value {
    let stored = world.browser.local_storage().await;
    let session = stored.iter().find(|(key, _)| key.contains("session."));
    let (_, text) = session.expect("a session is stored");
    let session: Value = serde_json::from_str(text).expect("it is JSON");
    session["tokens"][0].clone()
}
