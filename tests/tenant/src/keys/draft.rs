//! Signing a token, or spoiling it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::fault::Mutation;
use crate::keys::{SigningKey, decoy};

/// A token before it is signed.
pub(super) struct Draft {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    seal: Seal,
}

/// How a token is signed.
#[derive(Clone, Copy)]
enum Seal {
    Right,
    Broken,
    Hmac,
    Es256,
    Empty,
    Garbage,
    Omitted,
}

impl Draft {
    /// Writes the header for a key's signature.
    pub(super) fn new(kid: &str, claims: Map<String, Value>) -> Self {
        let header = [("alg", "RS256"), ("typ", "JWT"), ("kid", kid)];
        let header = header.map(|(name, value)| (name.to_owned(), Value::from(value)));
        Self {
            header: header.into_iter().collect(),
            claims,
            seal: Seal::Right,
        }
    }

    /// Spoils the token the way a fault asks for.
    pub(super) fn suffer(&mut self, mutation: &Mutation) {
        match mutation {
            Mutation::Set(claim, value) => {
                self.claims.insert(claim.clone(), value.clone());
            }
            Mutation::Remove(claim) => {
                self.claims.remove(claim);
            }
            Mutation::Append(claim) => {
                if let Some(Value::String(text)) = self.claims.get_mut(claim) {
                    text.push('1');
                }
            }
            Mutation::Listed(claim, others) => {
                if let Some(value) = self.claims.get_mut(claim) {
                    let mut all = vec![value.take()];
                    all.extend(others.iter().map(|other| Value::from(other.as_str())));
                    *value = all.into();
                }
            }
            Mutation::Expired(seconds) => {
                let issued = self.claims.get("iat").and_then(Value::as_i64);
                let expired = issued.unwrap_or_default() - seconds;
                self.claims.insert("exp".into(), expired.into());
            }
            Mutation::SignedEs256 => {
                self.header.insert("alg".into(), "ES256".into());
                self.seal = Seal::Es256;
            }
            Mutation::Alg(name) => {
                self.header.insert("alg".into(), name.as_str().into());
                if name == "HS256" {
                    self.seal = Seal::Hmac;
                }
            }
            Mutation::Unsigned => {
                self.header.insert("alg".into(), "none".into());
                self.seal = Seal::Empty;
            }
            Mutation::BadSignature => self.seal = Seal::Broken,
            Mutation::WrongKid => {
                self.header
                    .insert("kid".into(), "nobody-published-this".into());
            }
            Mutation::NoKid => {
                self.header.remove("kid");
            }
            Mutation::Omit => self.seal = Seal::Omitted,
            Mutation::Garbage => self.seal = Seal::Garbage,
            Mutation::All(mutations) => mutations.iter().for_each(|one| self.suffer(one)),
        }
    }

    /// Signs; `None` is a token left out.
    pub(super) fn seal(self, key: &SigningKey) -> Result<Option<String>, Error> {
        let part = |map: &Map<String, Value>| {
            URL_SAFE_NO_PAD.encode(Value::Object(map.clone()).to_string())
        };
        let message = format!("{}.{}", part(&self.header), part(&self.claims));
        let sign = |key: &EncodingKey, algorithm| {
            crypto::sign(message.as_bytes(), key, algorithm)
                .map_err(|_| Error::Key { what: "used" })
        };
        let signature = match self.seal {
            Seal::Right => sign(&key.signing, Algorithm::RS256)?,
            Seal::Broken => broken(&sign(&key.signing, Algorithm::RS256)?),
            Seal::Hmac => {
                let modulus = key.public["n"].as_str().unwrap_or_default();
                sign(
                    &EncodingKey::from_secret(modulus.as_bytes()),
                    Algorithm::HS256,
                )?
            }
            Seal::Es256 => sign(&decoy::es256()?, Algorithm::ES256)?,
            Seal::Empty => String::new(),
            Seal::Garbage => return Ok(Some("this is no token".into())),
            Seal::Omitted => return Ok(None),
        };
        Ok(Some(format!("{message}.{signature}")))
    }
}

/// Exchanges the first character for another one, which changes the signature's first byte.
fn broken(signature: &str) -> String {
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    signature
        .chars()
        .enumerate()
        .map(|(at, c)| if at == 0 { first } else { c })
        .collect()
}
