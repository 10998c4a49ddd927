//! Where a phone puts what it tells, on whatever thread, and whoever waits finds it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use url::Url;

use super::News;

/// How many links are kept for a listener that has not come yet; others push the oldest out.
const ROOM: usize = 16;

/// What a phone has told and nobody has heard yet.
///
/// It outlives every window and every client of the process: a link may come before either.
#[derive(Default)]
pub struct Inbox {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    links: VecDeque<Url>,
    is_closed: bool,
    waiting: Vec<Waker>,
}

impl Inbox {
    /// Makes an empty one.
    pub const fn new() -> Self {
        Self {
            inner: Mutex::new(Inner {
                links: VecDeque::new(),
                is_closed: false,
                waiting: Vec::new(),
            }),
        }
    }

    /// Puts `news` in, and wakes whoever waits.
    pub fn put(&self, news: News) {
        let mut inner = self.inner();
        match news {
            News::Link(url) => {
                if inner.links.len() == ROOM {
                    inner.links.pop_front();
                }
                inner.links.push_back(url);
            }
            News::Closed => inner.is_closed = true,
        }
        let waiting = std::mem::take(&mut inner.waiting);
        drop(inner);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Takes the first link that `is_wanted`, or waits for one.
    pub(super) fn poll_link(
        &self,
        context: &mut Context<'_>,
        is_wanted: impl Fn(&Url) -> bool,
    ) -> Poll<Url> {
        let mut inner = self.inner();
        let found = inner.links.iter().position(is_wanted);
        if let Some(url) = found.and_then(|index| inner.links.remove(index)) {
            return Poll::Ready(url);
        }
        inner.wait(context);
        Poll::Pending
    }

    /// Waits until the browser is closed.
    pub(super) fn poll_closed(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.inner();
        if std::mem::take(&mut inner.is_closed) {
            return Poll::Ready(());
        }
        inner.wait(context);
        Poll::Pending
    }

    /// Forgets that a browser was closed: another one opens.
    pub(super) fn reopen(&self) {
        self.inner().is_closed = false;
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here is left half done by a panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn wait(&mut self, context: &Context<'_>) {
        if !self
            .waiting
            .iter()
            .any(|waker| waker.will_wake(context.waker()))
        {
            self.waiting.push(context.waker().clone());
        }
    }
}

/// Says how many there are: links carry codes.
impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let links = self.inner().links.len();
        f.debug_struct("Inbox")
            .field("links", &links)
            .finish_non_exhaustive()
    }
}
