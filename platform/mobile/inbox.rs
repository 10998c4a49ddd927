//! Where a phone puts what it tells, on whatever thread, and whoever waits finds it.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use url::Url;

use super::News;
use crate::oidc::callback::MAX_URL;

/// How many links are kept for a listener that has not come yet; others push the oldest out.
const ROOM: usize = 16;

/// What a phone has told and nobody has heard yet.
///
/// It outlives every window and every client of the process: a link may come before either. Whoever opens links cannot fill
/// the memory: there is room for 16 links, and none for one that is longer than any [answer](MAX_URL).
#[derive(Default)]
pub struct Inbox {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    links: VecDeque<Url>,
    is_closed: bool,
    /// Those who wait, by the number of the listener.
    waiting: BTreeMap<u64, Waker>,
    listeners: u64,
}

impl Inbox {
    /// Makes an empty one.
    pub const fn new() -> Self {
        Self {
            inner: Mutex::new(Inner {
                links: VecDeque::new(),
                is_closed: false,
                waiting: BTreeMap::new(),
                listeners: 0,
            }),
        }
    }

    /// Puts `news` in, and wakes whoever waits.
    pub fn put(&self, news: News) {
        let mut inner = self.inner();
        match news {
            News::Link(url) if url.as_str().len() > MAX_URL => return,
            News::Link(url) => {
                if inner.links.len() == ROOM {
                    inner.links.pop_front();
                }
                inner.links.push_back(url);
            }
            News::Closed => inner.is_closed = true,
        }
        wake_all(inner);
    }

    /// Lets everybody look again: what was one listener's own may be another's now.
    pub(super) fn look_again(&self) {
        wake_all(self.inner());
    }

    /// Forgets that a browser was closed: another one opens.
    pub(super) fn reopen(&self) {
        self.inner().is_closed = false;
    }

    /// Begins to listen. What came before is heard too.
    pub(super) fn listen(self: &Arc<Self>) -> Listener {
        let mut inner = self.inner();
        inner.listeners += 1;
        Listener {
            inbox: self.clone(),
            number: inner.listeners,
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here is left half done by a panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake_all(mut inner: MutexGuard<'_, Inner>) {
    let waiting = std::mem::take(&mut inner.waiting);
    drop(inner);
    waiting.into_values().for_each(Waker::wake);
}

/// Says how many there are: links carry codes.
impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.inner();
        f.debug_struct("Inbox")
            .field("links", &inner.links.len())
            .field("waiting", &inner.waiting.len())
            .finish_non_exhaustive()
    }
}

/// Somebody who waits for news; dropping it leaves nothing behind.
pub(super) struct Listener {
    inbox: Arc<Inbox>,
    number: u64,
}

impl Listener {
    /// Takes the first link that `is_wanted`, or waits for one.
    pub(super) fn poll_link(
        &self,
        context: &mut Context<'_>,
        is_wanted: impl Fn(&Url) -> bool,
    ) -> Poll<Url> {
        let mut inner = self.inbox.inner();
        let found = inner.links.iter().position(is_wanted);
        match found.and_then(|index| inner.links.remove(index)) {
            Some(url) => Poll::Ready(url),
            None => self.wait(inner, context),
        }
    }

    /// Waits until the browser is closed.
    pub(super) fn poll_closed(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.inbox.inner();
        match std::mem::take(&mut inner.is_closed) {
            true => Poll::Ready(()),
            false => self.wait(inner, context),
        }
    }

    fn wait<T>(&self, mut inner: MutexGuard<'_, Inner>, context: &Context<'_>) -> Poll<T> {
        let before = inner.waiting.insert(self.number, context.waker().clone());
        // A waker may hold a task, and that a listener, which looks in here when it is dropped.
        drop(inner);
        drop(before);
        Poll::Pending
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let waker = self.inbox.inner().waiting.remove(&self.number);
        drop(waker);
    }
}
