//! Pages outside the login: messages, answers carried by a page, the dashboard.

use axum::http::StatusCode;
use maud::html;
use serde_json::Value;

use crate::pages::{Language, Page, card};

/// A page that says something and, at most, links back to the application.
pub(crate) fn message(
    status: StatusCode,
    language: Language,
    title: &str,
    text: &str,
    back: Option<&str>,
) -> Page {
    let body = card(html! {
        h1 { (title) }
        p { (text) }
        @if let Some(back) = back {
            p { a class="button" href=(back) { (language.texts().back_to) " " (back) } }
        }
    });
    Page::new(status, language, title, body)
}

/// The page that posts an answer to the application by itself
/// ([OAuth 2.0 Form Post Response Mode](https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html)).
pub(crate) fn form_post(
    language: Language,
    redirect_uri: &str,
    target: Option<String>,
    parameters: &[(&str, String)],
) -> Page {
    let texts = language.texts();
    let body = card(html! {
        h1 { (texts.go_on) }
        form #answer method="post" action=(redirect_uri) {
            @for (name, value) in parameters { input type="hidden" name=(name) value=(value); }
            button type="submit" { (texts.go_on) }
        }
    });
    let mut page = Page::new(StatusCode::OK, language, texts.go_on, body);
    page.form_targets.extend(target);
    page.script = Some("form_post.js");
    page
}

/// The page that hands an answer to the window that opened or framed it.
pub(crate) fn web_message(language: Language, origin: &str, response: &Value) -> Page {
    let message = serde_json::json!({ "type": "authorization_response", "response": response });
    let body = card(html! {
        h1 { (language.texts().go_on) }
        p #answer data-origin=(origin) data-message=(message.to_string()) {
            (language.texts().back_to) " " (origin)
        }
    });
    let mut page = Page::new(StatusCode::OK, language, language.texts().go_on, body);
    page.script = Some("web_message.js");
    page.framed_by = Some(origin.to_owned());
    page
}

/// Asks before logging out, when the request does not prove that it comes from the user's application.
pub(crate) fn logout_question(csrf: &str, target: Option<String>, hidden: &[(&str, &str)]) -> Page {
    let body = card(html! {
        h1 { "Log out?" }
        p { "An application asks to log you out of this tenant." }
        form method="post" action="/oidc/logout" {
            input type="hidden" name="csrf" value=(csrf);
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            button type="submit" autofocus { "Log out" }
        }
    });
    let mut page = Page::new(StatusCode::OK, Language::English, "Log out?", body);
    page.form_targets.extend(target);
    page
}

/// The front page.
pub(crate) fn home(issuer: &str, users: &[String]) -> Page {
    let body = card(html! {
        h1 { "Local tenant" }
        p { "Issuer " code { (issuer) } }
        h2 { "Users" }
        ul { @for user in users { li { (user) } } }
        p { a class="button" href="/dashboard" { "Dashboard" } }
    });
    Page::new(StatusCode::OK, Language::English, "Local tenant", body)
}

/// A user on the dashboard.
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) action: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) picture: String,
    pub(crate) blocked: bool,
    /// What stands in the field: stored metadata, or what was just sent and not taken.
    pub(crate) text: String,
    pub(crate) problem: Option<String>,
    pub(crate) saved: bool,
}

/// The page on which a user's metadata is edited by hand.
pub(crate) fn dashboard(csrf: &str, rows: &[Row]) -> Page {
    let status = if rows.iter().any(|row| row.problem.is_some()) {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let body = html! {
        main class="dashboard" {
            h1 { "Users" }
            p { "Edit a user's metadata, save, and reload the application to see it." }
            @for (at, row) in rows.iter().enumerate() {
                section class="user" aria-labelledby={ "user-" (at) } {
                    header {
                        img src=(row.picture) alt="" width="48" height="48";
                        div {
                            h2 id={ "user-" (at) } { (row.name) @if row.blocked { " " span class="badge" { "blocked" } } }
                            p { (row.email) " · " code { (row.id) } }
                        }
                    }
                    form method="post" action=(row.action) {
                        input type="hidden" name="csrf" value=(csrf);
                        label for={ "metadata-" (at) } { "User metadata (JSON)" }
                        @if let Some(problem) = &row.problem {
                            p id={ "problem-" (at) } class="alert" role="alert" { (problem) }
                        }
                        textarea id={ "metadata-" (at) } name="metadata" rows="6" spellcheck="false" autocomplete="off"
                            aria-invalid=[row.problem.as_ref().map(|_| "true")]
                            aria-describedby=[row.problem.as_ref().map(|_| format!("problem-{at}"))] { "\n" (row.text) }
                        div class="row" {
                            button type="submit" { "Save" }
                            @if row.saved { p class="saved" role="status" { "Saved." } }
                        }
                    }
                }
            }
        }
    };
    Page::new(status, Language::English, "Users", body)
}
