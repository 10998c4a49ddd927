//! [`Date.now`](https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Date/now), in whole seconds.

use crate::port::Clock;
use crate::time::UnixTime;

/// The browser's clock.
pub struct WebClock;

impl Clock for WebClock {
    fn now(&self) -> UnixTime {
        // Milliseconds since 1970 stay exact in a double until the year 287396.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the fraction of a second is what is cut off"
        )]
        let seconds = (js_sys::Date::now() / 1000.0) as i64;
        UnixTime::from_seconds(seconds)
    }
}
