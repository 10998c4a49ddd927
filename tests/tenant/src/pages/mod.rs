//! The HTML a user sees: escaped templates, no inline style or script, the tenant's own stylesheet.

mod device;
mod forms;
mod language;
mod plain;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

pub(crate) use device::Activate;
pub(crate) use forms::{Consent, Frame, Login, SignUp};
pub(crate) use language::{Language, Texts};
pub(crate) use plain::{Row, dashboard, form_post, home, logout_question, message, web_message};

/// Reaches under notches, where the stylesheet keeps clear of them, and shrinks above a software keyboard.
const VIEWPORT: &str =
    "width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content";

/// The files pages link to, by name.
pub(crate) fn asset(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "tenant.css" => ("text/css; charset=utf-8", include_str!("tenant.css")),
        "icon.svg" => ("image/svg+xml", include_str!("icon.svg")),
        "form_post.js" => (
            "text/javascript; charset=utf-8",
            include_str!("form_post.js"),
        ),
        "web_message.js" => (
            "text/javascript; charset=utf-8",
            include_str!("web_message.js"),
        ),
        _ => return None,
    })
}

/// One page with the policy it needs.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) language: Language,
    pub(crate) title: String,
    pub(crate) body: Markup,
    /// Where forms of this page may lead beside the tenant: browsers check redirects after a form, too.
    pub(crate) form_targets: Vec<String>,
    pub(crate) script: Option<&'static str>,
    /// The one origin that may frame the page.
    pub(crate) framed_by: Option<String>,
}

impl Page {
    pub(crate) fn new(
        status: StatusCode,
        language: Language,
        title: impl Into<String>,
        body: Markup,
    ) -> Self {
        Self {
            status,
            language,
            title: title.into(),
            body,
            form_targets: Vec::new(),
            script: None,
            framed_by: None,
        }
    }

    fn policy(&self) -> String {
        let script = if self.script.is_some() {
            "script-src 'self'; "
        } else {
            ""
        };
        let targets: String = self
            .form_targets
            .iter()
            .map(|target| format!(" {target}"))
            .collect();
        let framed_by = self.framed_by.as_deref().unwrap_or("'none'");
        format!(
            "default-src 'none'; {script}style-src 'self'; img-src 'self'; form-action 'self'{targets}; \
             base-uri 'none'; frame-ancestors {framed_by}"
        )
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let markup = html! {
            (DOCTYPE)
            html lang=(self.language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content=(VIEWPORT);
                    meta name="color-scheme" content="light dark";
                    title { (self.title) }
                    link rel="icon" type="image/svg+xml" href="/assets/icon.svg";
                    link rel="stylesheet" href="/assets/tenant.css";
                    @if let Some(script) = self.script {
                        script src={ "/assets/" (script) } defer {}
                    }
                }
                body {
                    (self.body)
                    footer { p { (self.language.texts().footer) } }
                }
            }
        };
        let policy = HeaderValue::try_from(self.policy())
            .unwrap_or(HeaderValue::from_static("default-src 'none'"));
        let headers = [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            ),
            (header::CONTENT_SECURITY_POLICY, policy),
        ];
        (self.status, headers, markup.into_string()).into_response()
    }
}

/// The card most pages consist of.
pub(crate) fn card(body: Markup) -> Markup {
    html! {
        main class="card" {
            div class="mark" aria-hidden="true" {}
            (body)
        }
    }
}
