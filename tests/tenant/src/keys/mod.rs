//! The keys tokens are signed with: published as a JWKS, rotated on demand, kept in the store.

mod decoy;
mod draft;

use std::sync::{PoisonError, RwLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::Seconds;
use crate::error::Error;
use crate::fault::Mutation;
use crate::keys::draft::Draft;
use crate::random;
use crate::store::{KEYS, Store};

/// A key for tests, in this source for everyone to read. Stores in memory start with it.
const PUBLISHED_TEST_KEY: &str = include_str!("published_test_key.pem");
const PUBLISHED_TEST_KID: &str = "published-test-key";

/// The signing keys, newest last. The newest signs; all are published.
pub(crate) struct KeyRing {
    keys: RwLock<Vec<SigningKey>>,
    store: Store,
}

struct SigningKey {
    kid: String,
    number: u64,
    signing: EncodingKey,
    verifying: DecodingKey,
    public: Value,
}

#[derive(Serialize, Deserialize)]
struct KeyRecord {
    kid: String,
    number: u64,
    pem: String,
}

impl KeyRing {
    /// Reads the store's keys; an empty store gets its first one.
    pub(crate) fn open(store: Store) -> Result<Self, Error> {
        let mut records: Vec<KeyRecord> = store.all(KEYS)?;
        if records.is_empty() {
            let first = first_key(&store)?;
            store.write(|write| write.put(KEYS, &first.kid, &first))?;
            records.push(first);
        }
        let mut keys = records
            .iter()
            .map(SigningKey::read)
            .collect::<Result<Vec<_>, _>>()?;
        keys.sort_by_key(|key| key.number);
        Ok(Self {
            keys: RwLock::new(keys),
            store,
        })
    }

    /// Makes a new key the signing one. The one before stays published, older ones go.
    pub(crate) fn rotate(&self) -> Result<String, Error> {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let number = keys.last().map_or(0, |key| key.number + 1);
        let record = generate(number)?;
        let key = SigningKey::read(&record)?;
        let gone = keys.len().saturating_sub(1);
        self.store.write(|write| {
            for old in keys.iter().take(gone) {
                write.remove(KEYS, &old.kid)?;
            }
            write.put(KEYS, &record.kid, &record)
        })?;
        keys.drain(..gone);
        keys.push(key);
        Ok(record.kid)
    }

    /// Takes every key but the signing one out of the JWKS.
    pub(crate) fn retire(&self) -> Result<(), Error> {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let gone = keys.len().saturating_sub(1);
        self.store.write(|write| {
            keys.iter()
                .take(gone)
                .try_for_each(|old| write.remove(KEYS, &old.kid))
        })?;
        keys.drain(..gone);
        Ok(())
    }

    /// The public keys, as `/.well-known/jwks.json` shows them.
    pub(crate) fn jwks(&self) -> Value {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        json!({ "keys": keys.iter().map(|key| key.public.clone()).collect::<Vec<_>>() })
    }

    /// The same, with keys of other kinds before them that share the name of the signing one.
    pub(crate) fn jwks_with_decoys(&self) -> Value {
        let mut jwks = self.jwks();
        if let Some(keys) = jwks["keys"].as_array_mut()
            && let Some(kid) = keys.last().and_then(|key| key["kid"].as_str())
        {
            let decoys = decoy::named(kid);
            keys.splice(0..0, decoys);
        }
        jwks
    }

    /// Signs claims, or does to them what a fault asks for.
    pub(crate) fn sign(
        &self,
        claims: Map<String, Value>,
        mutation: Option<&Mutation>,
    ) -> Result<Option<String>, Error> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.last().ok_or(Error::Key { what: "used" })?;
        let mut draft = Draft::new(&key.kid, claims);
        if let Some(mutation) = mutation {
            draft.suffer(mutation);
        }
        draft.seal(key)
    }

    /// Verifies a token of ours: signature and issuer always, expiry by the tenant's clock when asked.
    pub(crate) fn verify(
        &self,
        token: &str,
        issuer: &str,
        now: Option<Seconds>,
    ) -> Result<Map<String, Value>, Invalid> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Invalid::Malformed)?;
        if header.alg != Algorithm::RS256 {
            return Err(Invalid::Malformed);
        }
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let kid = header.kid.ok_or(Invalid::Malformed)?;
        let key = keys
            .iter()
            .find(|key| key.kid == kid)
            .ok_or(Invalid::Signature)?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["iss", "sub", "exp"]);
        let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &key.verifying, &validation)
            .map_err(|_| Invalid::Signature)?
            .claims;
        let expires = claims
            .get("exp")
            .and_then(Value::as_i64)
            .ok_or(Invalid::Malformed)?;
        match now {
            Some(now) if expires <= now => Err(Invalid::Expired),
            _ => Ok(claims),
        }
    }
}

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invalid {
    Malformed,
    Signature,
    Expired,
}

impl SigningKey {
    fn read(record: &KeyRecord) -> Result<Self, Error> {
        let unreadable = |_| Error::Key { what: "read" };
        let signing = EncodingKey::from_rsa_pem(record.pem.as_bytes()).map_err(unreadable)?;
        let jwk = Jwk::from_encoding_key(&signing, Algorithm::RS256).map_err(unreadable)?;
        let verifying = DecodingKey::from_jwk(&jwk).map_err(unreadable)?;
        let mut public = serde_json::to_value(&jwk).map_err(|_| Error::Key { what: "read" })?;
        public["use"] = "sig".into();
        public["alg"] = "RS256".into();
        public["kid"] = record.kid.as_str().into();
        Ok(Self {
            kid: record.kid.clone(),
            number: record.number,
            signing,
            verifying,
            public,
        })
    }
}

fn first_key(store: &Store) -> Result<KeyRecord, Error> {
    if store.is_lasting() {
        return generate(0);
    }
    Ok(KeyRecord {
        kid: PUBLISHED_TEST_KID.into(),
        number: 0,
        pem: PUBLISHED_TEST_KEY.into(),
    })
}

fn generate(number: u64) -> Result<KeyRecord, Error> {
    let failed = |_| Error::Key { what: "generated" };
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
    let body = STANDARD.encode(der.as_ref());
    let lines: Vec<&str> = body
        .as_bytes()
        .chunks(64)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    );
    Ok(KeyRecord {
        kid: random::hex24(),
        number,
        pem,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Map<String, Value> {
        let Value::Object(map) = json!({ "iss": "i", "sub": "s", "exp": 10 }) else {
            unreachable!()
        };
        map
    }

    #[test]
    fn a_signed_token_verifies_until_it_expires() {
        let ring = KeyRing::open(Store::memory().expect("memory")).expect("ring");
        let token = ring.sign(claims(), None).expect("signs").expect("present");
        assert!(ring.verify(&token, "i", Some(9)).is_ok());
        assert_eq!(ring.verify(&token, "i", Some(10)), Err(Invalid::Expired));
        assert_eq!(
            ring.verify(&token, "other", Some(9)),
            Err(Invalid::Signature)
        );
    }

    #[test]
    fn no_mutated_token_verifies() {
        let ring = KeyRing::open(Store::memory().expect("memory")).expect("ring");
        let mutations = [
            Mutation::Alg("HS256".into()),
            Mutation::Alg("ES256".into()),
            Mutation::Unsigned,
            Mutation::BadSignature,
            Mutation::WrongKid,
            Mutation::NoKid,
            Mutation::Garbage,
            Mutation::All(vec![Mutation::Remove("sub".into())]),
        ];
        for mutation in mutations {
            let token = ring
                .sign(claims(), Some(&mutation))
                .expect("signs")
                .expect("present");
            assert!(ring.verify(&token, "i", Some(9)).is_err(), "{mutation:?}");
        }
    }

    #[test]
    fn rotation_keeps_the_key_before_and_drops_older_ones() {
        let store = Store::memory().expect("memory");
        let ring = KeyRing::open(store.clone()).expect("ring");
        let old = ring.sign(claims(), None).expect("signs").expect("present");
        ring.rotate().expect("rotates");
        assert!(ring.verify(&old, "i", Some(9)).is_ok());
        let newest = ring.rotate().expect("rotates");
        assert!(ring.verify(&old, "i", Some(9)).is_err());
        let reopened = KeyRing::open(store).expect("ring").jwks();
        assert_eq!(reopened, ring.jwks());
        assert_eq!(reopened["keys"][1]["kid"], newest.as_str());
    }
}
