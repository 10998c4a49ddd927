//! The provider's time: what lifetimes are counted by, whatever is done to the clock of this machine.

use std::cell::Cell;
use std::time::Duration;

use http::HeaderMap;
use http::header::DATE;

use crate::port::Clock;
use crate::time::UnixTime;

/// Both clocks at one moment.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    wall: UnixTime,
    monotonic: Duration,
}

/// Estimates the provider's time: by its last `Date`, and what has passed since. Before the first, by this machine's
/// clock and how far it was off when the session was stored.
#[derive(Default)]
pub(super) struct Timekeeper {
    anchor: Cell<Option<Anchor>>,
}

#[derive(Clone, Copy)]
struct Anchor {
    at: Mark,
    time: UnixTime,
    source: Source,
}

/// Who says what time it is.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    /// This machine.
    Machine,
    /// This machine, and how far it was off when the session was stored.
    Stored,
    /// The provider.
    Provider,
}

impl Mark {
    pub(super) fn now(clock: &dyn Clock) -> Self {
        Self {
            wall: clock.now(),
            monotonic: clock.monotonic(),
        }
    }

    /// What has passed since: by the clock that shows more, since the one may have been set back and the other may have
    /// stood still while the machine slept.
    pub(super) fn elapsed(self, clock: &dyn Clock) -> Duration {
        let by_wall = clock.now().since(self.wall);
        by_wall.max(clock.monotonic().saturating_sub(self.monotonic))
    }
}

impl Timekeeper {
    pub(super) fn now(&self, clock: &dyn Clock) -> UnixTime {
        let anchor = self.anchor(clock);
        anchor.time + anchor.at.elapsed(clock)
    }

    /// Gives how far the provider's clock is ahead of this machine's, in seconds.
    pub(super) fn skew(&self, clock: &dyn Clock) -> i64 {
        self.now(clock).seconds() - clock.now().seconds()
    }

    /// Takes the skew that was stored, once: from then on a clock that is set tells nothing.
    pub(super) fn assume(&self, skew: i64, clock: &dyn Clock) {
        if self.anchor(clock).source == Source::Machine {
            let time = UnixTime::from_seconds(clock.now().seconds().saturating_add(skew));
            self.set(time, Source::Stored, clock);
        }
    }

    /// Reads the time of an answer that came right now and out of no cache
    /// ([RFC 9110 §6.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1)). Pages do not see it.
    pub(super) fn learn(&self, headers: &HeaderMap, clock: &dyn Clock) {
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
        let since = date.and_then(|date| date.duration_since(std::time::UNIX_EPOCH).ok());
        if let Some(since) = since {
            self.set(UnixTime::from_seconds(0) + since, Source::Provider, clock);
        }
    }

    fn set(&self, time: UnixTime, source: Source, clock: &dyn Clock) {
        let at = Mark::now(clock);
        self.anchor.set(Some(Anchor { at, time, source }));
    }

    fn anchor(&self, clock: &dyn Clock) -> Anchor {
        self.anchor.get().unwrap_or_else(|| {
            let at = Mark::now(clock);
            let anchor = Anchor {
                at,
                time: at.wall,
                source: Source::Machine,
            };
            self.anchor.set(Some(anchor));
            anchor
        })
    }
}
