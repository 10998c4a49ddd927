//! The page for a developer whose configuration is wrong.

use dioxus::prelude::*;

use super::heading::Heading;
use crate::components::fix;
use crate::config::{CONFIG_FILE, ConfigError};

const EXAMPLE: &str = r#"{
  "domain": "example.eu.auth0.com",
  "clientId": "your client id",
  "audience": "https://example.eu.auth0.com/api/v2/",
  "scope": "openid profile email read:current_user update:current_user_metadata"
}"#;

/// Names the file, the key and the fix.
#[component]
pub fn ConfigProblem(
    /// What is wrong.
    error: ConfigError,
) -> Element {
    let (place, mistake) = match &error {
        ConfigError::Place { place, problem } => (place.clone(), &**problem),
        other => (["assets/public/", CONFIG_FILE].concat(), other),
    };
    let detail = match mistake {
        ConfigError::Issuer { problem, .. } => Some(problem.to_string()),
        _ => None,
    };
    rsx! {
        main { id: "content", class: "alone", "data-state": "failed",
            section { class: "card problem", role: "alert",
                Heading { title: "Not set up", "This app is not set up yet" }
                p {
                    strong { {error.to_string()} }
                    if let Some(detail) = detail {
                        " ({detail})"
                    }
                    "."
                }
                dl {
                    dt { "Where" }
                    dd { code { {place} } }
                    if let Some(key) = error.key() {
                        dt { "Key" }
                        dd { code { {key} } }
                    }
                    dt { "Fix" }
                    dd { {fix(&error)} }
                }
                p { "A file that works looks like this:" }
                pre { tabindex: "0", aria_label: "An example", {EXAMPLE} }
            }
        }
    }
}
