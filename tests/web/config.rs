//! A configuration that cannot work, and the page that says how to mend it.

use crate::harness::{Served, world};

#[test]
fn a_configuration_that_cannot_work_is_explained_by_file_key_and_fix() {
    world().run(async |world| {
        let browser = &world.browser;
        let text = |text: &str| Served::Text(text.to_owned());
        for (served, key, words) in [
            (
                Served::FrontPage,
                None,
                "Create the file with the keys shown below",
            ),
            (
                Served::Nothing,
                None,
                "Create the file with the keys shown below",
            ),
            (text("{\"domain\": }"), None, "Mend the file at that place"),
            (text(""), None, "Mend the file at that place"),
            (
                text("{\"domain\": \"a.example\", \"clientid\": \"x\"}"),
                Some("clientid"),
                "Remove the key or correct its spelling",
            ),
            (
                text("{\"domain\": \"\", \"clientId\": \"x\"}"),
                Some("domain"),
                "Fill it with the address of your provider",
            ),
            (
                text("{\"clientId\": \"x\"}"),
                Some("domain"),
                "Fill it with the address of your provider",
            ),
            (
                text("{\"domain\": \"http://tenant.example\", \"clientId\": \"x\"}"),
                Some("domain"),
                "Plain http is allowed for this machine only",
            ),
            (
                text("{\"domain\": \"a.example\", \"clientId\": 7}"),
                Some("clientId"),
                "Give the key a value of that type",
            ),
        ] {
            world.site.set_config(served);
            browser.open("/").await;
            browser.sees("This app is not set up yet").await;
            browser.sees(words).await;
            let shown = browser
                .run("return [...document.querySelectorAll('dd')].map(one => one.innerText)")
                .await;
            let shown: Vec<String> = serde_json::from_value(shown).expect("these are texts");
            assert_eq!(shown[0], "assets/public/auth_config.json");
            match key {
                Some(key) => assert_eq!(shown[1], key, "{shown:?}"),
                None => assert_eq!(shown.len(), 2, "{shown:?}"),
            }
            assert_eq!(
                browser.run("return document.title").await,
                "Not set up · dioxus-auth0"
            );
        }
        assert_eq!(world.asked().await, [""; 0]);
    });
}

#[test]
fn a_broken_file_is_named_with_line_and_column() {
    world().run(async |world| {
        world
            .site
            .set_config(Served::Text("{\n  \"domain\": ,\n}".into()));
        world.browser.open("/").await;
        world.browser.sees("line 2").await;
        world.browser.sees("column 13").await;
    });
}

#[test]
fn an_answer_that_meets_a_broken_configuration_does_not_stay_in_the_address_bar() {
    world().run(async |world| {
        let browser = &world.browser;
        world.site.set_config(Served::FrontPage);
        browser.open("/?code=secret&state=pending").await;
        browser.sees("This app is not set up yet").await;
        browser.is_at("/").await;
        let (entries, _) = browser.history().await;
        assert!(
            entries.iter().all(|url| !url.contains("code=")),
            "{entries:?}"
        );
    });
}
