use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds since 1970, as JWTs count them.
pub(crate) type Seconds = i64;

/// The tenant's clock: the machine's, moved by an offset a test may set.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset: AtomicI64,
}

impl Clock {
    pub(crate) fn new(offset: Seconds) -> Self {
        Self {
            offset: AtomicI64::new(offset),
        }
    }

    pub(crate) fn now(&self) -> Seconds {
        machine_millis() / 1000 + self.offset()
    }

    pub(crate) fn offset(&self) -> Seconds {
        self.offset.load(Ordering::Relaxed)
    }

    pub(crate) fn set_offset(&self, offset: Seconds) {
        self.offset.store(offset, Ordering::Relaxed);
    }
}

/// Milliseconds since 1970 by the machine's clock.
pub(crate) fn machine_millis() -> i64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

/// Writes an instant the way the Management API does, `2026-01-31T12:00:00.000Z`.
pub(crate) fn iso(at: Seconds) -> String {
    let at =
        time::OffsetDateTime::from_unix_timestamp(at).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.000Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// Writes an instant the way HTTP does, `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(at: Seconds) -> String {
    // HTTP has no year 10000.
    let at = u64::try_from(at).unwrap_or_default().min(253_402_300_799);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_http_does() {
        assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http_date(-1), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(http_date(Seconds::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn instants_are_written_as_the_management_api_does() {
        assert_eq!(iso(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso(1_767_225_599), "2025-12-31T23:59:59.000Z");
    }

    #[test]
    fn the_offset_moves_the_clock_both_ways() {
        let clock = Clock::new(-3600);
        assert!(clock.now() <= machine_millis() / 1000 - 3599);
        clock.set_offset(3600);
        assert!(clock.now() >= machine_millis() / 1000 + 3599);
    }
}
