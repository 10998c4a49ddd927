//! Authorization requests that were pushed and wait for their user.

use serde::{Deserialize, Serialize};

use crate::clock::Seconds;
use crate::error::Error;
use crate::random::fingerprint;
use crate::store::{PUSHED, Store};

/// A pushed request, kept under the hash of its `request_uri`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pushed {
    pub(crate) client_id: String,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) expires: Seconds,
}

impl Store {
    pub(crate) fn push(&self, request_uri: &str, pushed: &Pushed) -> Result<(), Error> {
        self.write(|write| write.put(PUSHED, &fingerprint(request_uri), pushed))
    }

    /// Takes a request of this client; nobody gets it a second time.
    pub(crate) fn take_pushed(
        &self,
        request_uri: &str,
        client_id: &str,
        now: Seconds,
    ) -> Result<Option<Pushed>, Error> {
        let key = fingerprint(request_uri);
        self.write(|write| {
            let pushed = write
                .get::<Pushed>(PUSHED, &key)?
                .filter(|pushed| pushed.client_id == client_id);
            if pushed.is_some() {
                write.remove(PUSHED, &key)?;
            }
            Ok(pushed.filter(|pushed| pushed.expires > now))
        })
    }
}
