//! Into the app: sign up, consent, log in, and the page that was asked for.

use crate::harness::{ADA, GRACE, MALLORY, World, world};

#[test]
fn a_new_user_signs_up_and_is_greeted_by_name() {
    world().asking_consent().run(async |world| {
        let browser = &world.browser;
        browser.open("/").await;
        browser.click("Sign up").await;
        browser.sees("Sign up for").await;
        browser.fill("E-mail address", "edsger@example.com").await;
        browser.fill("Password", "Shortest-Path-1").await;
        browser.fill("Name", "Edsger Dijkstra").await;
        browser.click("Continue").await;
        browser.click("Allow").await;
        browser.sees("Hello, Edsger Dijkstra").await;
        let users = world.tenant().users().expect("the store is in memory");
        assert!(users.iter().any(|user| user.email == "edsger@example.com"));
    });
}

#[test]
fn consent_is_asked_for_once_and_not_again() {
    world().asking_consent().run(async |world| {
        let browser = &world.browser;
        browser.open("/").await;
        browser.click("Log in").await;
        world.enter(ADA).await;
        browser.sees("asks to:").await;
        browser.sees("Read your user record").await;
        browser.sees("Change your user metadata").await;
        browser.click("Allow").await;
        browser.sees("Hello, Ada Lovelace").await;

        browser.click_in("main", "Log out").await;
        browser.click_in("main", "Log in").await;
        world.enter(ADA).await;
        browser.sees("Hello, Ada Lovelace").await;
        let requests = world.tenant().requests();
        let consents = requests
            .iter()
            .filter(|one| one.path == "/u/consent" && one.method == "POST");
        assert_eq!(consents.count(), 1);
    });
}

#[test]
fn a_login_leaves_nothing_of_itself_in_address_history_and_storage() {
    world().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        browser.is_at("/").await;
        has_no_trace_of_the_login(world).await;
        // One entry more than before the tenant's pages, which is the page the user came back to.
        let (entries, current) = browser.history().await;
        let last_of_tenant = entries
            .iter()
            .rposition(|url| url.starts_with(world.issuer()));
        assert_eq!(last_of_tenant, Some(entries.len() - 2), "{entries:?}");
        assert_eq!(current, entries.len() - 1, "{entries:?}");

        let html_lang = browser.attribute("html", "lang").await;
        assert_eq!(html_lang.as_deref(), Some("en"));
        let title = browser.run("return document.title").await;
        assert_eq!(title, "Home · dioxus-auth0");
        let referrers = world.site.referrers();
        assert!(
            referrers.iter().all(|url| !url.contains("code=")),
            "{referrers:?}"
        );
    });
}

/// Checks address bar, every entry of the history, and both storages.
async fn has_no_trace_of_the_login(world: &World) {
    let browser = &world.browser;
    let (entries, _) = browser.history().await;
    for url in entries
        .iter()
        .filter(|url| url.starts_with(world.site.origin()))
    {
        for name in ["code=", "state=", "iss=", "error="] {
            assert!(!url.contains(name), "{name} in the history: {entries:?}");
        }
    }
    let stored = browser.session_storage().await;
    for (key, value) in &stored {
        assert!(!key.contains("transaction"), "{key} is left over");
        assert!(!value.contains("verifier"), "{key} holds a verifier");
    }
    assert_eq!(browser.local_storage().await, []);
}

#[test]
fn a_deep_link_leads_through_the_login_and_back_to_the_page() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/profile").await;
        world.enter(ADA).await;
        browser.sees("\"theme\": \"dark\"").await;
        browser.is_at("/profile").await;
        has_no_trace_of_the_login(world).await;
    });
}

#[test]
fn a_reload_keeps_the_user_signed_in_without_asking_the_tenant() {
    world().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        world.asked().await;
        world.tenant().clear_requests();
        browser.reload().await;
        browser.sees("Hello, Ada Lovelace").await;
        assert_eq!(world.asked().await, [""; 0]);
    });
}

#[test]
fn a_key_that_is_new_at_the_tenant_is_fetched_once() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/profile").await;
        browser.sees("E-mail address").await;
        world.asked().await;
        world.tenant().clear_requests();
        let rotated = world.tenant().rotate_keys();
        rotated.expect("a key can be made");
        world.enter(ADA).await;
        browser.sees("\"theme\": \"dark\"").await;
        let asked = world.asked().await;
        assert_eq!(
            asked[..2],
            ["POST /oauth/token", "GET /.well-known/jwks.json"]
        );
        assert_eq!(asked.len(), 3, "{asked:?}");
    });
}

#[test]
fn whoever_denies_consent_reads_why_they_are_not_signed_in() {
    world().asking_consent().run(async |world| {
        let browser = &world.browser;
        browser.open("/").await;
        browser.click("Log in").await;
        world.enter(GRACE).await;
        browser.click("Deny").await;
        browser.sees("You are not logged in").await;
        browser.sees("You did not give your consent").await;
        stays_signed_out(world).await;

        // The way on is open: asked again, Grace changes her mind.
        browser.click_in("main", "Try again").await;
        browser.click("Allow").await;
        browser.sees("Hello, Grace Hopper").await;
    });
}

#[test]
fn a_guarded_page_stops_and_explains_when_consent_is_denied() {
    world().asking_consent().run(async |world| {
        let browser = &world.browser;
        browser.open("/profile").await;
        world.enter(GRACE).await;
        browser.click("Deny").await;
        browser.sees("You did not give your consent").await;
        browser.is_at("/profile").await;
        stays_signed_out(world).await;
        browser.control("main", "Try again").await;
    });
}

#[test]
fn a_blocked_user_reads_that_they_may_not_use_the_app() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/").await;
        browser.click("Log in").await;
        world.enter(MALLORY).await;
        browser.sees("You are not logged in").await;
        browser.sees("user is blocked").await;
        stays_signed_out(world).await;
    });
}

/// Checks that no token was asked for, that no session is kept, and that the app does not go round in circles.
async fn stays_signed_out(world: &World) {
    let browser = &world.browser;
    assert_eq!(world.token_requests().await, 0);
    let authorizations = |world: &World| {
        let requests = world.tenant().requests();
        requests
            .iter()
            .filter(|one| one.path == "/authorize")
            .count()
    };
    assert_eq!(authorizations(world), 1);
    has_no_trace_of_the_login(world).await;
    let stored = browser.session_storage().await;
    assert!(
        stored.iter().all(|(key, _)| !key.contains("session")),
        "{stored:?}"
    );
    browser.has_no("Log out").await;
}
