//! Instants as the wire writes them: whole seconds since 1970.

use std::ops::{Add, Sub};
use std::time::Duration;

/// An instant in seconds since 1970-01-01T00:00:00Z, the `NumericDate` of
/// [RFC 7519 §2](https://www.rfc-editor.org/rfc/rfc7519#section-2).
///
/// Lengths of time are [`Duration`]s; the two never mix. Arithmetic saturates, so a claim with an
/// absurd number cannot overflow its way past a check.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use dioxus_auth0::time::UnixTime;
///
/// let login = UnixTime::from_seconds(1_700_000_000);
/// let later = login + Duration::from_secs(60);
/// assert!(later > login);
/// assert_eq!(later.since(login), Duration::from_secs(60));
/// assert_eq!(login.since(later), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

impl UnixTime {
    /// Takes seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Gives seconds since the epoch.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Measures the time from `earlier` to this instant, zero if `earlier` is in fact later.
    pub fn since(self, earlier: UnixTime) -> Duration {
        let seconds = self.0.saturating_sub(earlier.0);
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }
}

impl Add<Duration> for UnixTime {
    type Output = Self;

    fn add(self, length: Duration) -> Self {
        Self(self.0.saturating_add_unsigned(length.as_secs()))
    }
}

impl Sub<Duration> for UnixTime {
    type Output = Self;

    fn sub(self, length: Duration) -> Self {
        Self(self.0.saturating_sub_unsigned(length.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absurd_length_saturates() {
        let now = UnixTime::from_seconds(1);
        assert_eq!((now + Duration::MAX).seconds(), i64::MAX);
        assert_eq!((now - Duration::MAX).seconds(), i64::MIN);
    }

    #[test]
    fn the_length_between_the_extremes_saturates() {
        let (first, last) = (
            UnixTime::from_seconds(i64::MIN),
            UnixTime::from_seconds(i64::MAX),
        );
        assert_eq!(last.since(first), Duration::from_secs(i64::MAX as u64));
        assert_eq!(first.since(last), Duration::ZERO);
    }
}
