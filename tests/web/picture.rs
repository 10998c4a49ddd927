//! The picture of the app in the README, and what the tests themselves notice.

use std::path::{Path, PathBuf};

use crate::harness::{ADA, screenshot, world};

#[test]
fn the_signed_in_profile_can_be_pictured() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.prefer("light").await;
        browser.resize(1280, 800).await;
        browser.open("/profile").await;
        world.enter(ADA).await;
        browser.sees("\"theme\": \"dark\"").await;
        browser.sees_picture("main img").await;
        browser.sees_picture("header img").await;
        let path = screenshot()
            .unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("profile.png"));
        browser.picture(&path).await;
        assert!(is_png(&path), "{}", path.display());
    });
}

#[test]
fn a_breach_of_the_policy_would_be_noticed() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/").await;
        browser.control("main", "Log in").await;
        assert_eq!(browser.complaints().await, [""; 0]);
        browser
            .run(
                "const script = document.createElement('script');\
                 script.textContent = 'window.breached = true';\
                 document.body.append(script);\
                 document.body.setAttribute('style', 'color: red')",
            )
            .await;
        let complaints = browser.complaints().await;
        assert_eq!(complaints.len(), 2, "{complaints:#?}");
        assert_eq!(
            browser.run("return window.breached").await,
            serde_json::Value::Null
        );
        browser.forget_complaints();
    });
}

fn is_png(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x89PNG"))
}
