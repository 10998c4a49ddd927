//! [`Date.now`](https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Date/now), in whole seconds,
//! and [`performance.now`](https://developer.mozilla.org/docs/Web/API/Performance/now).

use std::time::Duration;

use futures_util::StreamExt;
use js_sys::Date;
use wasm_bindgen::prelude::wasm_bindgen;

use super::bell::Bell;
use super::window;
use crate::port::{Clock, Wait};
use crate::time::UnixTime;

/// How long a wait may oversleep a machine that slept and was woken without anybody looking at the page, in
/// milliseconds. Browsers ring the timers of hidden pages no more often either.
const NAP: f64 = 60_000.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn since_the_page_began() -> f64;
}

/// The browser's clock.
///
/// Timers stand still while most machines sleep, and no event tells of the end of that. A [wait](Clock::sleep) looks at
/// the time whenever the page comes into [view](https://developer.mozilla.org/docs/Web/API/Document/visibilitychange_event),
/// as it does when a screen is unlocked, and otherwise once a minute; a shorter one sets a single timer.
pub struct WebClock;

impl Clock for WebClock {
    fn now(&self) -> UnixTime {
        // Milliseconds since 1970 stay exact in a double until the year 287396.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the fraction of a second is what is cut off"
        )]
        let seconds = (Date::now() / 1000.0) as i64;
        UnixTime::from_seconds(seconds)
    }

    fn monotonic(&self) -> Duration {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a page is younger than 500,000 years, and no browser measures less than a microsecond"
        )]
        let microseconds = (since_the_page_began() * 1000.0) as u64;
        Duration::from_micros(microseconds)
    }

    fn sleep(&self, length: Duration) -> Wait {
        let (start, wall) = (since_the_page_began(), Date::now());
        let length = length.as_secs_f64() * 1000.0;
        Box::pin(async move {
            let mut bell = Bell::new();
            if let Some(document) = window().document() {
                bell = bell.at(&document, "visibilitychange");
            }
            loop {
                // A whole millisecond may be one that had begun.
                let passed = Date::now() - wall - 1.0;
                let slept = passed.max(since_the_page_began() - start);
                if slept >= length {
                    return;
                }
                bell.ring_in((length - slept).ceil().min(NAP));
                bell.next().await;
            }
        })
    }
}
