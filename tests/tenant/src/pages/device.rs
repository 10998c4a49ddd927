//! The page on which a user lets a device in.

use axum::http::StatusCode;
use maud::html;

use crate::pages::{Language, Page, card};

/// Asks for the code a device shows or, when the link to the page had it, whether it is that code.
pub(crate) struct Activate<'a> {
    pub(crate) language: Language,
    pub(crate) csrf: &'a str,
    pub(crate) user_code: Option<&'a str>,
    /// Whether no device waits for the code.
    pub(crate) is_unknown: bool,
}

impl Activate<'_> {
    pub(crate) fn page(self) -> Page {
        let texts = self.language.texts();
        let code = self.user_code.unwrap_or_default();
        let is_confirmed = self.user_code.is_some() && !self.is_unknown;
        let body = card(html! {
            h1 { (texts.device) }
            @if self.is_unknown { p #message class="alert" role="alert" { (texts.device_unknown) } }
            form method="post" action="/activate" {
                input type="hidden" name="csrf" value=(self.csrf);
                @if is_confirmed {
                    p { (texts.device_confirm) }
                    p class="user-code" { (code) }
                    input type="hidden" name="user_code" value=(code);
                    div class="row" {
                        button type="submit" name="decision" value="deny" class="quiet" { (texts.deny) }
                        button type="submit" name="decision" value="go_on" autofocus { (texts.go_on) }
                    }
                } @else {
                    label for="user_code" { (texts.device_code) }
                    input #user_code name="user_code" type="text" autocomplete="off" autocapitalize="characters"
                        spellcheck="false" required autofocus value=(code)
                        aria-describedby=[self.is_unknown.then_some("message")];
                    button type="submit" name="decision" value="go_on" { (texts.go_on) }
                }
            }
        });
        let status = match self.is_unknown {
            true => StatusCode::BAD_REQUEST,
            false => StatusCode::OK,
        };
        Page::new(status, self.language, texts.device, body)
    }
}
