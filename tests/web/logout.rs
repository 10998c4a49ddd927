//! Out of the app, and what Back shows afterwards.

use crate::harness::{ADA, World, world};

#[test]
fn logging_out_ends_the_session_here_and_at_the_tenant() {
    world().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        world.tenant().clear_requests();
        browser.click_in("main", "Log out").await;
        is_signed_out(world).await;
        browser.is_at("/").await;
        let asked = world.asked().await;
        assert_eq!(
            asked.iter().filter(|one| *one == "GET /v2/logout").count(),
            1,
            "{asked:?}"
        );

        // The tenant's own session is over too: it asks for the password again.
        browser.click_in("main", "Log in").await;
        browser.sees("Password").await;
    });
}

#[test]
fn back_after_logging_out_shows_nothing_of_the_user() {
    world().run(async |world| {
        profile_then_logout(world).await;
        world.browser.back().await;
        shows_nothing_of_ada(world).await;
        world.browser.back().await;
        shows_nothing_of_ada(world).await;
    });
}

#[test]
fn back_to_a_page_that_was_kept_alive_shows_nothing_of_the_user_either() {
    world().kept_for_back().run(async |world| {
        profile_then_logout(world).await;
        world.browser.back().await;
        shows_nothing_of_ada(world).await;
        world.browser.back().await;
        shows_nothing_of_ada(world).await;
        // It was kept, and not even for a moment could it be read.
        let console = world.browser.console().await;
        let revived: Vec<_> = console
            .iter()
            .filter(|line| line.contains("revived"))
            .collect();
        assert_eq!(revived.len(), 1, "{console:#?}");
        assert!(revived[0].contains("visible: false"), "{revived:?}");
    });
}

/// Leaves an entry of the profile in the history, then logs out from the front page.
async fn profile_then_logout(world: &World) {
    let browser = &world.browser;
    browser.open("/profile").await;
    world.enter(ADA).await;
    browser.sees("\"theme\": \"dark\"").await;
    browser
        .run(
            "addEventListener('pageshow', event => {\
                 if (event.persisted) console.warn(`revived, visible: ${document.body.checkVisibility()}`)\
             })",
        )
        .await;
    browser.open("/").await;
    browser.sees("Hello, Ada Lovelace").await;
    browser.click_in("main", "Log out").await;
    is_signed_out(world).await;
}

/// Checks the app, or the tenant's login page where a guarded page leads at once.
async fn shows_nothing_of_ada(world: &World) {
    let browser = &world.browser;
    let shown = "/Login for Dioxus apps|Log in to see this page|Log in to The app/.test(document.body.innerText)";
    browser
        .until("a page for visitors is shown", shown, Vec::new())
        .await;
    for trace in ["Ada", "theme", "newsletter"] {
        browser.has_no(trace).await;
    }
}

/// Checks what is shown and what is kept.
async fn is_signed_out(world: &World) {
    let browser = &world.browser;
    browser.control("main", "Log in").await;
    browser.has_no("Ada Lovelace").await;
    let stored = browser.session_storage().await;
    let left: Vec<_> = stored
        .iter()
        .filter(|(key, value)| {
            key.contains("session") || key.contains("transaction") || value.contains("token\":\"")
        })
        .collect();
    assert!(left.is_empty(), "{left:?}");
    // What tells other tabs of the logout is a random text.
    let mut shared = browser.local_storage().await;
    shared.retain(|(key, _)| !key.starts_with("dioxus-auth0.generation."));
    assert_eq!(shared, []);
}
