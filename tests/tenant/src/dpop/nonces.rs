use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::random::secret;

/// Where the tenant demands its nonce in proofs ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
///
/// ```
/// let everywhere = r#"{"token": true, "resources": true, "renewed": true}"#;
/// # let everywhere: tenant::DpopNonces = serde_json::from_str(everywhere).unwrap();
/// # assert!(everywhere.token && everywhere.resources && everywhere.renewed);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DpopNonces {
    /// At the token endpoint, and where requests are pushed.
    pub token: bool,
    /// At `/userinfo` and the APIs.
    pub resources: bool,
    /// Whether every answer to a proof brings the next nonce, so that only the last two are good. Otherwise one is good
    /// until [`rotate_dpop_nonces`](crate::Tenant::rotate_dpop_nonces), and only refusals bring it.
    pub renewed: bool,
}

/// The nonces in force, the same for the whole tenant.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    demand: DpopNonces,
    current: String,
    previous: Option<String>,
    /// The one a client has heard last.
    given: Option<String>,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            demand: DpopNonces::default(),
            current: secret(),
            previous: None,
            given: None,
        }
    }
}

impl Nonces {
    pub(crate) fn new(demand: DpopNonces) -> Self {
        let nonces = Self::default();
        nonces.lock().demand = demand;
        nonces
    }

    pub(crate) fn demand(&self) -> DpopNonces {
        self.lock().demand
    }

    pub(crate) fn set_demand(&self, demand: DpopNonces) {
        self.lock().demand = demand;
    }

    pub(crate) fn knows(&self, nonce: &str) -> bool {
        let inner = self.lock();
        nonce == inner.current || inner.previous.as_deref() == Some(nonce)
    }

    /// Gives out the current nonce.
    pub(crate) fn current(&self) -> String {
        let mut inner = self.lock();
        inner.given = Some(inner.current.clone());
        inner.current.clone()
    }

    /// The nonce that was given out last.
    pub(crate) fn last_given(&self) -> Option<String> {
        self.lock().given.clone()
    }

    /// Gives out the next nonce; the one before stays good for requests under way.
    pub(crate) fn renew(&self) -> String {
        let mut inner = self.lock();
        let last = std::mem::replace(&mut inner.current, secret());
        inner.previous = Some(last);
        inner.given = Some(inner.current.clone());
        inner.current.clone()
    }

    /// Makes every nonce given so far worthless.
    pub(crate) fn rotate(&self) {
        let mut inner = self.lock();
        inner.current = secret();
        inner.previous = None;
        inner.given = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_two_nonces_are_good_until_all_are_rotated_away() {
        let nonces = Nonces::default();
        let first = nonces.current();
        let second = nonces.renew();
        assert!(nonces.knows(&first) && nonces.knows(&second));
        let third = nonces.renew();
        assert!(!nonces.knows(&first) && nonces.knows(&second) && nonces.knows(&third));
        nonces.rotate();
        assert!(!nonces.knows(&second) && !nonces.knows(&third));
    }
}
