//! Sessions, the logins under way, and what users allowed.

use crate::clock::Seconds;
use crate::error::Error;
use crate::random::fingerprint;
use crate::store::{
    CONSENTS, Objection, SESSIONS, Session, Stage, Store, TRANSACTIONS, Transaction,
};

impl Store {
    pub(crate) fn session(&self, cookie: &str, now: Seconds) -> Result<Option<Session>, Error> {
        let session: Option<Session> = self.read(SESSIONS, &fingerprint(cookie))?;
        Ok(session.filter(|session| session.expires > now))
    }

    pub(crate) fn insert_session(&self, cookie: &str, session: &Session) -> Result<(), Error> {
        self.write(|write| write.put(SESSIONS, &fingerprint(cookie), session))
    }

    pub(crate) fn remove_session(&self, cookie: &str) -> Result<(), Error> {
        self.write(|write| write.remove(SESSIONS, &fingerprint(cookie)))
    }

    pub(crate) fn transaction(&self, id: &str) -> Result<Option<Transaction>, Error> {
        self.read(TRANSACTIONS, &fingerprint(id))
    }

    pub(crate) fn put_transaction(&self, id: &str, transaction: &Transaction) -> Result<(), Error> {
        self.write(|write| write.put(TRANSACTIONS, &fingerprint(id), transaction))
    }

    /// Moves a transaction on, if it still is at `from`; tells whether it was.
    pub(crate) fn advance(&self, id: &str, from: &Stage, to: Stage) -> Result<bool, Error> {
        let key = fingerprint(id);
        self.write(|write| {
            let Some(mut transaction) = write.get::<Transaction>(TRANSACTIONS, &key)? else {
                return Ok(false);
            };
            if transaction.stage != *from {
                return Ok(false);
            }
            transaction.stage = to;
            write.put(TRANSACTIONS, &key, &transaction)?;
            Ok(true)
        })
    }

    /// Keeps what was wrong with a form until the next one.
    pub(crate) fn object(&self, id: &str, objection: &Objection) -> Result<(), Error> {
        let key = fingerprint(id);
        self.write(|write| {
            let Some(mut transaction) = write.get::<Transaction>(TRANSACTIONS, &key)? else {
                return Ok(());
            };
            transaction.objection = Some(objection.clone());
            write.put(TRANSACTIONS, &key, &transaction)
        })
    }

    pub(crate) fn consented(
        &self,
        user: &str,
        client: &str,
        audience: Option<&str>,
    ) -> Result<Vec<String>, Error> {
        Ok(self
            .read(CONSENTS, &consent_key(user, client, audience))?
            .unwrap_or_default())
    }

    pub(crate) fn insert_consent(
        &self,
        user: &str,
        client: &str,
        audience: Option<&str>,
        scope: &[String],
    ) -> Result<(), Error> {
        let key = consent_key(user, client, audience);
        self.write(|write| {
            let mut held: Vec<String> = write.get(CONSENTS, &key)?.unwrap_or_default();
            held.extend(
                scope
                    .iter()
                    .filter(|one| !held.contains(one))
                    .cloned()
                    .collect::<Vec<_>>(),
            );
            write.put(CONSENTS, &key, &held)
        })
    }
}

fn consent_key(user: &str, client: &str, audience: Option<&str>) -> String {
    [user, client, audience.unwrap_or_default()].join("\n")
}
