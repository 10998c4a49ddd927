//! A user interface that polls its own tasks, beside a tokio runtime on another thread: as Dioxus does in a window.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use dioxus_auth0::port::Trip;
use tokio::sync::oneshot;

use crate::harness::*;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls on this thread, when it is woken and not otherwise.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Arc::new(Unpark(thread::current())).into();
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn a_trip_wakes_the_user_interface_that_waits_for_it() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let handle = runtime.handle().clone();
    let (stop, stopped) = oneshot::channel::<()>();
    let driver = thread::spawn(move || runtime.block_on(stopped));
    let _entered = handle.enter();

    let away = run(Desktop::new().leave());
    let address = away.address;
    let callback = away.good_request();
    let done = request("GET", "/done", &away.authority, &[]);
    let user = handle.spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let first = send(address, callback.as_bytes()).await;
        (first, send(address, done.as_bytes()).await)
    });
    let started = Instant::now();
    let trip = run(away.trip);
    assert!(matches!(trip, Ok(Trip::Back(_))), "{trip:?}");
    assert!(started.elapsed() < Duration::from_secs(1));
    // The user interface does something else now; the last page is served all the same.
    let (first, last) = run(user).expect("nobody panics");
    assert_eq!((first.status, last.status), (303, 200));
    assert!(last.body.contains("You can close this window"));
    assert!(run(closes_within(address, Duration::from_secs(1))));

    drop(stop);
    let _ = driver.join();
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let refused = run(Desktop::new().depart(&[0])).map(|_| ());
    assert!(refused.is_err());
}
