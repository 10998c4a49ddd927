//! A storage that takes its time, so that anything can happen in between.

use std::rc::Rc;

use dioxus_auth0::port::{Storage, Task};

/// A storage that takes its time before and after, as real ones do.
pub(crate) struct Slow(pub(crate) Rc<dyn Storage>);

impl Storage for Slow {
    fn get<'a>(&'a self, key: &'a str) -> Task<'a, Option<String>> {
        Box::pin(async move {
            turn().await;
            let got = self.0.get(key).await;
            turn().await;
            got
        })
    }

    fn set<'a>(&'a self, key: &'a str, text: &'a str) -> Task<'a, ()> {
        Box::pin(async move {
            turn().await;
            let set = self.0.set(key, text).await;
            turn().await;
            set
        })
    }

    fn swap<'a>(&'a self, key: &'a str, from: &'a str, to: &'a str) -> Task<'a, bool> {
        Box::pin(async move {
            turn().await;
            let swapped = self.0.swap(key, from, to).await;
            // Long enough for somebody else to begin and to be done.
            for _ in 0..4 {
                turn().await;
            }
            swapped
        })
    }

    fn remove<'a>(&'a self, key: &'a str) -> Task<'a, ()> {
        Box::pin(async move {
            turn().await;
            let removed = self.0.remove(key).await;
            turn().await;
            removed
        })
    }

    fn keys<'a>(&'a self, prefix: &'a str) -> Task<'a, Vec<String>> {
        self.0.keys(prefix)
    }
}

/// Lets others have their turn.
pub(crate) async fn turn() {
    let mut is_over = false;
    std::future::poll_fn(|context| {
        context.waker().wake_by_ref();
        match std::mem::replace(&mut is_over, true) {
            false => std::task::Poll::Pending,
            true => std::task::Poll::Ready(()),
        }
    })
    .await;
}
