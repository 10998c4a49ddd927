//! Several tabs of one browser. What is asked of a [`Browser`] is asked of the tab that is shown.

use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::WindowHandle;

use super::browser::Browser;

/// A tab, for as long as it is open.
pub(crate) type Tab = WindowHandle;

impl Browser {
    /// The tab that is shown.
    pub(crate) async fn tab(&self) -> Tab {
        self.driver.window().await.expect("a tab is shown")
    }

    /// All tabs and popups.
    pub(crate) async fn tabs(&self) -> Vec<Tab> {
        self.driver.windows().await.expect("tabs can be listed")
    }

    /// Opens `count` tabs at once, all at the page of the app at `path`, beside the one that is shown.
    pub(crate) async fn open_tabs(&self, count: usize, path: &str) -> Vec<Tab> {
        let url = format!("{}{path}", self.origin());
        let mut tabs = Vec::new();
        for _ in 0..count {
            let target = json!({ "url": url, "background": true });
            let made = self.devtools("Target.createTarget", target).await;
            let id = made["targetId"].as_str().expect("a tab has an id");
            tabs.push(Tab::from(id.to_owned()));
        }
        tabs
    }

    /// Shows `tab`.
    pub(crate) async fn show(&self, tab: &Tab) {
        let shown = self.driver.switch_to_window(tab.clone()).await;
        shown.expect("the tab is still there");
    }

    /// Closes `tab`, which is not the one that is shown, as its user does.
    pub(crate) async fn close(&self, tab: &Tab) {
        let target = json!({ "targetId": tab.to_string() });
        self.devtools("Target.closeTarget", target).await;
    }

    /// Closes `tab` and shows `next`.
    pub(crate) async fn close_behind(&self, tab: &Tab, next: &Tab) {
        self.show(next).await;
        self.close(tab).await;
    }

    /// Sends `tab` a command of the DevTools protocol after which it may never answer anybody, and shows `next`.
    pub(crate) async fn tell(&self, tab: &Tab, command: &str, parameters: Value, next: &Tab) {
        self.show(tab).await;
        let devtools = self.driver.cdp();
        let told = devtools.send_raw(command, parameters);
        // Whether it came about is seen by what follows.
        let _ = tokio::time::timeout(Duration::from_secs(2), told).await;
        self.show(next).await;
    }

    /// Notes in every tab when the text of the page changes, for [`seen_last`](Self::seen_last).
    pub(crate) async fn take_notes(&self, tabs: &[Tab], text: &str) {
        const NOTE: &str = "const [text] = arguments;\
             const now = () => performance.timeOrigin + performance.now();\
             const look = () => { if (document.body.textContent.includes(text)) window.seenLast = Infinity;\
                 else if (window.seenLast === Infinity) window.seenLast = now() };\
             look();\
             new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });";
        for tab in tabs {
            self.show(tab).await;
            self.run_with(NOTE, vec![json!(text)]).await;
        }
    }

    /// When the text that [notes are taken](Self::take_notes) of was gone from the tab that is shown, since 1970. It is
    /// not there any more.
    pub(crate) async fn seen_last(&self) -> Duration {
        self.until("it is gone", "Number.isFinite(window.seenLast)", Vec::new())
            .await;
        let at = self.run("return window.seenLast").await;
        Duration::from_secs_f64(at.as_f64().expect("it was there before") / 1000.0)
    }
}
