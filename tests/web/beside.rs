//! Logins beside the page, in a popup or a frame, and tokens for another API.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tenant::Application;

use crate::harness::{ADA, Setup, Tab, World, world};

/// Within what time a popup that is gone is noticed, and how long closing one may take besides.
const SOON: Duration = Duration::from_secs(1);

/// Notes when the outcome changes.
const NOTE: &str = "new MutationObserver(() => { window.told ??= Date.now() })\
     .observe(document.getElementById('outcome'), { subtree: true, childList: true, characterData: true })";

fn buttons() -> Setup {
    world().with_buttons()
}

#[test]
fn a_login_in_a_popup_signs_in_the_page_that_stays() {
    buttons().run(async |world| {
        let browser = &world.browser;
        nobody(world).await;
        browser.run("window.stayed = true").await;
        browser.click("Log in beside").await;
        in_popup(world, async || world.enter(ADA).await).await;
        outcome(world, "done").await;
        is_user(world, "Ada Lovelace").await;
        assert_eq!(browser.run("return window.stayed").await, true);
        assert_eq!(browser.tabs().await.len(), 1, "the popup is gone");
        assert_eq!(world.token_requests().await, 1);
        // It is kept as any other login.
        browser.reload().await;
        is_user(world, "Ada Lovelace").await;
    });
}

#[test]
fn a_popup_that_the_browser_does_not_open_is_told_at_once() {
    buttons().run(async |world| {
        nobody(world).await;
        world.browser.run("window.open = () => null").await;
        let pressed = Instant::now();
        world.browser.click("Log in beside").await;
        outcome(world, "popup_open").await;
        assert!(pressed.elapsed() < SOON * 3, "{:?}", pressed.elapsed());
        assert_eq!(world.token_requests().await, 0);
        is_user(world, "nobody").await;
    });
}

#[test]
fn a_popup_that_the_user_closes_is_noticed_within_a_second() {
    buttons().run(async |world| {
        let browser = &world.browser;
        nobody(world).await;
        browser.click("Log in beside").await;
        let first = browser.tab().await;
        let popup = popup(world).await;
        browser.show(&popup).await;
        browser.sees("E-mail address").await;
        browser.show(&first).await;
        browser.run(NOTE).await;
        let closed = browser.run("return Date.now()").await;
        browser.close(&popup).await;
        outcome(world, "cancelled").await;
        let told = browser.run("return window.told").await;
        let took = told.as_i64().unwrap_or(i64::MAX) - closed.as_i64().unwrap_or_default();
        assert!(took < 1500, "{took} ms, of which closing is a part");
        is_user(world, "nobody").await;
    });
}

#[test]
fn a_popup_that_nobody_comes_back_from_is_given_up() {
    buttons().run(async |world| {
        let browser = &world.browser;
        nobody(world).await;
        browser.click("Log in beside").await;
        let first = browser.tab().await;
        browser.show(&popup(world).await).await;
        browser.sees("E-mail address").await;
        browser.show(&first).await;
        // Five minutes pass in a moment.
        browser
            .run("const now = performance.now.bind(performance); performance.now = () => now() + 300_000")
            .await;
        outcome(world, "timeout").await;
        gone(world).await;
    });
}

#[test]
fn a_token_for_another_api_is_had_in_a_popup_and_held_beside_the_first() {
    buttons().run(async |world| {
        let browser = &world.browser;
        log_in(world).await;
        browser.click("Token for orders").await;
        outcome(world, "consent_required").await;
        browser.click("Token for orders beside").await;
        // The tenant knows the user and asks nothing, so the popup is gone by itself.
        let orders = token(world).await;
        assert_eq!(audience(&orders), world.tenant().orders_audience());
        gone(world).await;
        is_user(world, "Ada Lovelace").await;

        world.asked().await;
        world.tenant().clear_requests();
        browser.click("Token").await;
        assert_eq!(audience(&token(world).await), world.tenant().audience());
        browser.click("Token for orders").await;
        assert_eq!(token(world).await, orders);
        assert_eq!(world.token_requests().await, 0, "both are held");
    });
}

#[test]
fn one_refresh_token_buys_tokens_for_both_apis_where_the_provider_has_it_so() {
    let both = |app: Application| app.refreshes_for("/orders/", ["read:orders"]);
    let setup = buttons().application(both).config(|config| {
        config["useRefreshTokens"] = true.into();
        config["useMrrt"] = true.into();
    });
    setup.run(async |world| {
        let browser = &world.browser;
        log_in(world).await;
        world.asked().await;
        world.tenant().clear_requests();
        browser.click("Token for orders").await;
        assert_eq!(
            audience(&token(world).await),
            world.tenant().orders_audience()
        );
        browser.click("Token").await;
        assert_eq!(audience(&token(world).await), world.tenant().audience());
        assert_eq!(world.token_requests().await, 1);
    });
}

#[test]
fn a_provider_that_knows_the_user_is_asked_in_a_frame_that_nobody_sees() {
    buttons().run(async |world| {
        let browser = &world.browser;
        nobody(world).await;
        browser.click("Log in unseen").await;
        outcome(world, "login_required").await;
        is_user(world, "nobody").await;

        log_in(world).await;
        let forgotten = "for (const key of Object.keys(sessionStorage)) if (key.includes('session.')) delete sessionStorage[key]";
        browser.run(forgotten).await;
        browser.reload().await;
        is_user(world, "nobody").await;
        browser.click("Log in unseen").await;
        outcome(world, "done").await;
        is_user(world, "Ada Lovelace").await;
        let left = browser.run("return document.querySelectorAll('iframe').length").await;
        assert_eq!(left, 0, "the frame is gone");
    });
}

#[test]
fn held_tokens_are_handed_out_without_asking_anybody() {
    buttons().run(async |world| {
        log_in(world).await;
        world.asked().await;
        world.tenant().clear_requests();
        world.browser.click("Count tokens").await;
        let counted = "/^[0-9]+$/.test(document.getElementById('outcome').innerText)";
        world
            .browser
            .until("they are counted", counted, Vec::new())
            .await;
        let calls = world.browser.text_of("#outcome").await;
        report(&format!(
            "held access tokens handed out in a second: {calls}"
        ));
        assert_eq!(world.asked().await, Vec::<String>::new());
    });
}

#[expect(clippy::print_stderr, reason = "a figure for who runs it")]
fn report(text: &str) {
    eprintln!("{text}");
}

async fn nobody(world: &World) {
    world.browser.open("/").await;
    is_user(world, "nobody").await;
}

async fn log_in(world: &World) {
    nobody(world).await;
    world.browser.click("Log in").await;
    world.enter(ADA).await;
    is_user(world, "Ada Lovelace").await;
}

async fn is_user(world: &World, name: &str) {
    shows(world, "user", name).await;
}

async fn outcome(world: &World, text: &str) {
    shows(world, "outcome", text).await;
}

async fn shows(world: &World, id: &str, text: &str) {
    let shown = "document.getElementById(arguments[0])?.innerText === arguments[1]";
    let arguments = vec![json!(id), json!(text)];
    let claim = format!("{id} is {text:?}");
    world.browser.until(&claim, shown, arguments).await;
}

/// The token that is shown as the outcome.
async fn token(world: &World) -> String {
    let shown = "document.getElementById('outcome').innerText.split('.').length === 3";
    world
        .browser
        .until("there is a token", shown, Vec::new())
        .await;
    world.browser.text_of("#outcome").await
}

fn audience(token: &str) -> String {
    let payload = token.split('.').nth(1).expect("it is a JWT");
    let payload = URL_SAFE_NO_PAD.decode(payload);
    let claims: Value =
        serde_json::from_slice(&payload.expect("it is base64url")).expect("it is JSON");
    match &claims["aud"] {
        Value::Array(all) => all[0].as_str().unwrap_or_default().to_owned(),
        one => one.as_str().unwrap_or_default().to_owned(),
    }
}

/// Does `work` in the popup, and comes back.
async fn in_popup(world: &World, work: impl AsyncFnOnce()) {
    let first = world.browser.tab().await;
    world.browser.show(&popup(world).await).await;
    work().await;
    world.browser.show(&first).await;
}

/// Waits for the popup.
async fn popup(world: &World) -> Tab {
    let first = world.browser.tab().await;
    let deadline = Instant::now() + SOON * 15;
    loop {
        let tabs = world.browser.tabs().await;
        if let Some(popup) = tabs.into_iter().find(|tab| *tab != first) {
            return popup;
        }
        assert!(Instant::now() < deadline, "there is a popup");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Waits until the popup is gone.
async fn gone(world: &World) {
    let deadline = Instant::now() + SOON * 15;
    while world.browser.tabs().await.len() > 1 {
        assert!(Instant::now() < deadline, "the popup is gone");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
