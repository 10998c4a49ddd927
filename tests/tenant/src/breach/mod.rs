//! What clients do wrong: the rules that the conformance suite checks in every module, whatever its subject.

mod authorize;
mod request;

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::random::fingerprint;

pub(crate) use authorize::of_authorization;
pub(crate) use request::{of_form, of_refusal, of_request};

/// One rule that a request broke. Never a value of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Breach {
    /// Where the request went.
    pub path: String,
    /// The rule, as a sentence that was not true.
    pub rule: &'static str,
}

/// The breaches so far, and what must not come twice.
#[derive(Debug, Default)]
pub(crate) struct Breaches {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    breaches: Vec<Breach>,
    seen: HashSet<String>,
}

impl Breaches {
    pub(crate) fn note(&self, path: &str, rules: impl IntoIterator<Item = &'static str>) {
        let breach = |rule| Breach {
            path: path.to_owned(),
            rule,
        };
        let mut inner = self.lock();
        inner.breaches.extend(rules.into_iter().map(breach));
    }

    /// Whether a value that must be fresh has not come before.
    pub(crate) fn is_fresh(&self, name: &str, value: &str) -> bool {
        let seen = fingerprint(&format!("{name} {value}"));
        self.lock().seen.insert(seen)
    }

    pub(crate) fn all(&self) -> Vec<Breach> {
        self.lock().breaches.clone()
    }

    /// Forgets the breaches; what was used before stays used.
    pub(crate) fn clear(&self) {
        self.lock().breaches.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether text is of the characters of base64url, and at least so long.
fn is_base64url(text: &str, least: usize) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.len() >= least && text.bytes().all(is_letter)
}
