//! Finding the login a page belongs to, and the friendly pages for those that are over.

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::http::cookie::{self, Browser};
use crate::http::{Broken, reply};
use crate::pages::{self, Frame, Language};
use crate::random;
use crate::store::{Objection, Stage, Transaction};
use crate::tenant::Shared;

/// How long a login may take.
pub(crate) const TRANSACTION_SECONDS: i64 = 600;

/// A login under way in this browser.
pub(crate) struct Visit {
    pub(crate) id: String,
    pub(crate) transaction: Transaction,
    pub(crate) browser: Browser,
}

/// Either a response that ends the request, or the tenant's own failure.
pub(crate) enum Stop {
    Answered(Box<Response>),
    Broken(Broken),
}

impl Stop {
    pub(crate) fn with(response: impl IntoResponse) -> Self {
        Self::Answered(Box::new(response.into_response()))
    }
}

impl<E: Into<Broken>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        match self {
            Self::Answered(response) => *response,
            Self::Broken(broken) => broken.into_response(),
        }
    }
}

impl Visit {
    /// Finds the login of a page, which must not be over and must have begun in this browser.
    pub(crate) fn find(app: &Shared, headers: &HeaderMap, id: Option<&str>) -> Result<Self, Stop> {
        let unknown = || stale(Language::English, None, |texts| texts.stale_unknown);
        let id = id.ok_or_else(unknown)?;
        let transaction = app.store.transaction(id)?.ok_or_else(unknown)?;
        let language = transaction.request.language;
        let origin = transaction.request.reply.origin();
        if transaction.stage == Stage::Used {
            return Err(stale(language, origin, |texts| texts.stale_used));
        }
        if app.clock.now() >= transaction.created + TRANSACTION_SECONDS {
            return Err(stale(language, origin, |texts| texts.stale_expired));
        }
        let browser = cookie::browser(app, headers);
        if !random::same(&random::fingerprint(&browser.id), &transaction.browser) {
            return Err(stale(language, origin, |texts| texts.stale_unknown));
        }
        Ok(Self {
            id: id.to_owned(),
            transaction,
            browser,
        })
    }

    /// Lets a form through only from the page it belongs to.
    pub(crate) fn check(&self, app: &Shared, csrf: &str) -> Result<(), Stop> {
        if self.browser.sent(app, &self.id, csrf) {
            return Ok(());
        }
        let language = self.language();
        let (title, text) = (language.texts().stale_title, language.texts().form_old);
        Err(Stop::with(pages::message(
            StatusCode::FORBIDDEN,
            language,
            title,
            text,
            None,
        )))
    }

    /// Moves the login on; of two forms sent at once only one comes through.
    pub(crate) fn advance(&self, app: &Shared, to: Stage) -> Result<(), Stop> {
        if app.store.advance(&self.id, &self.transaction.stage, to)? {
            return Ok(());
        }
        Err(stale(
            self.language(),
            self.transaction.request.reply.origin(),
            |texts| texts.stale_used,
        ))
    }

    /// Sends the browser back to a form with what was wrong with it.
    ///
    /// A page of its own, not the answer to the form: Back and reload then show it without sending the form again.
    pub(crate) fn object(
        &self,
        app: &Shared,
        path: &str,
        objection: &Objection,
    ) -> Result<Response, Stop> {
        app.store.object(&self.id, objection)?;
        Ok(reply::found(&format!("{path}?state={}", self.id)))
    }

    pub(crate) fn language(&self) -> Language {
        self.transaction.request.language
    }

    pub(crate) fn frame(&self, app: &Shared) -> Frame {
        let request = &self.transaction.request;
        let organization = request.organization.as_ref().map(|membership| {
            let known = app
                .settings
                .organizations
                .iter()
                .find(|one| one.id == membership.id);
            known.map_or_else(|| membership.name.clone(), |one| one.display_name.clone())
        });
        Frame {
            language: self.language(),
            application: app.settings.application(&request.client_id).map_or_else(
                || request.client_id.clone(),
                |application| application.name.clone(),
            ),
            organization,
            invited: request.invited,
            state: self.id.clone(),
            csrf: self.browser.form_tag(app, &self.id),
            form_target: reply::form_target(&request.reply),
        }
    }
}

fn stale(
    language: Language,
    origin: Option<String>,
    text: impl Fn(&pages::Texts) -> &'static str,
) -> Stop {
    let texts = language.texts();
    let page = pages::message(
        StatusCode::GONE,
        language,
        texts.stale_title,
        text(texts),
        origin.as_deref(),
    );
    Stop::with(page)
}
