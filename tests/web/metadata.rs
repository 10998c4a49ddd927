//! The user's metadata, changed in the app.

use serde_json::{Value, json};
use tenant::{Endpoint, Fault};

use crate::harness::{ADA, World, world};

const FIELD: &str = "Metadata as JSON";

#[test]
fn an_edit_is_saved_at_the_api_and_seen_on_the_dashboard() {
    world().run(async |world| {
        let browser = &world.browser;
        open_editor(world).await;
        browser
            .fill(FIELD, "{\"theme\": \"light\", \"langs\": [\"en\", \"de\"]}")
            .await;
        browser.click("Save").await;
        browser.sees("Saved.").await;
        browser.sees("\"theme\": \"light\"").await;
        browser.sees_no_more("newsletter").await;
        let wanted = json!({ "theme": "light", "langs": ["en", "de"] });
        assert_eq!(metadata(world), wanted);
        assert_eq!(patches(world).await, 1);

        browser.reload().await;
        browser.sees("\"theme\": \"light\"").await;
        browser.open(&format!("{}dashboard", world.issuer())).await;
        let shown = browser
            .run("return document.querySelector('textarea').value")
            .await;
        let shown: Value = serde_json::from_str(shown.as_str().unwrap_or_default())
            .expect("the dashboard shows JSON");
        assert_eq!(shown, wanted);
    });
}

#[test]
fn a_save_that_fails_keeps_the_text_and_works_when_tried_again() {
    world().run(async |world| {
        let browser = &world.browser;
        open_editor(world).await;
        let text = "{\"theme\": \"light\"}";
        browser.fill(FIELD, text).await;
        let busy = Fault::Status(503, "busy".into());
        world
            .tenant()
            .faults()
            .set(Endpoint::UserUpdate, busy, Some(1));
        browser.click("Save").await;
        browser
            .sees(&format!("{} cannot answer at the moment", world.host()))
            .await;
        assert_eq!(browser.field_value(FIELD).await, text);
        assert_eq!(metadata(world), before());

        browser.click_in("[role=alert]", "Try again").await;
        browser.sees("Saved.").await;
        assert_eq!(metadata(world), json!({ "theme": "light" }));
        assert_eq!(patches(world).await, 2);
    });
}

#[test]
fn a_save_that_failed_and_is_given_up_leaves_what_was_there() {
    world().run(async |world| {
        let browser = &world.browser;
        open_editor(world).await;
        browser.fill(FIELD, "{\"theme\": \"light\"}").await;
        world
            .tenant()
            .faults()
            .set(Endpoint::UserUpdate, Fault::HangUp, None);
        browser.click("Save").await;
        browser.sees("No connection").await;
        browser.click("Cancel").await;
        browser.sees("\"theme\": \"dark\"").await;
        browser.sees("\"newsletter\": true").await;
        browser.has_no("\"light\"").await;
        assert_eq!(metadata(world), before());
    });
}

#[test]
fn text_that_is_not_json_cannot_be_saved_and_says_where() {
    world().run(async |world| {
        let browser = &world.browser;
        open_editor(world).await;
        for (text, words) in [
            ("{\"theme\": }", "Line 1, column 11: this is not JSON."),
            (
                "{\"theme\": \"dark\"",
                "Line 1, column 16: something is missing.",
            ),
            ("[1]", "This is JSON, but not an object in braces."),
            ("", "Write an object; {} is an empty one."),
        ] {
            browser.fill(FIELD, text).await;
            browser.sees(words).await;
            let save = browser.control("form", "Save").await;
            assert!(
                !save.is_enabled().await.expect("the button is there"),
                "{text}"
            );
        }
        assert_eq!(patches(world).await, 0);
        assert_eq!(metadata(world), before());
    });
}

async fn open_editor(world: &World) {
    let browser = &world.browser;
    browser.open("/profile").await;
    world.enter(ADA).await;
    browser.sees("\"theme\": \"dark\"").await;
    browser.click("Edit").await;
    browser.sees(FIELD).await;
}

fn before() -> Value {
    json!({ "theme": "dark", "newsletter": true })
}

/// What the tenant keeps about Ada.
fn metadata(world: &World) -> Value {
    let users = world.tenant().users().expect("the store is in memory");
    let ada = users.into_iter().find(|user| user.email == ADA);
    let kept = ada.and_then(|user| user.user_metadata);
    kept.map_or(Value::Null, Value::Object)
}

async fn patches(world: &World) -> usize {
    let asked = world.asked().await;
    asked.iter().filter(|one| one.starts_with("PATCH ")).count()
}
