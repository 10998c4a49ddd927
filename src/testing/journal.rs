//! What came to a provider in memory, and what became of it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use http::{HeaderMap, Method};
use url::Url;

use super::{Endpoint, Fault};
use crate::port::{HttpRequest, HttpResponse, PortError};
use crate::time::UnixTime;

/// A request as the provider saw it, secrets included.
///
/// What happens is counted through: of two numbers the greater happened later, whatever the clock shows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Received {
    /// Where it went.
    pub endpoint: Endpoint,
    /// The method.
    pub method: Method,
    /// The URL.
    pub url: Url,
    /// The headers.
    pub headers: HeaderMap,
    /// The members of the form; empty when the body is none.
    pub form: BTreeMap<String, String>,
    /// The body as it came.
    pub body: String,
    /// The time by the machine's clock when it was sent.
    pub sent_at: UnixTime,
    /// When it was sent, counted through.
    pub sent: u64,
    /// When the provider did what it asks, counted through; `None` if it has not.
    pub processed: Option<u64>,
    /// When its sender heard of it or gave it up, counted through; `None` while it is in flight.
    pub ended: Option<u64>,
    /// What went wrong with it because a test asked for that.
    pub fault: Option<Fault>,
    /// What its sender heard.
    pub heard: Heard,
}

/// What the sender of a request heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing yet: the request is in flight.
    Nothing,
    /// An answer of this status.
    Answer(u16),
    /// That there is none.
    Error(PortError),
    /// Nothing, and never will: the task was dropped.
    Abandoned,
}

impl Received {
    /// Returns the refresh token that this request is to trade, if it is to trade one.
    pub fn refresh_token(&self) -> Option<&str> {
        let is_refresh = self.grant_type() == Some("refresh_token");
        let token = self.form.get("refresh_token").filter(|_| is_refresh)?;
        Some(token)
    }

    /// Returns what a request to the token endpoint trades, such as `authorization_code`.
    pub fn grant_type(&self) -> Option<&str> {
        let is_token = self.endpoint == Endpoint::Token;
        let grant_type = self.form.get("grant_type").filter(|_| is_token)?;
        Some(grant_type)
    }

    /// Says whether this request and `other` were in flight at the same time.
    pub fn overlaps(&self, other: &Self) -> bool {
        let is_before = |end: Option<u64>, start: u64| end.is_some_and(|end| end < start);
        !is_before(self.ended, other.sent) && !is_before(other.ended, self.sent)
    }
}

/// Every request, oldest first.
#[derive(Default)]
pub(super) struct Journal {
    received: RefCell<Vec<Received>>,
    events: Cell<u64>,
}

/// A request that is in flight. When it is dropped its sender has gone away.
pub(super) struct Journey<'a> {
    journal: &'a Journal,
    index: usize,
}

impl Journal {
    pub(super) fn received(&self) -> Vec<Received> {
        self.received.borrow().clone()
    }

    pub(super) fn set_out(
        &self,
        request: &HttpRequest,
        endpoint: Endpoint,
        now: UnixTime,
    ) -> Journey<'_> {
        let url = request.uri().to_string();
        let received = Received {
            endpoint,
            method: request.method().clone(),
            url: Url::parse(&url).expect("requests are made of absolute urls"),
            headers: request.headers().clone(),
            form: form(request),
            body: String::from_utf8_lossy(request.body()).into_owned(),
            sent_at: now,
            sent: self.tick(),
            processed: None,
            ended: None,
            fault: None,
            heard: Heard::Nothing,
        };
        let mut all = self.received.borrow_mut();
        all.push(received);
        Journey {
            journal: self,
            index: all.len() - 1,
        }
    }

    fn tick(&self) -> u64 {
        self.events.update(|count| count + 1);
        self.events.get()
    }
}

impl Journey<'_> {
    pub(super) fn meets(&self, fault: Option<&Fault>) {
        let is_processed = fault.is_none_or(Fault::is_processed);
        let processed = is_processed.then(|| self.journal.tick());
        self.note(|received| {
            received.fault = fault.cloned();
            received.processed = processed;
        });
    }

    pub(super) fn ends(self, heard: &Result<HttpResponse, PortError>) {
        let heard = match heard {
            Ok(answer) => Heard::Answer(answer.status().as_u16()),
            Err(error) => Heard::Error(error.clone()),
        };
        self.end(heard);
    }

    fn end(&self, heard: Heard) {
        let ended = self.journal.tick();
        self.note(|received| {
            received.heard = heard;
            received.ended = Some(ended);
        });
    }

    fn note(&self, change: impl FnOnce(&mut Received)) {
        let mut all = self.journal.received.borrow_mut();
        change(&mut all[self.index]);
    }
}

impl Drop for Journey<'_> {
    fn drop(&mut self) {
        let has_ended = self.journal.received.borrow()[self.index].ended.is_some();
        if !has_ended {
            self.end(Heard::Abandoned);
        }
    }
}

/// Reads a form; of two members of one name the later one.
pub(super) fn form(request: &HttpRequest) -> BTreeMap<String, String> {
    let kind = request.headers().get(http::header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match kind.starts_with("application/x-www-form-urlencoded") {
        true => url::form_urlencoded::parse(request.body())
            .into_owned()
            .collect(),
        false => BTreeMap::new(),
    }
}
