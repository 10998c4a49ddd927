//! What a login leaves behind, and the steps that must happen at once: spending a code, rotating a token.

use serde::{Deserialize, Serialize};

use crate::authorize::AuthorizeRequest;
use crate::clock::Seconds;
use crate::error::Error;
use crate::random::{fingerprint, secret};
use crate::store::{
    CODES, CONSENTS, FAMILIES, OPAQUE_TOKENS, REFRESH_TOKENS, SESSIONS, Store, TRANSACTIONS, Write,
};

/// A browser's login at the tenant, kept under the hash of its cookie.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) user_id: String,
    pub(crate) sid: String,
    pub(crate) auth_time: Seconds,
    pub(crate) expires: Seconds,
}

/// One visit of `/authorize`, kept until the browser leaves for the application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Transaction {
    pub(crate) request: AuthorizeRequest,
    /// The hash of the browser's own cookie: nobody else may continue.
    pub(crate) browser: String,
    pub(crate) created: Seconds,
    pub(crate) stage: Stage,
}

/// How far a transaction has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    Login,
    Consent {
        user_id: String,
        sid: String,
        auth_time: Seconds,
    },
    Used,
}

/// The organization a user logged in to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// What a user allowed an application, in one login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) user_id: String,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) sid: String,
    pub(crate) auth_time: Seconds,
    /// Whether ID tokens carry `auth_time`, which OIDC asks for with `max_age`.
    pub(crate) tells_auth_time: bool,
    pub(crate) organization: Option<Membership>,
}

/// An authorization code, kept under its hash and kept on after use to notice a second one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CodeRecord {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    /// Whether the authorization request named the redirect URI; then the token request must too.
    pub(crate) redirect_uri_named: bool,
    pub(crate) challenge: String,
    pub(crate) nonce: Option<String>,
    pub(crate) expires: Seconds,
    pub(crate) used: bool,
    pub(crate) family: String,
}

/// All refresh tokens descended from one login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Family {
    pub(crate) grant: Grant,
    pub(crate) generation: u64,
    pub(crate) rotated_at: Seconds,
    pub(crate) expires: Seconds,
    pub(crate) revoked: bool,
}

/// One refresh token, kept under its hash.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefreshRecord {
    pub(crate) family: String,
    pub(crate) generation: u64,
}

/// An access token without audience, good for `/userinfo` alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OpaqueToken {
    pub(crate) grant: Grant,
    pub(crate) expires: Seconds,
}

/// Why a grant was not honoured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    UnknownCode,
    WrongVerifier,
    WrongRedirect {
        sent: Option<String>,
        expected: String,
    },
    UnknownRefreshToken,
}

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

    pub(crate) fn insert_code(&self, code: &str, record: &CodeRecord) -> Result<(), Error> {
        self.write(|write| write.put(CODES, &fingerprint(code), record))
    }

    /// Spends a code; returns it and, when `offline_access` was granted, the first refresh token of its family.
    ///
    /// Whatever is wrong with the request of its own client, the code is gone afterwards.
    pub(crate) fn spend_code(
        &self,
        request: &Spend<'_>,
        now: Seconds,
        lifetime: Seconds,
    ) -> Result<Result<(CodeRecord, Option<String>), Refusal>, Error> {
        let key = fingerprint(request.code);
        self.write(|write| {
            let Some(mut record) = write.get::<CodeRecord>(CODES, &key)? else {
                return Ok(Err(Refusal::UnknownCode));
            };
            if record.grant.client_id != request.client_id {
                return Ok(Err(Refusal::UnknownCode));
            }
            if record.used {
                revoke_family(write, &record.family)?;
                return Ok(Err(Refusal::UnknownCode));
            }
            record.used = true;
            write.put(CODES, &key, &record)?;
            if record.expires <= now {
                return Ok(Err(Refusal::UnknownCode));
            }
            let redirect_fits = match request.redirect_uri {
                Some(sent) => sent == record.redirect_uri,
                None => !record.redirect_uri_named,
            };
            if !redirect_fits {
                return Ok(Err(Refusal::WrongRedirect {
                    sent: request.redirect_uri.map(str::to_owned),
                    expected: record.redirect_uri,
                }));
            }
            if crate::random::sha256(request.verifier.as_bytes()) != record.challenge {
                return Ok(Err(Refusal::WrongVerifier));
            }
            let offline = record
                .grant
                .scope
                .iter()
                .any(|scope| scope == "offline_access");
            let refresh = offline
                .then(|| start_family(write, &record, now, lifetime))
                .transpose()?;
            Ok(Ok((record, refresh)))
        })
    }

    /// Uses a refresh token: returns what it grants and, under rotation, its successor.
    ///
    /// A token that was already used and is not the one just replaced within the overlap
    /// revokes its whole family, as Auth0's reuse detection does.
    pub(crate) fn use_refresh_token(
        &self,
        token: &str,
        client_id: &str,
        rotation: Rotation,
        now: Seconds,
    ) -> Result<Result<(Grant, Option<String>), Refusal>, Error> {
        let key = fingerprint(token);
        self.write(|write| {
            let Some(record) = write.get::<RefreshRecord>(REFRESH_TOKENS, &key)? else {
                return Ok(Err(Refusal::UnknownRefreshToken));
            };
            let Some(mut family) = write.get::<Family>(FAMILIES, &record.family)? else {
                return Ok(Err(Refusal::UnknownRefreshToken));
            };
            if family.grant.client_id != client_id || family.revoked || family.expires <= now {
                return Ok(Err(Refusal::UnknownRefreshToken));
            }
            if !rotation.on {
                return Ok(Ok((family.grant, None)));
            }
            if record.generation == family.generation {
                family.generation += 1;
                family.rotated_at = now;
                write.put(FAMILIES, &record.family, &family)?;
            } else if !rotation.forgives(&record, &family, now) {
                family.revoked = true;
                write.put(FAMILIES, &record.family, &family)?;
                return Ok(Err(Refusal::UnknownRefreshToken));
            }
            let next = secret();
            let successor = RefreshRecord {
                family: record.family,
                generation: family.generation,
            };
            write.put(REFRESH_TOKENS, &fingerprint(&next), &successor)?;
            Ok(Ok((family.grant, Some(next))))
        })
    }

    /// Revokes the family of a refresh token of this client. Unknown tokens are no error (RFC 7009 §2.2).
    pub(crate) fn revoke(&self, token: &str, client_id: &str) -> Result<(), Error> {
        self.write(|write| {
            let Some(record) = write.get::<RefreshRecord>(REFRESH_TOKENS, &fingerprint(token))?
            else {
                return Ok(());
            };
            let family: Option<Family> = write.get(FAMILIES, &record.family)?;
            if family.is_some_and(|family| family.grant.client_id == client_id) {
                revoke_family(write, &record.family)?;
            }
            Ok(())
        })
    }

    pub(crate) fn insert_opaque(&self, token: &str, record: &OpaqueToken) -> Result<(), Error> {
        self.write(|write| write.put(OPAQUE_TOKENS, &fingerprint(token), record))
    }

    pub(crate) fn opaque(&self, token: &str, now: Seconds) -> Result<Option<OpaqueToken>, Error> {
        let record: Option<OpaqueToken> = self.read(OPAQUE_TOKENS, &fingerprint(token))?;
        Ok(record.filter(|record| record.expires > now))
    }
}

/// What a token request says about a code.
#[derive(Clone, Copy)]
pub(crate) struct Spend<'a> {
    pub(crate) code: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: Option<&'a str>,
    pub(crate) verifier: &'a str,
}

/// How refresh tokens follow each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rotation {
    pub(crate) on: bool,
    pub(crate) overlap: Seconds,
}

impl Rotation {
    fn forgives(self, record: &RefreshRecord, family: &Family, now: Seconds) -> bool {
        let just_replaced = record.generation + 1 == family.generation;
        self.overlap > 0 && just_replaced && now - family.rotated_at <= self.overlap
    }
}

fn start_family(
    write: &Write,
    code: &CodeRecord,
    now: Seconds,
    lifetime: Seconds,
) -> Result<String, Error> {
    let token = secret();
    let family = Family {
        grant: code.grant.clone(),
        generation: 0,
        rotated_at: now,
        expires: now + lifetime,
        revoked: false,
    };
    write.put(FAMILIES, &code.family, &family)?;
    let record = RefreshRecord {
        family: code.family.clone(),
        generation: 0,
    };
    write.put(REFRESH_TOKENS, &fingerprint(&token), &record)?;
    Ok(token)
}

fn revoke_family(write: &Write, id: &str) -> Result<(), Error> {
    if let Some(mut family) = write.get::<Family>(FAMILIES, id)? {
        family.revoked = true;
        write.put(FAMILIES, id, &family)?;
    }
    Ok(())
}

fn consent_key(user: &str, client: &str, audience: Option<&str>) -> String {
    [user, client, audience.unwrap_or_default()].join("\n")
}
