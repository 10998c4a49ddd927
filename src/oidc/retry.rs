//! When a busy server wants to be asked again.

use std::time::{Duration, UNIX_EPOCH};

use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderName};

use crate::time::UnixTime;

/// The longest wait that a server is granted; whoever needs longer is asked again and says so again.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Auth0's `X-RateLimit-Reset`: the second in which the count begins anew.
const X_RATELIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// What a server says of the time to ask again: a length from its answer on, or an instant by its own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// After so long.
    For(Duration),
    /// Not before then.
    Until(UnixTime),
}

impl RetryAfter {
    /// Reads `Retry-After` ([RFC 9110 §10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)), or Auth0's
    /// `X-RateLimit-Reset` in its place.
    ///
    /// A field that cannot be read counts as absent, and so do two of one name. A browser shows a page neither of them
    /// unless the server exposes them.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let after = || only(headers, &RETRY_AFTER).and_then(seconds_or_date);
        let reset = || only(headers, &X_RATELIMIT_RESET).and_then(seconds);
        after().or_else(|| reset().map(instant).map(Self::Until))
    }

    /// Gives the wait from `now` on: none for an instant that is past, and never more than [`LONGEST_WAIT`].
    pub fn wait(self, now: UnixTime) -> Duration {
        let wait = match self {
            Self::For(wait) => wait,
            Self::Until(then) => then.since(now),
        };
        wait.min(LONGEST_WAIT)
    }
}

/// Reads how long to wait before asking again, from the headers of an answer that came at `now`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use dioxus_auth0::oidc::retry::retry_after;
/// use dioxus_auth0::time::UnixTime;
/// use http::HeaderMap;
/// use http::header::RETRY_AFTER;
///
/// let now = UnixTime::from_seconds(784_111_770);
/// let mut headers = HeaderMap::new();
/// assert_eq!(retry_after(&headers, now), None);
///
/// headers.insert(RETRY_AFTER, "30".parse()?);
/// assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(30)));
///
/// headers.insert(RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT".parse()?);
/// assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(7)));
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
pub fn retry_after(headers: &HeaderMap, now: UnixTime) -> Option<Duration> {
    RetryAfter::read(headers).map(|after| after.wait(now))
}

/// Gives the one field of a name, as text.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut fields = headers.get_all(name).iter();
    match (fields.next(), fields.next()) {
        (Some(field), None) => field.to_str().ok(),
        _ => None,
    }
}

fn seconds_or_date(text: &str) -> Option<RetryAfter> {
    if let Some(seconds) = seconds(text) {
        return Some(RetryAfter::For(Duration::from_secs(seconds)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let since = date.duration_since(UNIX_EPOCH).ok()?;
    Some(RetryAfter::Until(instant(since.as_secs())))
}

/// Reads `delay-seconds`: digits and nothing else; what no number holds is the longest one.
fn seconds(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

fn instant(seconds: u64) -> UnixTime {
    UnixTime::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
}
