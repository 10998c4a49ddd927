//! [`std::time::SystemTime`] and [`std::time::Instant`].

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

use crate::port::{Clock, Wait};
use crate::time::UnixTime;

/// How long a sleeping machine can be overslept: the monotonic clock of most systems stands still meanwhile.
const NAP: Duration = Duration::from_secs(1);

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The system's clock.
pub struct NativeClock;

impl Clock for NativeClock {
    fn now(&self) -> UnixTime {
        let epoch = UnixTime::from_seconds(0);
        match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => epoch + since,
            Err(before) => epoch - before.duration(),
        }
    }

    fn monotonic(&self) -> Duration {
        START.elapsed()
    }

    fn sleep(&self, length: Duration) -> Wait {
        Box::pin(async move {
            let (start, wall) = (Instant::now(), SystemTime::now());
            loop {
                let slept = wall.elapsed().unwrap_or_default().max(start.elapsed());
                let left = length.saturating_sub(slept);
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(NAP)).await;
            }
        })
    }
}
