//! Access tokens that run out.

use crate::harness::{ADA, World, world};

const AGE: &str = "const key = Object.keys(sessionStorage).find(key => key.includes('session.'));\
     const kept = JSON.parse(sessionStorage[key]);\
     for (const token of kept.tokens) token.expires_at = Math.floor(Date.now() / 1000) - 10;\
     sessionStorage[key] = JSON.stringify(kept);\
     return kept.tokens.length";

#[test]
fn an_expired_access_token_costs_one_refresh_and_nothing_else() {
    world()
        .config(|config| config["useRefreshTokens"] = true.into())
        .run(async |world| {
            let browser = &world.browser;
            profile_with_expired_token(world).await;
            browser.reload().await;
            browser.sees("\"theme\": \"dark\"").await;
            let asked = world.asked().await;
            let [token, user] = asked.as_slice() else {
                panic!("a token and a user, not {asked:?}");
            };
            assert_eq!(token, "POST /oauth/token");
            assert!(user.starts_with("GET /api/v2/users/"), "{user}");
            assert_eq!(grants(world), ["refresh_token"]);

            // The new token is kept: the next page needs none.
            world.tenant().clear_requests();
            browser.reload().await;
            browser.sees("\"theme\": \"dark\"").await;
            assert_eq!(world.token_requests().await, 0);
        });
}

#[test]
fn an_expired_session_without_refresh_token_says_so_and_the_login_goes_on() {
    world().run(async |world| {
        let browser = &world.browser;
        profile_with_expired_token(world).await;
        browser.open("/").await;
        browser
            .sees("Your session has ended. Log in again to go on.")
            .await;
        assert_eq!(world.token_requests().await, 0);
        // The tenant still knows the user, so nothing needs to be typed.
        browser.click_in("main", "Log in").await;
        browser.sees("Hello, Ada Lovelace").await;
        assert_eq!(grants(world), ["authorization_code"]);
    });
}

#[test]
fn an_expired_session_on_a_guarded_page_is_renewed_by_the_tenants_own() {
    world().run(async |world| {
        let browser = &world.browser;
        profile_with_expired_token(world).await;
        browser.reload().await;
        browser.sees("\"theme\": \"dark\"").await;
        browser.is_at("/profile").await;
        world.asked().await;
        assert_eq!(grants(world), ["authorization_code"]);
    });
}

#[test]
fn a_stored_session_that_cannot_be_read_says_so_and_a_login_mends_it() {
    world().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        let spoilt = "const key = Object.keys(sessionStorage).find(key => key.includes('session.'));\
             sessionStorage[key] = arguments[0]";
        for text in ["{", "[]", "{\"version\": 1}", "<!doctype html>"] {
            browser.run_with(spoilt, vec![text.into()]).await;
            browser.reload().await;
            browser.sees("Your session cannot be read").await;
            browser.click_in("main", "Log in again").await;
            browser.sees("Hello, Ada Lovelace").await;
        }
    });
}

async fn profile_with_expired_token(world: &World) {
    let browser = &world.browser;
    browser.open("/profile").await;
    world.enter(ADA).await;
    browser.sees("\"theme\": \"dark\"").await;
    assert_eq!(browser.run(AGE).await, 1);
    world.asked().await;
    world.tenant().clear_requests();
}

/// The grants that were asked for, in order.
fn grants(world: &World) -> Vec<String> {
    let requests = world.tenant().requests();
    requests
        .into_iter()
        .filter_map(|request| request.grant_type)
        .collect()
}
