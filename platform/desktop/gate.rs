//! Which request is the answer to the login, and what to say to all the others.

use http::header::{CONTENT_LENGTH, HOST, HeaderName, TRANSFER_ENCODING};
use http::{HeaderMap, Method, Request, StatusCode};
use url::Url;

use crate::secret::State;

const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
/// What browsers call a request that the user has not made yet, now and formerly.
const PURPOSES: [HeaderName; 3] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-moz"),
];

/// The login that waits.
#[derive(Debug)]
pub(super) struct Gate {
    redirect_uri: Url,
    /// Host and port as a browser writes them into `Host`.
    authority: String,
    state: State,
}

/// What a request is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Guest {
    /// The provider's answer, by way of the user.
    Answer(Url),
    /// A browser on its way to the last page.
    Leaving,
    /// Nobody who is waited for.
    Stranger(StatusCode),
}

impl Gate {
    /// Waits at `redirect_uri` for `state`.
    pub(super) fn new(redirect_uri: Url, state: State) -> Self {
        let host = redirect_uri.host_str().unwrap_or_default();
        let authority = match redirect_uri.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Self {
            authority,
            redirect_uri,
            state,
        }
    }

    /// Returns the path of the last page, which is not the callback's.
    pub(super) fn last_page(&self) -> &'static str {
        match self.redirect_uri.path() {
            "/done" => "/closed",
            _ => "/done",
        }
    }

    /// Judges a request by its head.
    ///
    /// The name comes first: a page whose own name was made to resolve to this machine may ask for anything, and is to
    /// learn nothing.
    pub(super) fn judge<B>(&self, request: &Request<B>) -> Guest {
        if request.uri().authority().is_some()
            || only(request.headers(), &HOST) != Some(&self.authority)
        {
            return Guest::Stranger(StatusCode::FORBIDDEN);
        }
        if request.method() != Method::GET {
            return Guest::Stranger(StatusCode::METHOD_NOT_ALLOWED);
        }
        if has_body(request.headers()) {
            return Guest::Stranger(StatusCode::BAD_REQUEST);
        }
        let path = request.uri().path();
        if path != self.redirect_uri.path() && path != self.last_page() {
            return Guest::Stranger(StatusCode::NOT_FOUND);
        }
        if !is_navigation(request.headers()) {
            return Guest::Stranger(StatusCode::FORBIDDEN);
        }
        if path == self.last_page() {
            return Guest::Leaving;
        }
        match self.answer(request.uri().query().unwrap_or_default()) {
            Some(url) => Guest::Answer(url),
            None => Guest::Stranger(StatusCode::BAD_REQUEST),
        }
    }

    /// Reads an answer that carries the state once, and one code or one error
    /// ([RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2)). The client reads it again, and more
    /// strictly; here it only must be worth an end to the wait.
    fn answer(&self, query: &str) -> Option<Url> {
        let mut url = self.redirect_uri.clone();
        url.set_query(Some(query));
        let state = parameter(&url, "state").ok()??;
        if State::new(state) != self.state {
            return None;
        }
        let code = parameter(&url, "code").ok()?;
        let error = parameter(&url, "error").ok()?;
        (code.is_some() || error.is_some()).then_some(url)
    }
}

/// A parameter that stands there twice.
#[derive(Debug)]
pub(super) struct Twice;

/// Reads a parameter that may stand there once; an empty one counts as absent, but not as a permission to stand there
/// again ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1)).
pub(super) fn parameter(url: &Url, name: &str) -> Result<Option<String>, Twice> {
    let mut values = url.query_pairs().filter(|(found, _)| found == name);
    let value = values.next().map(|(_, value)| value.into_owned());
    match values.next() {
        Some(_) => Err(Twice),
        None => Ok(value.filter(|value| !value.is_empty())),
    }
}

/// Reads a header that stands there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Whether there is a body, of any length that could be argued about.
fn has_body(headers: &HeaderMap) -> bool {
    let lengths = headers.get_all(CONTENT_LENGTH);
    headers.contains_key(TRANSFER_ENCODING) || lengths.iter().any(|length| length != "0")
}

/// Whether a user goes there in a tab, as far as the browser says
/// ([Fetch Metadata](https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header)): not an image, a frame or a script of
/// some page, and not a guess of the browser's. An older browser says nothing, and has the state to show.
fn is_navigation(headers: &HeaderMap) -> bool {
    let is_document = match headers.contains_key(&SEC_FETCH_DEST) {
        true => only(headers, &SEC_FETCH_DEST) == Some("document"),
        false => true,
    };
    let is_guess = PURPOSES.iter().any(|name| {
        headers
            .get_all(name)
            .iter()
            .any(|value| is_prefetch(value.as_bytes()))
    });
    is_document && !is_guess
}

fn is_prefetch(value: &[u8]) -> bool {
    let value = value.to_ascii_lowercase();
    value.windows(8).any(|part| part == b"prefetch") || value.starts_with(b"preview")
}
