//! Another user in one tab is another user in all of them, with nothing of the last one.

use std::time::Duration;

use tenant::{Endpoint, Fault};

use super::{METADATA, all_see, sharing};
use crate::harness::{ADA, GRACE};

/// Notes every moment at which the page shows something of both users.
const MIXED: &str = "window.mixed = [];\
     const look = () => { const text = document.body.textContent;\
         if (/Grace/.test(text) && /Ada|theme|newsletter/.test(text)) window.mixed.push(text) };\
     new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });";

#[test]
fn a_login_as_somebody_else_in_one_tab_shows_them_in_the_other_with_nothing_of_the_last_one() {
    sharing().run(async |world| {
        let browser = &world.browser;
        world.log_in(ADA).await;
        let first = browser.tab().await;
        let others = browser.open_tabs(4, "/profile").await;
        all_see(world, &others, METADATA).await;
        for tab in &others {
            browser.show(tab).await;
            browser.run(MIXED).await;
        }

        browser.show(&first).await;
        browser.click_in("main", "Log out").await;
        browser.click_in("main", "Log in").await;
        world.tenant().clear_requests();
        // Long enough to catch data of the one under the name of the other.
        let slow = Fault::Slow(Duration::from_millis(500));
        world.tenant().faults().set(Endpoint::UserRead, slow, None);
        world.enter(GRACE).await;
        browser.sees("Hello, Grace Hopper").await;
        for tab in &others {
            browser.show(tab).await;
            browser.sees("Grace Hopper").await;
            browser.sees("No user metadata defined").await;
            browser.has_no("Ada").await;
            let mixed = browser.run("return window.mixed").await;
            assert_eq!(mixed, serde_json::json!([]));
        }
        world.asked().await;
        let requests = world.tenant().requests();
        let reads = requests
            .iter()
            .filter(|one| one.path.starts_with("/api/") && one.method == "GET");
        let reads: Vec<_> = reads.collect();
        assert_eq!(reads.len(), others.len());
        for read in reads {
            // The tenant refuses the token of anybody else.
            assert!(
                read.path.contains("grace") && read.status == Some(200),
                "{read:?}"
            );
        }
    });
}
