//! What is looked at wherever somebody stops on their way.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;
use thirtyfour::Key;

use super::hand::{Hand, Insets};

const RULES: &str = include_str!("rules.js");

/// The narrowest screen in which nothing may have to be scrolled sideways (WCAG 2.2, 1.4.10).
const NARROWEST: u32 = 320;

/// How many keys lead past everything on any of these pages.
const KEYS: usize = 40;

/// What has the focus: its name, and what is not to be seen of that. What is larger than the screen is never wholly on it,
/// and of a text area browsers show the line that is written in.
const FOCUSED: &str = "const one = document.activeElement;\
     if (one === document.body) return ['', ''];\
     const box = one.getBoundingClientRect(), style = getComputedStyle(one);\
     const name = one.tagName + ' ' + (one.innerText || one.ariaLabel || one.id).trim();\
     if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return [name, 'it has no outline'];\
     if (box.width < 43.9 || one.matches('.skip') && box.height < 43.9) return [name, 'it is too small'];\
     const is_whole = box.top >= -.5 && box.left >= -.5 && box.bottom <= innerHeight + .5 && box.right <= innerWidth + .5;\
     const is_part = one.matches('textarea') && box.top < innerHeight && box.bottom > 0;\
     if (!is_whole && !is_part && box.height < innerHeight) return [name, `it is at ${box.top} to ${box.bottom} of ${innerHeight}`];\
     return [name, '']";

/// The names of all that a key must lead to.
const STOPS: &str = "return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), textarea')]\
     .filter(one => one.checkVisibility({ visibilityProperty: true }) && !one.disabled)\
     .map(one => one.tagName + ' ' + (one.innerText || one.ariaLabel || one.id).trim())";

impl Hand<'_> {
    /// Checks all that can be checked of the page that is shown, called `stage`, and keeps pictures of it.
    pub(super) async fn looks_right(&self, stage: &str) {
        let browser = self.browser;
        let what = format!("{stage} on the {} phone", self.phone().name);
        for scheme in ["dark", "light"] {
            browser.prefer(scheme).await;
            self.picture(&format!("{stage}-{scheme}")).await;
            let found = browser.violations().await;
            assert!(found.is_empty(), "{what}, {scheme}: {found:#?}");
        }
        self.keeps_the_rules(&what).await;
        self.is_reached_by_keys(&what).await;

        let Insets { left, right, .. } = self.phone().insets;
        let narrow = NARROWEST + left + right;
        self.show(narrow, self.phone().height, self.phone().insets)
            .await;
        self.is_no_wider(&format!("{what}, narrow")).await;
        self.turn(self.phone()).await;
        // The style of the element, and not an attribute, which the policy forbids.
        browser
            .run("document.documentElement.style.fontSize = '200%'")
            .await;
        self.is_no_wider(&format!("{what}, in large print")).await;
        self.picture(&format!("{stage}-large-print")).await;
        browser
            .run("document.documentElement.style.fontSize = ''")
            .await;
    }

    /// Checks what does not depend on colors.
    pub(super) async fn keeps_the_rules(&self, what: &str) {
        let Insets {
            top,
            right,
            bottom,
            left,
        } = self.phone().insets;
        let insets = json!({ "top": top, "right": right, "bottom": bottom, "left": left });
        let complaints = self.browser.run_with(RULES, vec![insets]).await;
        assert!(complaints == json!([]), "{what}: {complaints:#}");
    }

    async fn is_no_wider(&self, what: &str) {
        let script = "const right = Math.max(...[...document.querySelectorAll('body *')].map(one => one.getBoundingClientRect().right));\
             return [Math.max(0, Math.floor(right - innerWidth)), document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth]";
        let excess = self.browser.run(script).await;
        assert_eq!(excess, json!([0, 0]), "{what}: wider than the screen");
    }

    /// Checks that the Tab key of a keyboard beside the phone leads to every control, and shows where it is.
    async fn is_reached_by_keys(&self, what: &str) {
        let browser = self.browser;
        let wanted: BTreeSet<String> =
            serde_json::from_value(browser.run(STOPS).await).expect("these are texts");
        let mut reached = BTreeSet::new();
        for _ in 0..KEYS {
            browser.press(Key::Tab).await;
            let focused = browser.run(FOCUSED).await;
            let name = focused[0].as_str().unwrap_or_default().to_owned();
            assert_eq!(focused[1], "", "{what}: the focus can be seen on {name:?}");
            reached.insert(name);
            if wanted.is_subset(&reached) {
                break;
            }
        }
        let missed: Vec<_> = wanted.difference(&reached).collect();
        assert!(missed.is_empty(), "{what}: no key leads to {missed:?}");
        browser
            .run("document.activeElement.blur(); scrollTo({ top: 0, behavior: 'instant' })")
            .await;
    }

    /// Keeps a picture of what is on the screen.
    pub(super) async fn picture(&self, name: &str) {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("phone");
        let path = dir.join(self.phone().name).join(name);
        self.browser.picture(&path.with_extension("png")).await;
    }
}
