//! What a provider in memory says of its users, and signs.

use serde_json::{Map, Value};

use super::fault::set;
use super::ledger::Grant;
use super::{Fault, MemoryProvider, key};
use crate::scope::Scope;

impl MemoryProvider {
    pub(super) fn id_token(
        &self,
        grant: &Grant,
        nonce: Option<String>,
        fault: Option<&Fault>,
    ) -> String {
        let rules = self.rules.borrow();
        let now = self.now();
        let mut claims = self.claims(&grant.sub, &grant.scope);
        let mut claim = |name: &str, value: Value| {
            claims.insert(name.to_owned(), value);
        };
        claim("iss", rules.issuer.as_str().into());
        claim("aud", rules.client_id.as_str().into());
        claim("iat", now.seconds().into());
        claim("exp", (now + rules.id_token_lifetime).seconds().into());
        claim("sid", grant.sid.as_str().into());
        if let Some(nonce) = nonce {
            claim("nonce", nonce.into());
        }
        if grant.tells_auth_time {
            claim("auth_time", grant.auth_time.seconds().into());
        }
        match grant.organization.as_deref() {
            Some(id) if id.starts_with("org_") => claim("org_id", id.into()),
            Some(name) => {
                claim("org_id", ["org_", name].concat().into());
                claim("org_name", name.into());
            }
            None => {}
        }
        if let Some(account) = self.account(&grant.sub) {
            claims.extend(account.claims);
        }
        if let Some(Fault::Claim(name, value)) = fault {
            set(&mut claims, name, value);
        }
        let token = key::sign(&self.kid(), &Value::Object(claims));
        match fault {
            Some(Fault::Forged) => key::forge(&token),
            _ => token,
        }
    }

    /// The claims about a user that a scope opens.
    pub(super) fn claims(&self, sub: &str, scope: &Scope) -> Map<String, Value> {
        let mut claims = Map::new();
        claims.insert("sub".into(), sub.into());
        let Some(account) = self.account(sub) else {
            return claims;
        };
        if scope.contains("profile") {
            claims.insert("name".into(), account.name.into());
        }
        if scope.contains("email") {
            claims.insert("email".into(), account.email.into());
            claims.insert("email_verified".into(), true.into());
        }
        claims
    }
}
