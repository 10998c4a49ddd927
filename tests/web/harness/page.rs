//! What a person does with a page: reads, clicks, writes.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::browser::{Browser, PATIENCE};

impl Browser {
    /// Waits until `text` can be read on the page.
    pub(crate) async fn sees(&self, text: &str) {
        self.until(
            &format!("the page says {text:?}"),
            "document.body.innerText.includes(arguments[0])",
            vec![json!(text)],
        )
        .await;
    }

    /// Whether `text` can be read on the page now.
    pub(crate) async fn shows(&self, text: &str) -> bool {
        let script = "return document.body.innerText.includes(arguments[0])";
        self.run_with(script, vec![json!(text)]).await == json!(true)
    }

    /// Waits until `text` can no longer be read on the page.
    pub(crate) async fn sees_no_more(&self, text: &str) {
        self.until(
            &format!("the page no longer says {text:?}"),
            "!document.body.innerText.includes(arguments[0])",
            vec![json!(text)],
        )
        .await;
    }

    /// Checks that `text` stands nowhere: not to be read, not in the markup, not in the title.
    pub(crate) async fn has_no(&self, text: &str) {
        let html = self.run("return document.documentElement.outerHTML").await;
        assert!(
            !html.as_str().unwrap_or_default().contains(text),
            "{text:?} stands somewhere. {}",
            self.describe().await
        );
    }

    /// Waits until the app shows the page at `path`, query and fragment included.
    pub(crate) async fn is_at(&self, path: &str) {
        self.until(
            &format!("the address is {path:?}"),
            "location.pathname + location.search + location.hash === arguments[0]",
            vec![json!(path)],
        )
        .await;
    }

    /// Waits for a button or link that says `label`, and clicks on it.
    pub(crate) async fn click(&self, label: &str) {
        self.click_in("body", label).await;
    }

    /// Waits for a button or link that says `label`, inside the element that `css` selects, and clicks on it.
    pub(crate) async fn click_in(&self, css: &str, label: &str) {
        let control = self.control(css, label).await;
        let clicked = control.click().await;
        clicked.unwrap_or_else(|error| panic!("{label:?} can be clicked: {error}"));
    }

    /// Clicks on the button or link that says `label`, if there is one now.
    pub(crate) async fn click_if_there(&self, label: &str) {
        let click = "[...document.querySelectorAll('main a, main button')]\
             .find(one => one.innerText.trim() === arguments[0])?.click()";
        self.run_with(click, vec![json!(label)]).await;
    }

    /// Waits for the first button or link that says `label`, inside the element that `css` selects.
    pub(crate) async fn control(&self, css: &str, label: &str) -> WebElement {
        let find = "[...(document.querySelector(arguments[0]) ?? document.createElement('p')).querySelectorAll('a, button')]\
             .find(one => one.innerText.trim() === arguments[1] && one.getClientRects().length > 0)";
        let arguments = vec![json!(css), json!(label)];
        self.until(
            &format!("there is a button or link {label:?} in {css}"),
            find,
            arguments.clone(),
        )
        .await;
        let found = self
            .driver
            .execute(format!("return {find}"), arguments)
            .await;
        let found = found.and_then(|found| found.element());
        found.unwrap_or_else(|error| panic!("{label:?} stays where it was: {error}"))
    }

    /// Replaces what stands in the field that `label` names.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        self.fill_in("body", label, text).await;
    }

    /// Replaces what stands in the field that `label` names, inside the element that `css` selects.
    pub(crate) async fn fill_in(&self, css: &str, label: &str, text: &str) {
        let field = self.field(css, label).await;
        let filled = async {
            field.send_keys(Key::Control + "a").await?;
            match text {
                "" => field.send_keys(Key::Delete + "").await,
                text => field.send_keys(text).await,
            }
        };
        let filled = filled.await;
        filled.unwrap_or_else(|error| panic!("{label:?} can be filled: {error}"));
    }

    /// What stands in the field that `label` names.
    pub(crate) async fn field_value(&self, label: &str) -> String {
        let value = self.field("body", label).await.value().await;
        value.ok().flatten().unwrap_or_default()
    }

    /// Waits for the field that `label` names, inside the element that `css` selects.
    pub(crate) async fn field(&self, css: &str, label: &str) -> WebElement {
        let find = "[...(document.querySelector(arguments[0]) ?? document.createElement('p')).querySelectorAll('label')]\
             .find(one => one.innerText.trim().startsWith(arguments[1]))?.control";
        let arguments = vec![json!(css), json!(label)];
        self.until(
            &format!("there is a field {label:?}"),
            find,
            arguments.clone(),
        )
        .await;
        let found = self
            .driver
            .execute(format!("return {find}"), arguments)
            .await;
        let found = found.and_then(|found| found.element());
        found.unwrap_or_else(|error| panic!("{label:?} stays where it was: {error}"))
    }

    /// Waits for the element that `css` selects, and returns its text.
    pub(crate) async fn text_of(&self, css: &str) -> String {
        let find = "document.querySelector(arguments[0])";
        let arguments = vec![json!(css)];
        self.until(&format!("there is {css}"), find, arguments.clone())
            .await;
        let text = self
            .run_with(&format!("return {find}.innerText"), arguments)
            .await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// An attribute of the first element that `css` selects.
    pub(crate) async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let script = "return document.querySelector(arguments[0])?.getAttribute(arguments[1])";
        let value = self.run_with(script, vec![json!(css), json!(name)]).await;
        value.as_str().map(str::to_owned)
    }

    /// Waits for the element that `css` selects, and returns an attribute of it.
    pub(crate) async fn attribute_of(&self, css: &str, name: &str) -> Option<String> {
        self.text_of(css).await;
        self.attribute(css, name).await
    }

    /// Presses keys, wherever the focus is.
    pub(crate) async fn press(&self, keys: impl Into<TypingData>) {
        let keys: TypingData = keys.into();
        let pressed = self.driver.action_chain().send_keys(keys).perform().await;
        pressed.expect("keys can be pressed");
    }

    /// Waits until the picture that `css` selects has arrived.
    pub(crate) async fn sees_picture(&self, css: &str) {
        self.until(
            &format!("the picture {css} is shown"),
            "document.querySelector(arguments[0])?.naturalWidth > 0",
            vec![json!(css)],
        )
        .await;
    }

    /// Emulates a `width` and `height` of the window, in CSS pixels.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
    }

    /// Prefers the `light` or `dark` scheme of colors.
    pub(crate) async fn prefer(&self, scheme: &str) {
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
        let query = format!("matchMedia('(prefers-color-scheme: {scheme})').matches");
        self.until("the scheme of colors changes", &query, Vec::new())
            .await;
    }

    /// Runs an asynchronous script that calls its last argument when it is done.
    pub(crate) async fn run_async(&self, script: &str) -> Value {
        let limited = self.driver.set_script_timeout(PATIENCE).await;
        limited.expect("scripts can be given a time");
        let returned = self.driver.execute_async(script, Vec::new()).await;
        let returned = returned.unwrap_or_else(|error| panic!("the script ends: {error}"));
        returned.json().clone()
    }
}
