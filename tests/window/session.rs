//! A session from the login to the logout, across restarts of the program.

use serde_json::json;

use crate::harness::{Browser, Window, World, world};

const FIELD: &str = "Metadata as JSON";
const TEST: &str = "session";

#[test]
fn a_session_outlives_the_window_and_ends_with_the_logout() {
    world(async |world| {
        let variables = world.variables();
        let browser = Browser::start(&world.desktop).await;

        let mut window = Window::open(&world.desktop, &variables).await;
        window.sees("Login for Dioxus apps").await;
        window.is_called("Home · dioxus-auth0").await;
        window.picture(TEST, "1-signed-out").await;
        World::log_in(&mut world.opener, &browser, &mut window).await;
        window.picture(TEST, "2-signed-in").await;
        window.press("See your profile").await;
        window.sees("\"theme\": \"dark\"").await;
        window.sees("ada@example.com").await;
        window.is_called("Profile · dioxus-auth0").await;
        window.picture(TEST, "3-profile").await;

        window.press("Edit").await;
        assert!(window.value(FIELD).await.contains("newsletter"));
        window
            .fill(FIELD, "{\"theme\": \"light\", \"langs\": [\"en\", \"de\"]}")
            .await;
        window.picture(TEST, "4-editing").await;
        window.press("Save").await;
        window.sees("Saved.").await;
        window.sees("\"theme\": \"light\"").await;
        window.picture(TEST, "5-saved").await;
        window.close().await;
        let log = world.desktop.log();
        let said = log.matches("sessions are stored in plain text").count();
        assert_eq!(
            said, 1,
            "there is no keychain here, which is said once: {log}"
        );
        assert_eq!(log.matches(" WARN ").count(), 1, "and nothing else: {log}");
        assert!(!log.contains("code=") && !log.contains("state="), "{log}");
        let wanted = json!({ "theme": "light", "langs": ["en", "de"] });
        assert_eq!(world.metadata(), wanted);

        let mut window = Window::open(&world.desktop, &variables).await;
        window.sees("Hello, Ada Lovelace").await;
        window.press("Profile").await;
        window.sees("\"theme\": \"light\"").await;
        window.picture(TEST, "6-restarted").await;
        assert_eq!(world.asked("GET", "/authorize"), 1, "nobody logs in again");

        window.press("Log out").await;
        window.sees_no_more("Ada Lovelace").await;
        let goodbye = world.opener.next().await;
        assert_eq!(goodbye.path(), "/v2/logout");
        browser.open(&goodbye).await;
        window.picture(TEST, "7-logged-out").await;
        window.close().await;

        let mut window = Window::open(&world.desktop, &variables).await;
        window.sees("Login for Dioxus apps").await;
        window.sees_no_more("Ada Lovelace").await;
        window.picture(TEST, "8-restarted").await;
        window.close().await;
        browser.quit().await;
    });
}
