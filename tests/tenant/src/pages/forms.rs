//! The three pages a login can consist of.

use axum::http::StatusCode;
use maud::{Markup, html};

use crate::pages::{Language, Page, Texts, card};

/// What every page of a login shows and sends back.
#[derive(Clone)]
pub(crate) struct Frame {
    pub(crate) language: Language,
    pub(crate) application: String,
    pub(crate) organization: Option<String>,
    pub(crate) invited: bool,
    pub(crate) state: String,
    pub(crate) csrf: String,
    pub(crate) form_target: Option<String>,
}

/// The login page.
pub(crate) struct Login<'a> {
    pub(crate) frame: Frame,
    pub(crate) email: &'a str,
    pub(crate) message: Option<&'a str>,
}

/// The sign-up page.
pub(crate) struct SignUp<'a> {
    pub(crate) frame: Frame,
    pub(crate) email: &'a str,
    pub(crate) name: &'a str,
    pub(crate) message: Option<&'a str>,
}

/// The consent page.
pub(crate) struct Consent<'a> {
    pub(crate) frame: Frame,
    pub(crate) user: &'a str,
    pub(crate) scope: &'a [String],
}

impl Frame {
    fn page(self, title: &str, body: Markup) -> Page {
        let title = format!("{title} {}", self.application);
        let mut page = Page::new(StatusCode::OK, self.language, title, body);
        page.form_targets.extend(self.form_target);
        page
    }

    fn texts(&self) -> &'static Texts {
        self.language.texts()
    }

    fn hidden(&self) -> Markup {
        html! {
            input type="hidden" name="state" value=(self.state);
            input type="hidden" name="csrf" value=(self.csrf);
        }
    }

    fn heading(&self, words: &str) -> Markup {
        html! {
            h1 { (words) " " (self.application) }
            @if self.invited { p { (self.texts().invited) } }
            @if let Some(organization) = &self.organization {
                p { (self.texts().organization) " " strong { (organization) } }
            }
        }
    }

    fn link(&self, path: &str) -> String {
        format!("{path}?state={}", self.state)
    }
}

impl Login<'_> {
    pub(crate) fn page(self) -> Page {
        let texts = self.frame.texts();
        let body = card(html! {
            (self.frame.heading(texts.log_in_to))
            (alert(self.message))
            form method="post" action=(self.frame.link("/u/login")) {
                (self.frame.hidden())
                label for="email" { (texts.email) }
                input #email name="email" type="email" autocomplete="username" required value=(self.email)
                    autofocus[self.email.is_empty()] aria-describedby=[self.message.map(|_| "message")];
                label for="password" { (texts.password) }
                input #password name="password" type="password" autocomplete="current-password" required
                    autofocus[!self.email.is_empty()] aria-describedby=[self.message.map(|_| "message")];
                button type="submit" { (texts.go_on) }
            }
            p class="aside" { (texts.no_account) " " a href=(self.frame.link("/u/signup")) { (texts.sign_up) } }
        });
        self.frame.page(texts.log_in_to, body)
    }
}

impl SignUp<'_> {
    pub(crate) fn page(self) -> Page {
        let texts = self.frame.texts();
        let body = card(html! {
            (self.frame.heading(texts.sign_up_to))
            (alert(self.message))
            form method="post" action=(self.frame.link("/u/signup")) {
                (self.frame.hidden())
                label for="email" { (texts.email) }
                input #email name="email" type="email" autocomplete="username" required autofocus
                    value=(self.email) aria-describedby=[self.message.map(|_| "message")];
                label for="password" { (texts.password) }
                input #password name="password" type="password" autocomplete="new-password" required
                    minlength="8" aria-describedby="rule";
                p #rule class="hint" { (texts.password_rule) }
                label for="name" { (texts.name) " " span class="hint" { (texts.optional) } }
                input #name name="name" type="text" autocomplete="name" maxlength="200" value=(self.name);
                button type="submit" { (texts.go_on) }
            }
            p class="aside" { (texts.have_account) " " a href=(self.frame.link("/u/login")) { (texts.log_in) } }
        });
        self.frame.page(texts.sign_up_to, body)
    }
}

impl Consent<'_> {
    pub(crate) fn page(self) -> Page {
        let texts = self.frame.texts();
        let language = self.frame.language;
        let body = card(html! {
            (self.frame.heading(texts.consent))
            p { (self.user) }
            p { strong { (self.frame.application) } " " (texts.consent_asks) }
            ul class="scopes" {
                @for scope in self.scope { li { (language.scope(scope)) } }
            }
            form method="post" action=(self.frame.link("/u/consent")) class="row" {
                (self.frame.hidden())
                button type="submit" name="decision" value="deny" class="quiet" { (texts.deny) }
                button type="submit" name="decision" value="allow" autofocus { (texts.allow) }
            }
        });
        self.frame.page(texts.consent, body)
    }
}

fn alert(message: Option<&str>) -> Markup {
    html! {
        @if let Some(message) = message { p #message class="alert" role="alert" { (message) } }
    }
}
