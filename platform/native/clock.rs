//! [`std::time::SystemTime`] and [`std::time::Instant`], and tokio's timers.

use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use futures_channel::oneshot;
use tokio::runtime::Handle;

use crate::port::{Clock, Wait};
use crate::time::UnixTime;

/// How long a machine that slept may oversleep. Timers count by the monotonic clock, which stands still meanwhile on
/// most systems, so that the other one is looked at this often.
const NAP: Duration = Duration::from_secs(5);

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

    /// Waits for `length` by the clock that is ahead: nothing tells a machine that slept from one whose clock was set
    /// forward, and what waits here rather comes too early. A clock that is set back changes nothing.
    fn sleep(&self, length: Duration) -> Wait {
        let (start, wall) = (Instant::now(), SystemTime::now());
        Box::pin(async move {
            loop {
                // An error says that the clock was set back.
                let slept = wall.elapsed().unwrap_or_default().max(start.elapsed());
                let left = length.saturating_sub(slept);
                if left.is_zero() {
                    return;
                }
                nap(left.min(NAP)).await;
            }
        })
    }
}

/// Waits on tokio's timer; without a runtime on a thread, which then ends with the nap, whoever waits for it.
async fn nap(length: Duration) {
    if Handle::try_current().is_ok() {
        return tokio::time::sleep(length).await;
    }
    let (sender, receiver) = oneshot::channel::<()>();
    let sleeper = thread::Builder::new().name("clock".into());
    let sleeper = sleeper.spawn(move || {
        thread::sleep(length);
        drop(sender);
    });
    match sleeper {
        // The end of the thread is the answer.
        Ok(_) => drop(receiver.await),
        // Late for everybody, but not never.
        Err(_) => thread::sleep(length),
    }
}
