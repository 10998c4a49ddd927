//! [axe-core](https://github.com/dequelabs/axe-core), run in the page, and the width of the page.

use serde::Deserialize;

use super::browser::Browser;
use super::env;

const RUN: &str = "const done = arguments[arguments.length - 1];\
     axe.run(document, { resultTypes: ['violations'], preload: false }).then(\
         results => done(results.violations.map(({ id, impact, help, nodes }) =>\
             ({ id, impact, help, nodes: nodes.map(node => node.html + ' ' + node.failureSummary) }))),\
         error => done([{ id: 'axe', impact: 'critical', help: String(error), nodes: [] }]),\
     )";

/// Narrow and wide, in CSS pixels.
const WIDTHS: [u32; 2] = [360, 1440];

/// The narrowest window in which nothing may have to be scrolled sideways (WCAG 2.2, 1.4.10).
const NARROWEST: u32 = 320;

/// One rule that the page breaks. Read for its `Debug`.
#[derive(Debug, Deserialize)]
pub(crate) struct Violation {
    impact: Option<String>,
    #[expect(dead_code, reason = "read for its Debug")]
    id: String,
    #[expect(dead_code, reason = "read for its Debug")]
    help: String,
    #[expect(dead_code, reason = "read for its Debug")]
    nodes: Vec<String>,
}

impl Browser {
    /// Checks the page shown, called `what`: nothing serious by axe-core's rules, and nothing to scroll sideways.
    pub(crate) async fn is_accessible(&self, what: &str) {
        for scheme in ["light", "dark"] {
            self.prefer(scheme).await;
            for width in WIDTHS {
                self.resize(width, 800).await;
                let found = self.violations().await;
                assert!(found.is_empty(), "{what}, {scheme}, {width} px: {found:#?}");
            }
        }
        self.resize(NARROWEST, 800).await;
        let excess =
            "return document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth";
        let excess = self.run(excess).await;
        assert_eq!(excess, 0, "{what} is wider than {NARROWEST} px");
        self.resize(1280, 800).await;
    }

    /// The serious rules of axe-core that the page breaks as it is shown.
    pub(crate) async fn violations(&self) -> Vec<Violation> {
        if self.run("return typeof axe").await == "undefined" {
            let axe = std::fs::read_to_string(env::axe_core());
            self.run(&axe.expect("axe-core can be read")).await;
        }
        let found = self.run_async(RUN).await;
        let mut found: Vec<Violation> =
            serde_json::from_value(found).expect("axe-core reports what it was asked for");
        found.retain(|one| matches!(one.impact.as_deref(), Some("serious" | "critical")));
        found
    }
}
