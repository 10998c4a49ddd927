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
    world().run(back_after_logout);
}

#[test]
fn back_after_logging_out_shows_nothing_of_the_user_even_from_a_living_page() {
    world().kept_for_back().run(back_after_logout);
}

async fn back_after_logout(world: &mut World) {
    let browser = &world.browser;
    browser.open("/profile").await;
    world.enter(ADA).await;
    browser.sees("\"theme\": \"dark\"").await;
    browser.click_in("header", "Log out").await;
    is_signed_out(world).await;
    browser.back().await;
    // The page asked for is guarded, so the browser may come to the tenant's login page at once.
    browser
        .until(
            "the page is signed out or the tenant asks who is there",
            "/Log in to see this page|Log in to The app|Taking you/.test(document.body.innerText)",
            Vec::new(),
        )
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
    assert_eq!(browser.local_storage().await, []);
}
