//! Codes and tokens: what must happen at once happens in one write.

use crate::clock::Seconds;
use crate::error::Error;
use crate::random::{fingerprint, secret, sha256};
use crate::store::{
    CODES, CodeRecord, FAMILIES, Family, Grant, OPAQUE_TOKENS, OpaqueToken, REFRESH_TOKENS,
    RefreshRecord, Refusal, Store, USERS, User, Write,
};

/// What a token request says about a code.
#[derive(Clone, Copy)]
pub(crate) struct Spend<'a> {
    pub(crate) code: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: Option<&'a str>,
    pub(crate) verifier: &'a str,
    /// The thumbprint of the key the request proves.
    pub(crate) key: Option<&'a str>,
}

/// What a token request says about a refresh token.
#[derive(Clone, Copy)]
pub(crate) struct Use<'a> {
    pub(crate) token: &'a str,
    pub(crate) client_id: &'a str,
    /// The thumbprint of the key the request proves.
    pub(crate) key: Option<&'a str>,
}

/// What a family of refresh tokens begins with.
#[derive(Clone, Copy)]
pub(crate) struct Start<'a> {
    pub(crate) family: &'a str,
    pub(crate) grant: &'a Grant,
    /// The thumbprint of the key its tokens are bound to.
    pub(crate) key: Option<&'a str>,
    pub(crate) now: Seconds,
    pub(crate) lifetime: Seconds,
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

impl Store {
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
            if sha256(request.verifier.as_bytes()) != record.challenge {
                return Ok(Err(Refusal::WrongVerifier));
            }
            if let Err(refusal) = fits(record.key.as_deref(), request.key) {
                return Ok(Err(refusal));
            }
            let start = Start {
                family: &record.family,
                grant: &record.grant,
                key: request.key,
                now,
                lifetime,
            };
            let refresh = first_refresh_token(write, &start)?;
            Ok(Ok((record, refresh)))
        })
    }

    /// Uses a refresh token: returns what it grants and, under rotation, its successor.
    ///
    /// A request without the key the token is bound to does not use it up, nor does one that needs a second factor. A
    /// token that was already used and is not the one just replaced within the overlap revokes its whole family, as
    /// Auth0's reuse detection does.
    pub(crate) fn use_refresh_token(
        &self,
        presented: Use<'_>,
        rotation: Rotation,
        now: Seconds,
    ) -> Result<Result<(Grant, Option<String>), Refusal>, Error> {
        let key = fingerprint(presented.token);
        self.write(|write| {
            let Some(record) = write.get::<RefreshRecord>(REFRESH_TOKENS, &key)? else {
                return Ok(Err(Refusal::UnknownRefreshToken));
            };
            let Some(mut family) = write.get::<Family>(FAMILIES, &record.family)? else {
                return Ok(Err(Refusal::UnknownRefreshToken));
            };
            let foreign = family.grant.client_id != presented.client_id;
            if foreign || family.revoked || family.expires <= now {
                return Ok(Err(Refusal::UnknownRefreshToken));
            }
            if let Err(refusal) = fits(family.key.as_deref(), presented.key) {
                return Ok(Err(refusal));
            }
            let is_current = record.generation == family.generation;
            if rotation.on && !is_current && !rotation.forgives(&record, &family, now) {
                family.revoked = true;
                write.put(FAMILIES, &record.family, &family)?;
                return Ok(Err(Refusal::UnknownRefreshToken));
            }
            let user: Option<User> = write.get(USERS, &family.grant.user_id)?;
            if user.is_some_and(|user| user.mfa_required && !user.blocked) {
                return Ok(Err(Refusal::MfaRequired));
            }
            if !rotation.on {
                return Ok(Ok((family.grant, None)));
            }
            if is_current {
                family.generation += 1;
                family.rotated_at = now;
                write.put(FAMILIES, &record.family, &family)?;
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

    /// Starts a family of refresh tokens, when `offline_access` was granted.
    pub(crate) fn start(&self, start: &Start<'_>) -> Result<Option<String>, Error> {
        self.write(|write| first_refresh_token(write, start))
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

/// Whether a request proves the key that something is bound to.
fn fits(bound_to: Option<&str>, proven: Option<&str>) -> Result<(), Refusal> {
    match (bound_to, proven) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(Refusal::NoProof),
        (Some(key), Some(proven)) if key == proven => Ok(()),
        (Some(_), Some(_)) => Err(Refusal::WrongKey),
    }
}

/// Makes the first refresh token of a family, when `offline_access` was granted.
pub(super) fn first_refresh_token(
    write: &Write,
    start: &Start<'_>,
) -> Result<Option<String>, Error> {
    if !start.grant.has("offline_access") {
        return Ok(None);
    }
    let token = secret();
    let family = Family {
        grant: start.grant.clone(),
        generation: 0,
        rotated_at: start.now,
        expires: start.now + start.lifetime,
        revoked: false,
        key: start.key.map(str::to_owned),
    };
    write.put(FAMILIES, start.family, &family)?;
    let record = RefreshRecord {
        family: start.family.to_owned(),
        generation: family.generation,
    };
    write.put(REFRESH_TOKENS, &fingerprint(&token), &record)?;
    Ok(Some(token))
}

fn revoke_family(write: &Write, id: &str) -> Result<(), Error> {
    if let Some(mut family) = write.get::<Family>(FAMILIES, id)? {
        family.revoked = true;
        write.put(FAMILIES, id, &family)?;
    }
    Ok(())
}
