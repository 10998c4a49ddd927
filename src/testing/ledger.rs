//! What a provider in memory has given out, and what of it is still good.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Rotation;
use super::reply::Denied;
use crate::scope::Scope;
use crate::time::UnixTime;

/// What a user has granted to an app at a login.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) sub: String,
    pub(super) audience: Option<String>,
    pub(super) scope: Scope,
    pub(super) organization: Option<String>,
    pub(super) sid: String,
    pub(super) auth_time: UnixTime,
    /// Whether ID tokens say when the user logged in: who sends `max_age` asks for it.
    pub(super) tells_auth_time: bool,
    /// The thumbprint of the key that the tokens are bound to.
    pub(super) key: Option<String>,
}

/// A code, good for one exchange.
pub(super) struct Code {
    pub(super) grant: Grant,
    pub(super) nonce: Option<String>,
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
    pub(super) expires: UnixTime,
    /// The family of the refresh token it was traded for.
    pub(super) family: Option<usize>,
    pub(super) is_spent: bool,
}

/// The refresh tokens that followed each other since one login.
struct Family {
    grant: Grant,
    generation: u32,
    rotated_at: UnixTime,
    expires: UnixTime,
    is_ended: bool,
}

/// An access token, as those who check it see it.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) sub: String,
    pub(super) audiences: Vec<String>,
    pub(super) scope: Scope,
    pub(super) expires: UnixTime,
    pub(super) key: Option<String>,
}

/// How a refresh token is used.
pub(super) struct Use<'a> {
    pub(super) rotation: Rotation,
    /// Whether it stays for once, although others are replaced.
    pub(super) stays: bool,
    /// The thumbprint of the key that its user has proven.
    pub(super) key: Option<&'a str>,
}

/// What comes of a refresh token that is used.
pub(super) struct Used {
    pub(super) grant: Grant,
    /// The one that takes its place.
    pub(super) successor: Option<String>,
}

/// Codes and tokens by their text. No name in it is random: a counter makes every one.
#[derive(Default)]
pub(super) struct Ledger {
    names: BTreeMap<&'static str, u32>,
    pub(super) codes: BTreeMap<String, Code>,
    families: Vec<Family>,
    /// The family and the generation of each refresh token.
    refresh_tokens: BTreeMap<String, (usize, u32)>,
    access_tokens: BTreeMap<String, Access>,
    /// The refresh tokens whose second use has ended a family.
    pub(super) breaches: Vec<String>,
}

impl Ledger {
    /// Makes a text that was never there before, such as `at-1`.
    pub(super) fn name(&mut self, kind: &'static str) -> String {
        let count = self.names.entry(kind).or_default();
        *count += 1;
        format!("{kind}-{count}")
    }

    /// Starts a family; returns it and its first refresh token.
    pub(super) fn begin(&mut self, grant: Grant, now: UnixTime, life: Duration) -> (usize, String) {
        let family = self.families.len();
        self.families.push(Family {
            grant,
            generation: 0,
            rotated_at: now,
            expires: now + life,
            is_ended: false,
        });
        (family, self.refresh_token(family))
    }

    /// Uses a refresh token. One that was replaced ends its family, unless the overlap forgives it.
    ///
    /// Nothing becomes of one that is bound to another key than was proven.
    pub(super) fn refresh(
        &mut self,
        token: &str,
        request: &Use<'_>,
        now: UnixTime,
    ) -> Result<Used, Denied> {
        let unknown = || Denied::invalid_grant("Unknown or invalid refresh token.");
        let &(index, generation) = self.refresh_tokens.get(token).ok_or_else(unknown)?;
        let &Use {
            rotation,
            stays,
            key,
        } = request;
        let family = &mut self.families[index];
        let bound_to = family.grant.key.as_deref();
        if bound_to.is_some() && bound_to != key {
            return Err(unknown());
        }
        let is_replaced = generation < family.generation;
        let is_forgiven = match rotation {
            Rotation::Off => true,
            Rotation::Strict => false,
            Rotation::Overlap(window) => {
                generation + 1 == family.generation && now <= family.rotated_at + window
            }
        };
        // After the end of the family it harms nobody any more, and is a mistake all the same.
        let is_breach = is_replaced && !is_forgiven;
        let is_over = family.is_ended || family.expires <= now;
        if is_breach {
            family.is_ended = true;
            self.breaches.push(token.to_owned());
        }
        if is_breach || is_over {
            return Err(unknown());
        }
        let grant = Grant {
            key: key.map(str::to_owned),
            ..family.grant.clone()
        };
        if stays || rotation == Rotation::Off {
            return Ok(Used {
                grant,
                successor: None,
            });
        }
        if !is_replaced {
            family.generation += 1;
            family.rotated_at = now;
        }
        Ok(Used {
            grant,
            successor: Some(self.refresh_token(index)),
        })
    }

    /// Says whether the provider would take a refresh token now, without using it.
    pub(super) fn accepts(&self, token: &str, rotation: Rotation, now: UnixTime) -> bool {
        let Some(&(index, generation)) = self.refresh_tokens.get(token) else {
            return false;
        };
        let family = &self.families[index];
        let is_good = match rotation {
            Rotation::Off => true,
            Rotation::Strict => generation == family.generation,
            Rotation::Overlap(window) => {
                generation == family.generation
                    || generation + 1 == family.generation && now <= family.rotated_at + window
            }
        };
        is_good && !family.is_ended && now < family.expires
    }

    /// Ends the family of a refresh token, if there is one.
    pub(super) fn revoke(&mut self, token: &str) {
        if let Some(&(family, _)) = self.refresh_tokens.get(token) {
            self.end(family);
        }
    }

    pub(super) fn end(&mut self, family: usize) {
        self.families[family].is_ended = true;
    }

    /// Ends every family of a user.
    pub(super) fn end_all(&mut self, sub: &str) {
        let theirs = |family: &&mut Family| family.grant.sub == sub;
        for family in self.families.iter_mut().filter(theirs) {
            family.is_ended = true;
        }
    }

    pub(super) fn insert_access(&mut self, access: Access) -> String {
        let token = self.name("at");
        self.access_tokens.insert(token.clone(), access);
        token
    }

    pub(super) fn access(&self, token: &str) -> Option<&Access> {
        self.access_tokens.get(token)
    }

    fn refresh_token(&mut self, family: usize) -> String {
        let token = self.name("rt");
        let generation = self.families[family].generation;
        self.refresh_tokens
            .insert(token.clone(), (family, generation));
        token
    }
}
