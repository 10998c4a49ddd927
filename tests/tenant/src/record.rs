//! The request log tests assert on.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// One request the tenant saw. Never a token, a code or a parameter's value, and of refresh tokens a hash alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The names of the query parameters, in order.
    pub query: Vec<String>,
    /// The `grant_type` of a token request.
    pub grant_type: Option<String>,
    /// The beginning of the hash of the refresh token that a `refresh_token` grant brought, to tell tokens apart.
    pub refresh_token: Option<String>,
    /// The `Origin` header.
    pub origin: Option<String>,
    /// The status answered; `None` while under way and when the connection was closed without an answer.
    pub status: Option<u16>,
    /// When it arrived, in milliseconds since 1970 by the machine's clock.
    pub time: i64,
    /// Whether a fault hit it.
    pub faulted: bool,
}

/// Requests in the order of their arrival.
#[derive(Debug, Default)]
pub(crate) struct Log {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Counts the clearings, so that an answer does not land on another request's line.
    epoch: u64,
    lines: Vec<Recorded>,
}

/// Where an arrived request stands in the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    epoch: u64,
    index: usize,
}

impl Log {
    pub(crate) fn arrive(&self, recorded: Recorded) -> Line {
        let mut inner = self.lock();
        inner.lines.push(recorded);
        Line {
            epoch: inner.epoch,
            index: inner.lines.len() - 1,
        }
    }

    pub(crate) fn amend(&self, line: Line, change: impl FnOnce(&mut Recorded)) {
        let mut inner = self.lock();
        if inner.epoch == line.epoch
            && let Some(recorded) = inner.lines.get_mut(line.index)
        {
            change(recorded);
        }
    }

    pub(crate) fn all(&self) -> Vec<Recorded> {
        self.lock().lines.clone()
    }

    pub(crate) fn clear(&self) {
        let mut inner = self.lock();
        inner.epoch += 1;
        inner.lines.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
