//! When to ask whether the user is done.

use std::time::Duration;

use super::{DeviceAnswer, Verdict};
use crate::json::JsonError;
use crate::oidc::answer::AnswerError;
use crate::oidc::token::TokenError;

/// What `slow_down` adds to the interval for good ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).
pub const SLOWER: Duration = Duration::from_secs(5);

/// The longest wait for a network that does not work, unless the interval is longer.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(60);

/// What a [`Schedule`] is told of a poll that was not the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The user is not done.
    Pending,
    /// The user is not done, and the polls come too fast.
    SlowDown,
    /// Nothing: the network or the server failed.
    Nothing,
}

/// When to poll: the waits of [RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5), and none beyond the
/// life of the code.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use dioxus_auth0::oidc::device::{Heard, Schedule};
///
/// let seconds = Duration::from_secs;
/// let mut schedule = Schedule::new(seconds(5), seconds(900));
/// assert_eq!(schedule.first(), Some(seconds(5)));
/// assert_eq!(schedule.next(Heard::SlowDown, seconds(5)), Some(seconds(10)));
/// assert_eq!(schedule.next(Heard::Nothing, seconds(15)), Some(seconds(20)));
/// assert_eq!(schedule.next(Heard::Pending, seconds(35)), Some(seconds(10)));
/// assert_eq!(schedule.next(Heard::Pending, seconds(895)), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    interval: Duration,
    life: Duration,
    /// How many polls in a row have heard nothing.
    failures: u32,
}

impl Heard {
    /// Reads what came of a poll; `None` if it was the last, for better or worse.
    ///
    /// A request that got lost, a busy or broken server and a page that is not the provider's are nothing heard.
    ///
    /// # Examples
    ///
    /// ```
    /// use dioxus_auth0::oidc::device::Heard;
    /// use dioxus_auth0::oidc::{TokenError, Verdict};
    ///
    /// assert_eq!(Heard::of::<()>(&Ok(Verdict::Pending)), Some(Heard::Pending));
    /// assert_eq!(Heard::of(&Err(TokenError::Transport("offline"))), Some(Heard::Nothing));
    /// assert_eq!(Heard::of::<()>(&Ok(Verdict::Denied)), None);
    /// ```
    pub fn of<E>(polled: &Result<Verdict, TokenError<E>>) -> Option<Self> {
        let error = match polled {
            Ok(Verdict::Pending) => return Some(Self::Pending),
            Ok(Verdict::SlowDown) => return Some(Self::SlowDown),
            Ok(Verdict::Denied | Verdict::Expired | Verdict::Done(_)) => return None,
            Err(error) => error,
        };
        let may_pass = match error {
            TokenError::Transport(_) => true,
            TokenError::Refused { status, .. }
            | TokenError::Malformed(AnswerError::Status(status)) => {
                matches!(status, 429 | 500..)
            }
            TokenError::Malformed(error) => matches!(
                error,
                AnswerError::ContentType { .. } | AnswerError::Json(JsonError::Html)
            ),
            TokenError::MfaRequired { .. } | TokenError::Request { .. } => false,
        };
        may_pass.then_some(Self::Nothing)
    }
}

impl Schedule {
    /// Starts with the interval and the life of the answer.
    pub fn new(interval: Duration, life: Duration) -> Self {
        Self {
            interval,
            life,
            failures: 0,
        }
    }

    /// Gives the wait before the first poll, or `None` if the code does not live that long.
    pub fn first(&self) -> Option<Duration> {
        self.within_life(self.interval, Duration::ZERO)
    }

    /// Gives the wait before the next poll, or `None` if it would come when the code is gone.
    ///
    /// `elapsed` is the time since the codes came. After a network failure the waits double, up to a minute, until
    /// something is heard again.
    pub fn next(&mut self, heard: Heard, elapsed: Duration) -> Option<Duration> {
        match heard {
            Heard::Nothing => self.failures = self.failures.saturating_add(1),
            Heard::Pending => self.failures = 0,
            Heard::SlowDown => {
                self.failures = 0;
                self.interval = self.interval.saturating_add(SLOWER);
            }
        }
        let factor = 2_u32.saturating_pow(self.failures);
        let doubled = self.interval.saturating_mul(factor);
        let wait = doubled.min(LONGEST_BACK_OFF.max(self.interval));
        self.within_life(wait, elapsed)
    }

    fn within_life(&self, wait: Duration, elapsed: Duration) -> Option<Duration> {
        (elapsed.saturating_add(wait) < self.life).then_some(wait)
    }
}

impl From<&DeviceAnswer> for Schedule {
    fn from(answer: &DeviceAnswer) -> Self {
        Self::new(answer.interval, answer.expires_in)
    }
}
