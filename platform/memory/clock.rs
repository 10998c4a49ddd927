//! A clock that stands still, and waits that pass when nothing else is left to do.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use crate::port::{Clock, Wait};
use crate::time::UnixTime;

/// How often others are let go first before a wait passes: more than any answer in memory needs.
const TURNS: u32 = 1024;

/// Shows the time it was set to; at first 2023-11-14 22:13:20 UTC.
///
/// A [`sleep`](Clock::sleep) moves it: when everything else waits too, the shortest sleep is over and the clock has moved
/// by its length. [`hold`](Self::hold) makes sleeps wait for [`advance`](Self::advance) instead.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use dioxus_auth0::platform::memory::MemoryClock;
/// use dioxus_auth0::port::Clock;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let clock = MemoryClock::default();
/// let before = clock.now();
/// clock.sleep(Duration::from_secs(90)).await;
/// assert_eq!(clock.now().since(before), Duration::from_secs(90));
/// # });
/// ```
pub struct MemoryClock {
    time: Rc<Time>,
}

struct Time {
    wall: Cell<i64>,
    monotonic: Cell<Duration>,
    is_held: Cell<bool>,
    /// How often a wait has passed.
    passed: Cell<u64>,
    /// The ends of the sleeps that wait.
    sleepers: RefCell<Vec<Duration>>,
    /// Those who wait for the clock to be advanced.
    wakers: RefCell<Vec<Waker>>,
}

impl Default for MemoryClock {
    fn default() -> Self {
        Self {
            time: Rc::new(Time {
                wall: Cell::new(1_700_000_000),
                monotonic: Cell::default(),
                is_held: Cell::default(),
                passed: Cell::default(),
                sleepers: RefCell::default(),
                wakers: RefCell::default(),
            }),
        }
    }
}

impl MemoryClock {
    /// Sets the time, in seconds since 1970, as somebody does who changes the clock: nothing has passed.
    pub fn set(&self, seconds: i64) {
        self.time.wall.set(seconds);
    }

    /// Lets time pass, in seconds; or sets the clock back, for a number below zero.
    pub fn advance(&self, seconds: i64) {
        self.time.wall.set(self.time.wall.get() + seconds);
        let passed = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        self.time.monotonic.set(self.time.monotonic.get() + passed);
        self.time.wake_all();
    }

    /// Makes sleeps wait until the time has [advanced](Self::advance), or pass by themselves again.
    pub fn hold(&self, is_held: bool) {
        self.time.is_held.set(is_held);
        self.time.wake_all();
    }

    /// Gives how long the first of the sleeps has still to go that are not over, if there is one.
    pub fn next_end(&self) -> Option<Duration> {
        let now = self.time.monotonic.get();
        let ends = self.time.sleepers.borrow();
        let first = ends.iter().filter(|end| **end > now).min()?;
        Some(*first - now)
    }
}

impl Time {
    fn is_first(&self, end: Duration) -> bool {
        self.sleepers.borrow().iter().all(|other| *other >= end)
    }

    fn wait(&self, waker: &Waker) {
        let mut wakers = self.wakers.borrow_mut();
        if !wakers.iter().any(|known| known.will_wake(waker)) {
            wakers.push(waker.clone());
        }
    }

    fn wake_all(&self) {
        for waker in self.wakers.take() {
            waker.wake();
        }
    }

    fn pass(&self, end: Duration) {
        let passed = end.saturating_sub(self.monotonic.get());
        // The wall clock knows whole seconds; it moves whenever the monotonic one comes to another.
        let seconds = end.as_secs() - self.monotonic.get().as_secs().min(end.as_secs());
        if !passed.is_zero() {
            self.wall
                .set(self.wall.get().saturating_add_unsigned(seconds));
            self.monotonic.set(end);
        }
        self.passed.update(|passed| passed + 1);
    }
}

/// A sleep that is waited for; dropping it takes it off the list.
struct Sleeper {
    time: Rc<Time>,
    end: Duration,
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let mut sleepers = self.time.sleepers.borrow_mut();
        if let Some(index) = sleepers.iter().position(|end| *end == self.end) {
            sleepers.swap_remove(index);
        }
    }
}

impl Clock for MemoryClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(self.time.wall.get())
    }

    fn monotonic(&self) -> Duration {
        self.time.monotonic.get()
    }

    fn sleep(&self, length: Duration) -> Wait {
        let time = self.time.clone();
        Box::pin(async move {
            let end = time.monotonic.get() + length;
            time.sleepers.borrow_mut().push(end);
            let sleeper = Sleeper { time, end };
            let (mut turns, mut passed) = (0, sleeper.time.passed.get());
            std::future::poll_fn(move |context| {
                let time = &sleeper.time;
                if time.monotonic.get() >= end {
                    return Poll::Ready(());
                }
                if passed != time.passed.get() {
                    // Whoever has woken has something to do before more time passes.
                    (turns, passed) = (0, time.passed.get());
                }
                turns += 1;
                if time.is_held.get() {
                    time.wait(context.waker());
                    return Poll::Pending;
                }
                if turns > TURNS && time.is_first(end) {
                    time.pass(end);
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        })
    }
}
