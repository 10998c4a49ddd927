//! The profile: who is signed in, and what the protected API knows about them.

use serde_json::json;
use tenant::{DEMO_PASSWORD, NewUser};

use crate::harness::{ADA, GRACE, world};

const ADA_AT_API: &str = "/api/v2/users/auth0%7Cada000000000000000000001";

#[test]
fn a_login_to_the_profile_asks_for_one_token_and_one_user() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/profile").await;
        browser.sees("E-mail address").await;
        world.asked().await;
        world.tenant().clear_requests();
        world.enter(ADA).await;
        browser.sees("\"theme\": \"dark\"").await;
        browser.sees("\"newsletter\": true").await;

        let asked = world.asked().await;
        assert_eq!(
            asked,
            ["POST /oauth/token".to_owned(), format!("GET {ADA_AT_API}")]
        );
        let requests = world.tenant().requests();
        let preflights = requests
            .iter()
            .filter(|one| one.method == "OPTIONS")
            .count();
        assert!(preflights <= 1, "{preflights} preflights");
    });
}

#[test]
fn the_profile_shows_picture_name_address_and_metadata() {
    world().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        browser.click("See your profile").await;
        browser.sees("\"theme\": \"dark\"").await;
        assert_eq!(browser.text_of("h1").await, "Ada Lovelace");
        assert_eq!(browser.text_of(".email").await, ADA);
        assert_eq!(browser.text_of("h2").await, "User Metadata");
        browser.sees_picture("main img").await;
        let alternative = browser.attribute("main img", "alt").await;
        assert_eq!(alternative.as_deref(), Some("Picture of Ada Lovelace"));
        assert_eq!(
            browser.run("return document.title").await,
            "Profile · dioxus-auth0"
        );
        assert_eq!(world.token_requests().await, 1);
    });
}

#[test]
fn a_user_without_metadata_reads_so() {
    world().run(async |world| {
        let browser = &world.browser;
        world.log_in(GRACE).await;
        browser.click("See your profile").await;
        browser.sees("No user metadata defined").await;
        assert_eq!(browser.text_of("h1").await, "Grace Hopper");
    });
}

#[test]
fn what_the_dashboard_saves_is_there_after_a_reload() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/profile").await;
        world.enter(GRACE).await;
        browser.sees("No user metadata defined").await;

        let dashboard = format!("{}dashboard", world.issuer());
        browser
            .in_new_tab(async || {
                browser.open(&dashboard).await;
                let grace = "section.user:nth-of-type(2)";
                assert!(browser.text_of(grace).await.contains(GRACE));
                browser
                    .fill_in(grace, "User metadata", "{\"theme\": \"dark\"}")
                    .await;
                browser.click_in(grace, "Save").await;
                browser.sees("Saved.").await;
            })
            .await;

        browser.reload().await;
        browser.sees("\"theme\": \"dark\"").await;
        let users = world.tenant().users().expect("the store is in memory");
        let grace = users.iter().find(|user| user.email == GRACE);
        let metadata = grace.and_then(|user| user.user_metadata.clone());
        assert_eq!(
            metadata.map(serde_json::Value::Object),
            Some(json!({ "theme": "dark" }))
        );
        assert_eq!(world.token_requests().await, 1);
    });
}

#[test]
fn markup_in_names_and_metadata_is_shown_as_it_was_written() {
    const NAME: &str = "<img src=x onerror=alert(1)>";
    world()
        .tenant(|builder| {
            let metadata = json!({ "</pre><script>alert(1)</script>": "\"><svg onload=alert(1)>" });
            builder.user(
                NewUser::new("eve@example.com", DEMO_PASSWORD)
                    .name(NAME)
                    .metadata(metadata),
            )
        })
        .run(async |world| {
            let browser = &world.browser;
            browser.open("/profile").await;
            world.enter("eve@example.com").await;
            browser.sees("</pre><script>alert(1)</script>").await;
            browser.sees("<svg onload=alert(1)>").await;
            assert_eq!(browser.text_of("h1").await, NAME);
            let made = browser.run(
                "return document.querySelectorAll('main script, main svg, img[src=x]').length",
            );
            assert_eq!(made.await, 0);
        });
}
