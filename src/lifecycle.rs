//! Where a session stands, and what follows from it. This file alone decides when a held token will do, when the
//! provider is asked, how often, and when a session is over; it reads no clock and sends nothing.
//!
//! ```text
//!             began                       half-spent                      failed
//! SignedOut ---------> Valid ----------------------> Expiring --------> InDoubt / Expired
//!     ^                  ^                              |                     |
//!     |                  +---------- renewed -----------+---------------------+
//!     +---- ended: logout, or the provider has ended the refresh token -------+
//! ```

use std::rc::Rc;
use std::time::Duration;

use crate::auth::Reason;
use crate::options::CacheMode;
use crate::scope::Scope;
use crate::session::{HeldToken, Identity, LONGEST_WAIT, Session, Setback};
use crate::time::UnixTime;

/// How long a caller waits for the provider at most, however often it is tried.
pub const DEADLINE: Duration = Duration::from_secs(15);

/// How much time must be left for an answer: a request that is given up puts the refresh token in doubt.
pub(crate) const LEAST_PATIENCE: Duration = Duration::from_secs(5);

/// How often a request is repeated that the server has surely not acted on.
const RETRIES: u32 = 2;

/// The first wait before a repetition, on average; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// The shortest life of a token that is renewed ahead of its end.
const SHORTEST_LIFE: Duration = Duration::from_secs(10);

/// What is taken off the provider's overlap: the first request was on its way for a while, and so is the second.
const OVERLAP_MARGIN: Duration = Duration::from_secs(30);

/// Which access token somebody wants.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Need {
    pub(crate) audience: Option<String>,
    pub(crate) scope: Scope,
    pub(crate) min_ttl: Duration,
    pub(crate) cache: CacheMode,
    /// Whether somebody asks, or the client does by itself: only who is asked spends a refresh token that is in doubt.
    pub(crate) is_asked: bool,
}

/// Where a session stands, for one need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// Nobody is signed in.
    SignedOut,
    /// A held token will do.
    Valid,
    /// A held token is good, and not for long.
    Expiring,
    /// The provider is being asked for another.
    Refreshing,
    /// The answer to a refresh was lost: the refresh token may be spent.
    InDoubt,
    /// No held token will do.
    Expired,
}

/// What is to be done for a need.
#[derive(Debug)]
pub(crate) enum Step {
    /// Hand this out.
    Use(Rc<HeldToken>),
    /// Ask the provider, for what the login asked for.
    Renew,
    /// Ask the provider for another audience or a wider scope than the login asked for.
    Widen,
    /// Leave the provider alone for so long.
    Wait(Duration),
    /// The login did not ask for that, and the refresh token does not buy it.
    NotGranted,
    /// Only a login helps.
    LogIn,
    /// Nothing may be sent.
    NotHeld,
    /// The refresh token is in doubt, and nobody asks.
    NotAsked,
}

/// How a refresh failed, as far as the refresh token is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The server has not seen the request, or says that it did not act on it. It may have named a time to come back.
    NotDone(Option<Duration>),
    /// Nobody knows what the server has done.
    Lost,
    /// The server has ended the refresh token.
    Over,
    /// The server said no to this request; the refresh token is what it was.
    Refused,
}

/// What follows from a [`Failure`].
#[derive(Debug, PartialEq)]
pub(crate) enum Reaction {
    /// Send it again after so long.
    Again(Duration),
    /// Give up for now, and leave the provider alone until then.
    Later(Setback),
    /// The session is over.
    End,
    /// Report it; nothing has changed.
    Report,
}

/// A repetition that is being weighed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    /// How often it was tried for this need before.
    pub(crate) before: u32,
    /// How long the caller has waited.
    pub(crate) elapsed: Duration,
    /// A random number, of which all are as likely.
    pub(crate) random: u8,
    /// How long the provider takes a spent refresh token once more.
    pub(crate) overlap: Duration,
    pub(crate) now: UnixTime,
}

/// A session and where it stands.
#[derive(Debug)]
pub(crate) struct Lifecycle {
    session: Option<Session>,
    reason: Reason,
    is_refreshing: bool,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            session: None,
            reason: Reason::Fresh,
            is_refreshing: false,
        }
    }
}

impl Lifecycle {
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    pub(crate) fn identity(&self) -> Option<Rc<Identity>> {
        self.session
            .as_ref()
            .map(|session| session.identity.clone())
    }

    /// Why nobody is signed in, when nobody is.
    pub(crate) fn reason(&self) -> Reason {
        self.reason
    }

    /// Takes up a session: one that began, was found, or came out of a refresh.
    pub(crate) fn hold(&mut self, session: Session) {
        self.session = Some(session);
    }

    /// Ends the session, and returns it.
    pub(crate) fn end(&mut self, reason: Reason) -> Option<Session> {
        self.reason = reason;
        self.session.take()
    }

    pub(crate) fn set_refreshing(&mut self, is_refreshing: bool) {
        self.is_refreshing = is_refreshing;
    }

    /// Remembers that the provider could not be asked.
    pub(crate) fn set_back(&mut self, setback: Setback) {
        if let Some(session) = &mut self.session {
            session.setback = Some(setback);
        }
    }

    pub(crate) fn standing(&self, need: &Need, now: UnixTime) -> Standing {
        let Some(session) = &self.session else {
            return Standing::SignedOut;
        };
        let held = session.held(need.audience.as_deref(), &need.scope);
        match held {
            Some(token) if is_lasting(token, need, now) => Standing::Valid,
            _ if self.is_refreshing => Standing::Refreshing,
            Some(token) if token.expires_at > now => Standing::Expiring,
            _ if session.is_in_doubt() => Standing::InDoubt,
            _ => Standing::Expired,
        }
    }

    /// Says what is to be done for `need`.
    pub(crate) fn step(&self, need: &Need, has_mrrt: bool, now: UnixTime) -> Step {
        let Some(session) = &self.session else {
            return Step::LogIn;
        };
        let held = session.held(need.audience.as_deref(), &need.scope);
        if need.cache != CacheMode::Off
            && let Some(token) = held
            && is_lasting(token, need, now)
        {
            return Step::Use(token.clone());
        }
        if need.cache == CacheMode::Only {
            return Step::NotHeld;
        }
        let ask = match held {
            Some(token) if token.audience == session.audience => Step::Renew,
            _ if has_mrrt => Step::Widen,
            _ => return Step::NotGranted,
        };
        if session.refresh_token.is_none() {
            return Step::LogIn;
        }
        if session.is_in_doubt() && !need.is_asked {
            return Step::NotAsked;
        }
        match &session.setback {
            Some(setback) if !setback.left(now).is_zero() => Step::Wait(setback.left(now)),
            _ => ask,
        }
    }

    /// Finds a token for `need` that is good at `now`, be it for a moment: better than none while nobody answers.
    pub(crate) fn last_resort(&self, need: &Need, now: UnixTime) -> Option<Rc<HeldToken>> {
        let session = self.session.as_ref()?;
        let token = session.held(need.audience.as_deref(), &need.scope)?;
        let may_be_held = need.cache != CacheMode::Off && token.expires_at > now;
        may_be_held.then(|| token.clone())
    }

    /// Says what follows when the provider did not give a token.
    pub(crate) fn react(&self, failure: Failure, attempt: Attempt) -> Reaction {
        let earlier = self.session.as_ref().and_then(|s| s.setback.as_ref());
        let wait = match failure {
            Failure::Over => return Reaction::End,
            Failure::Refused => return Reaction::Report,
            Failure::NotDone(wait) if attempt.before < RETRIES => {
                wait.map_or_else(
                    || back_off(attempt.before, attempt.random),
                    |wait| {
                        // Those who were all told the same time do not all come at the same time.
                        wait + back_off(0, attempt.random)
                    },
                )
            }
            Failure::Lost if may_repeat(earlier, &attempt) => back_off(0, attempt.random),
            Failure::NotDone(_) | Failure::Lost => Duration::MAX,
        };
        let left = DEADLINE.saturating_sub(attempt.elapsed);
        if wait <= left.saturating_sub(LEAST_PATIENCE) {
            return Reaction::Again(wait);
        }
        let tries = earlier.map_or(0, |setback| setback.tries).saturating_add(1);
        let wait = match failure {
            Failure::NotDone(Some(wait)) => wait,
            // Whoever tries again by hand is not held up the first time.
            _ if tries == 1 => Duration::ZERO,
            _ => back_off(tries, attempt.random),
        };
        let lost_at = (failure == Failure::Lost).then_some(attempt.now);
        Reaction::Later(Setback {
            lost_at: earlier.and_then(|setback| setback.lost_at).or(lost_at),
            at: attempt.now,
            until: attempt.now + wait.min(LONGEST_WAIT),
            tries,
        })
    }

    /// Gives how long from `now` on the token for `need` is best left alone before it is renewed ahead: until 70 to 90 %
    /// of its life, which every token spreads by its own text, so that not all apps come at once. Nothing when there is
    /// nothing to renew, or when that would spend a refresh token that is in doubt, and for a token of so short a life
    /// that it would be renewed all the time.
    pub(crate) fn due(&self, need: &Need, now: UnixTime) -> Option<Duration> {
        let session = self.session.as_ref()?;
        session.refresh_token.as_ref()?;
        if session.is_in_doubt() {
            return None;
        }
        let token = session.held(need.audience.as_deref(), &need.scope)?;
        let life = token.expires_at.since(token.obtained_at);
        if life < SHORTEST_LIFE {
            return None;
        }
        let text = token.access_token.expose().bytes();
        let spread = text.fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
        let share = 700 + 200 * u32::from(spread) / 255;
        let due = token.obtained_at + life * share / 1000;
        let backed_off = session.setback.as_ref().map(|setback| setback.left(now));
        Some(due.since(now).max(backed_off.unwrap_or_default()))
    }
}

/// Whether `token` is good for as long as it is needed.
fn is_lasting(token: &HeldToken, need: &Need, now: UnixTime) -> bool {
    let needed = token.leeway().max(need.min_ttl);
    token.expires_at > now && token.expires_at >= now + needed
}

/// Whether a request whose answer was lost may be repeated at once: the provider must promise to take the refresh token
/// again, and the doubt must be young enough.
fn may_repeat(earlier: Option<&Setback>, attempt: &Attempt) -> bool {
    let lost_at = earlier.and_then(|setback| setback.lost_at);
    let age = lost_at.map_or(attempt.elapsed, |lost_at| attempt.now.since(lost_at));
    attempt.before == 0 && age + OVERLAP_MARGIN < attempt.overlap
}

/// A wait that doubles with every try, by chance anything from nothing to twice its average.
fn back_off(tries: u32, random: u8) -> Duration {
    let longest = FIRST_WAIT * 2 * 2_u32.saturating_pow(tries.min(7));
    (longest * u32::from(random) / 255).min(LONGEST_WAIT)
}
