//! How many requests each thing costs that people do.

use super::{AGE, METADATA, sharing};
use crate::harness::{ADA, World};

#[test]
fn nothing_costs_more_requests_than_it_must() {
    sharing().run(async |world| {
        let browser = &world.browser;
        browser.open("/").await;
        browser.sees("Log in, call a protected API").await;
        let metadata = "GET /.well-known/openid-configuration";
        let keys = "GET /.well-known/jwks.json";
        costs(world, "a start with nobody signed in", &[metadata, keys]).await;

        browser.click_in("main", "Log in").await;
        world.enter(ADA).await;
        browser.sees("Hello, Ada Lovelace").await;
        costs(world, "a login", &["POST /oauth/token"]).await;

        browser.click("See your profile").await;
        browser.sees(METADATA).await;
        costs(world, "a call of the API", &["GET /api"]).await;

        browser.reload().await;
        browser.sees(METADATA).await;
        costs(world, "a reload of the profile", &["GET /api"]).await;

        assert_eq!(browser.run(AGE).await, 1);
        browser.reload().await;
        browser.sees(METADATA).await;
        let all = ["POST /oauth/token", "GET /api"];
        costs(world, "a reload with an expired token", &all).await;

        browser.click("Log out").await;
        world.is_out().await;
        costs(world, "a logout", &["GET /v2/logout"]).await;
    });
}

/// Checks what the provider and the API were asked since the last look, in any order.
async fn costs(world: &World, what: &str, expected: &[&str]) {
    let mut asked = world.asked().await;
    for one in &mut asked {
        if one.starts_with("GET /api/") {
            "GET /api".clone_into(one);
        }
    }
    report(&format!("{what}: {} requests, {asked:?}", asked.len()));
    let mut expected: Vec<&str> = expected.to_vec();
    expected.sort_unstable();
    asked.sort_unstable();
    assert_eq!(asked, expected, "{what}");
    world.tenant().clear_requests();
}

#[expect(clippy::print_stderr, reason = "figures for who runs it")]
fn report(text: &str) {
    eprintln!("{text}");
}
